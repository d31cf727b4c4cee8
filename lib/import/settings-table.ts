import { APPLICATION, Parameter, SETTINGS } from '../contract/environment';
// Imported, not read, so that it is part of a bundle
import * as reasons from './files/horizon-settings.json';
import * as owned from './files/owned-settings.json';

/** How a setting of Horizon, or a key of one, is set. */
export interface SettingRow {
  /** The setting, with its keys after dots. */
  readonly setting: string;
  readonly by: 'prop' | 'library' | 'extraSettings';
  /** The path of the prop of `OpenStackDashboard`; without a group, it is one of `settings`. */
  readonly prop?: string;
  /** What it means, or the reason why there is no prop. */
  readonly meaning: string;
  readonly parameter?: Parameter;
}

/** The props that do not belong to `settings`, by the construct that sets the parameter. */
const ELSEWHERE: Record<string, string> = {
  DashboardHosts: 'hosts',
  SessionBackend: 'session',
  StaticTier: 'staticMedia',
};

/** Props that become settings of the library, which Horizon does not know. */
const OWN = /^(apiTimeouts|downloads|quickPages)\./;

/** The settings without a prop that the library does not set. */
const REASONS: Readonly<Record<string, string>> = reasons;

/** Why the library keeps settings to itself, of those whose reason hosts do not need. */
const OWNED: Readonly<Record<string, string>> = owned;

/** All settings of Horizon in alphabetical order, from the contract and the reasons for those without a prop. */
export function settingRows(): SettingRow[] {
  const byParameters = Object.values(APPLICATION).flatMap((parameter): SettingRow[] => {
    const { setting, prop, setBy, meaning } = parameter;
    if (setting === undefined || OWN.test(prop ?? '')) {
      return [];
    }
    const group = ELSEWHERE[setBy[0] ?? ''];
    const named = group === undefined ? prop : `${group}.${prop}`;
    return prop === undefined
      ? [{ setting, by: 'library', meaning, parameter }]
      : [{ setting, by: 'prop', prop: named, meaning, parameter }];
  });
  const given = new Set(byParameters.map(({ setting }) => setting.split('.')[0]));
  const fixed = Object.entries(SETTINGS)
    .filter(([name]) => !given.has(name) && name !== 'CDK_OPENSTACK_DASHBOARD')
    .map(([name, { why = OWNED[name] ?? '', value, override, prop }]): SettingRow => {
      const fixedTo = value === undefined ? '' : `\`${JSON.stringify(value)}\``;
      return {
        setting: name,
        by: override ? 'extraSettings' : 'library',
        prop,
        meaning: [fixedTo, why].filter(Boolean).join(': '),
      };
    });
  const others = Object.entries(REASONS)
    .filter(([name]) => name !== 'default')
    .map(([name, reason]): SettingRow => ({ setting: name, by: 'extraSettings', meaning: reason }));
  return [...byParameters, ...fixed, ...others].sort((one, other) =>
    one.setting < other.setting ? -1 : 1,
  );
}

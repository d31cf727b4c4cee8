import { OwnSource } from '../../pack/rule';
import { settingRule } from '../kinds/setting-rule';

// Settings that hold credentials, by typical names or the names that Django and Horizon use.
const SECRET =
  /SECRET|PASSWORD(?!_(VALIDATOR|AUTOCOMPLETE)|S?_RETRIEVE)|PASSPHRASE|CREDENTIAL|TOKEN(?!_(TIMEOUT|HASH))|PRIVATE|(^|_)KEY$|API_KEY|^(CACHES|DATABASES)$/i;
const HARMLESS = /^(DISABLE|ENABLE|ENFORCE|HORIZON|OPENSTACK_ENABLE|PASSWORD)_.*PASSWORD/i;

/** Whether a setting holds a secret, by its name. */
export const isSecret = (name: string): boolean => SECRET.test(name) && !HARMLESS.test(name);

const names = (value: string): string[] => value.split(',').map((name) => name.trim());

export const settingsRestApi = settingRule({
  id: 'SETTINGS17',
  guideRules: [],
  level: 'error',
  ours: 'extraSettings does not accept the names of secret settings',
  cause: 'REST_API_ADDITIONAL_SETTINGS names a setting that holds a secret.',
  explanation:
    'Horizon sends the settings in this list to the browser of every logged-in user ' +
    '(/api/settings/). With SECRET_KEY, a user can forge sessions.',
  page: OwnSource.HORIZON_SETTINGS,
  fix: 'Remove the names of secret settings from REST_API_ADDITIONAL_SETTINGS.',
  setting: 'REST_API_ADDITIONAL_SETTINGS',
  wrong: (value) => names(value).some(isSecret),
  partial: ({ text }) => names(text).some(isSecret),
});

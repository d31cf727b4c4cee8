// Imported, not read, so that it is part of a bundle
import * as contract from '../settings/files/usr/local/lib/openstack-dashboard/python/openstack_dashboard_contract.json';

/** An environment parameter, as in the contract between constructs and hosts. */
export interface Parameter {
  /** The hosts that have it, in host.env. */
  readonly tiers?: readonly string[];
  /** The name of the parser on hosts. */
  readonly type: string;
  /** The format that the type does not describe, for the documentation. */
  readonly format?: string;
  readonly unit?: string;
  readonly allowed?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** The pattern that scripts on hosts require before they use it. */
  readonly pattern?: string;
  /** Whether hosts fail without it. */
  readonly required?: boolean;
  /** The default on hosts. Without a default, Horizon's own value applies. */
  readonly default?: string;
  /** The meaning of a missing parameter, if it is not Horizon's own value. */
  readonly unset?: string;
  /** The default of the constructs, if it differs from that of hosts. */
  readonly construct?: string;
  /** The setting of Django or Horizon that it becomes, as a path if it is a part of one. */
  readonly setting?: string;
  /** Whether hosts accept the setting in `EXTRA_SETTINGS`; the constructs have a prop for it. */
  readonly override?: boolean;
  /** The classes of the library or scripts of hosts that set it. */
  readonly setBy: readonly string[];
  /** The prop that sets it. */
  readonly prop?: string;
  readonly readBy: readonly string[];
  /** The rules about it. The boot check reports a different value under the first one. */
  readonly rules?: readonly string[];
  readonly meaning: string;
}

/** A setting that no parameter sets under its own name. */
export interface OwnedSetting {
  /** The value on hosts, if it is always the same. */
  readonly value?: string | boolean;
  readonly why?: string;
  /** The prop to use instead, if there is one. */
  readonly prop?: string;
  readonly override?: boolean;
  readonly rules?: readonly string[];
}

/** What the parameter with sources of the content security policy may contain. */
export interface PolicySources {
  /** By directive, the kinds of sources that it may have in addition to origins. */
  readonly directives: Readonly<Record<string, readonly ('hash' | 'data')[]>>;
  readonly origin: string;
  readonly hash: string;
  readonly data: string;
}

interface Contract {
  /** Patterns of https URLs, and of what begins as an http URL. */
  readonly urls: { readonly https: string; readonly plain: string };
  /** The sources that a policy may have, by directive, and their patterns. */
  readonly policySources: PolicySources;
  readonly application: Readonly<Record<string, Parameter>>;
  readonly machine: Readonly<Record<string, Parameter>>;
  readonly settings: Readonly<Record<string, OwnedSetting>>;
}

// Hosts and containers read it too, from the folder of the Python modules.
const { application, machine, settings, urls, policySources } = contract as unknown as Contract;

/** The sources of the content security policy. */
export const POLICY_SOURCES = policySources;

/** The parameters of dashboard.env and release.env, by name, in the order in which hosts read them. */
export const APPLICATION = application;

/** The parameters of host.env, by name. */
export const MACHINE = machine;

/** The settings without a parameter of the same name. */
export const SETTINGS = settings;

/** The patterns of URLs. */
export const URLS = urls;

/**
 * A parameter of the application or else of the machine.
 *
 * @throws if the contract has no such parameter
 */
export function parameter(name: string): Parameter {
  const found = [APPLICATION, MACHINE].find((parameters) => Object.hasOwn(parameters, name));
  if (!found) {
    throw new Error(`the contract has no parameter ${name}`);
  }
  return found[name];
}

/**
 * The bounds of a parameter that is a number.
 *
 * @throws if the contract has no bounds for it
 */
export function boundsOf(name: string): readonly [min: number, max: number] {
  const { min, max } = parameter(name);
  if (min === undefined || max === undefined) {
    throw new Error(`the contract has no bounds for ${name}`);
  }
  return [min, max];
}

/** The engines of sessions that hosts accept. */
export const [CACHE_ENGINE, SIGNED_COOKIES_ENGINE, SEALED_COOKIES_ENGINE] =
  parameter('SESSION_ENGINE').allowed!;

/** The default of a parameter in the constructs. */
export function constructDefault(name: string): string {
  const { construct, default: byHosts } = parameter(name);
  const value = construct ?? byHosts;
  if (value === undefined) {
    throw new Error(`the contract has no default for ${name}`);
  }
  return value;
}

/** The default of a numeric parameter in the constructs. */
export function constructNumber(name: string): number {
  return Number(constructDefault(name));
}

/** The parameters of a group of props such as `quickPages`, by the names of its props. */
export function parametersOf(group: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(APPLICATION)
      .filter(([, { prop }]) => prop?.startsWith(`${group}.`))
      .map(([name, { prop }]) => [prop!.slice(group.length + 1), name]),
  );
}

/** The props that set keys of a setting, by key. */
export function keysOf(setting: string): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.values(APPLICATION)
      .filter((parameter) => parameter.setting?.startsWith(`${setting}.`))
      .map((parameter) => [parameter.setting!.split('.')[1], parameter.prop]),
  );
}

/** The prop for a setting that the library owns, if there is one. */
export function propOf(setting: string): string | undefined {
  return SETTINGS[setting]?.prop ?? APPLICATION[setting]?.prop;
}

/** The settings that the library or its props set, in alphabetical order. */
export function ownedSettings(): string[] {
  const byParameters = Object.keys(APPLICATION).filter(
    (name) => APPLICATION[name].setting === name,
  );
  const others = Object.keys(SETTINGS).filter((name) => !SETTINGS[name].override);
  return [...new Set([...byParameters, ...others])].sort();
}

import { Size, Token, Tokenization } from 'aws-cdk-lib';
import { APPLICATION, boundsOf, parameter, parametersOf } from '../contract/environment';
import { isHttpsUrl } from '../contract/urls';
import { invalid } from '../shared/errors';
import { requireBytes, requireInteger, requireLine } from '../shared/validate';
import { AngularFeatures } from './angular-features';
import { ComputeSettings, LaunchInstanceDefaults } from './compute-settings';
import { IdentitySettings } from './identity-settings';
import { ImageSettings, imageValues, pairsOf } from './image-settings';
import { NetworkSettings, networkValues, requireNetwork } from './network-settings';
import { SettingValue } from './setting-value';
import { ObjectStoreSettings, VolumeSettings } from './storage-settings';

/**
 * A kubeconfig file that users download for an application credential, for a Kubernetes cluster whose
 * identity provider is Keystone.
 */
export interface KubeconfigSettings {
  /**
   * The CA certificate of the Kubernetes API in base64, as in a kubeconfig file
   * (`KUBECONFIG_CERTIFICATE_AUTHORITY_DATA`).
   *
   * @default - none; users need a CA that their system trusts
   */
  readonly certificateAuthorityData?: string;

  /** The https URL of the Kubernetes API (`KUBECONFIG_KUBERNETES_URL`). */
  readonly kubernetesUrl: string;
}

/** Settings of panels, and of what they show. */
export interface ServiceSettings {
  /**
   * Panels that exist twice in Horizon.
   *
   * @default - those that Horizon uses
   */
  readonly angularFeatures?: AngularFeatures;

  /**
   * Whether scripts of pages can read the token of the user (`ENABLE_CLIENT_TOKEN`). No panel of Horizon
   * needs it; some plugins may. A script that an attacker injects could then steal the token.
   *
   * @default false
   */
  readonly clientToken?: boolean;

  /**
   * How users launch and operate instances.
   *
   * @default - Horizon's defaults
   */
  readonly compute?: ComputeSettings;

  /**
   * The language of users whose browser does not prefer one of `languages` (`LANGUAGE_CODE`).
   *
   * @default 'en'
   */
  readonly defaultLanguage?: string;

  /**
   * Links on the administrator's overview, as https URLs by label (`EXTERNAL_MONITORING`).
   *
   * @default - none
   */
  readonly externalMonitoring?: { [label: string]: string };

  /**
   * Users, groups, projects and roles.
   *
   * @default - Horizon's defaults
   */
  readonly identity?: IdentitySettings;

  /**
   * Images, and how users create them.
   *
   * @default - Horizon's defaults
   */
  readonly image?: ImageSettings;

  /**
   * A kubeconfig file for application credentials.
   *
   * @default - none
   */
  readonly kubeconfig?: KubeconfigSettings;

  /**
   * The languages that users can select, as codes such as `de` or `pt-br` (`LANGUAGES`).
   *
   * @default - all languages of Horizon
   */
  readonly languages?: string[];

  /**
   * What is offered and selected when users launch an instance.
   *
   * @default - Horizon's defaults
   */
  readonly launchInstance?: LaunchInstanceDefaults;

  /**
   * Networks, subnets, ports and security groups.
   *
   * @default - Horizon's defaults
   */
  readonly network?: NetworkSettings;

  /**
   * Containers and objects of Swift.
   *
   * @default - Horizon's defaults
   */
  readonly objectStore?: ObjectStoreSettings;

  /**
   * How many days the overview covers, from 1 to 366, or 0 for the current month
   * (`OVERVIEW_DAYS_RANGE`). More days are slower.
   *
   * @default 1
   */
  readonly overviewDays?: number;

  /**
   * Where the logo leads: a path of the dashboard, or an https URL (`SITE_BRANDING_LINK`).
   *
   * @default - the first page after login
   */
  readonly siteBrandingLink?: string;

  /**
   * Volumes.
   *
   * @default - Horizon's defaults
   */
  readonly volume?: VolumeSettings;
}

const GROUPS = [
  'angularFeatures',
  'compute',
  'identity',
  'image',
  'kubeconfig',
  'launchInstance',
  'network',
  'objectStore',
  'volume',
] as const;

const PROPS: Readonly<Partial<Record<keyof ServiceSettings, string>>> = {
  clientToken: 'ENABLE_CLIENT_TOKEN',
  defaultLanguage: 'LANGUAGE_CODE',
  externalMonitoring: 'EXTERNAL_MONITORING',
  languages: 'LANGUAGES',
  overviewDays: 'OVERVIEW_DAYS_RANGE',
  siteBrandingLink: 'SITE_BRANDING_LINK',
};

const CONVERTERS: Record<string, Record<string, (value: never) => SettingValue>> = {
  image: imageValues,
  network: networkValues,
};

/** The parameters of the given settings; the others have Horizon's own values. */
export function serviceParameters(settings: ServiceSettings): { [name: string]: string } {
  requireNetwork(settings.network ?? {});
  requireLanguages(settings);
  requireUrls(settings);
  const environment: { [name: string]: string } = {};
  for (const group of GROUPS) {
    const values = (settings[group] ?? {}) as { readonly [prop: string]: unknown };
    // In the order of the contract: a different order would be different user data, and replace hosts
    for (const [prop, name] of Object.entries(parametersOf(group))) {
      const value = values[prop];
      if (value !== undefined) {
        const convert = CONVERTERS[group]?.[prop];
        environment[name] = convert
          ? convert(value as never).literal
          : rendered(`${group}.${prop}`, name, value);
      }
    }
  }
  for (const [prop, name] of Object.entries(PROPS)) {
    const value = settings[prop as keyof ServiceSettings];
    if (value !== undefined) {
      environment[name] = rendered(prop, name, value);
    }
  }
  if (settings.kubeconfig) {
    environment.KUBECONFIG_ENABLED = 'true';
  }
  return environment;
}

/** The value of a parameter, in the form that its type has on hosts. */
function rendered(prop: string, name: string, value: unknown): string {
  switch (parameter(name).type) {
    case 'within':
      requireInteger(undefined, prop, value as number, ...boundsOf(name));
      return Tokenization.stringifyNumber(value as number);
    case 'size':
      return Tokenization.stringifyNumber(
        requireBytes(undefined, prop, value as Size, ...boundsOf(name)),
      );
    case 'languages':
    case 'list':
      for (const item of value as string[]) {
        requireLine(undefined, prop, item);
      }
      return SettingValue.stringList(...(value as string[])).literal;
    case 'map':
    case 'pairs':
      return textsOf(prop, name, value as { [key: string]: string });
    case 'console':
    case 'one_of':
      return (value as { name: string }).name;
    case 'boolean':
    case 'certificate':
      return String(value);
    default:
      requireLine(undefined, prop, value as string);
      return value as string;
  }
}

function textsOf(prop: string, name: string, texts: { [key: string]: string }): string {
  for (const text of Object.entries(texts).flat()) {
    requireLine(undefined, prop, text);
  }
  return parameter(name).type === 'pairs'
    ? pairsOf(texts).literal
    : SettingValue.mapOf(
        Object.fromEntries(
          Object.entries(texts).map(([key, text]) => [key, SettingValue.fromString(text)]),
        ),
      ).literal;
}

function requireLanguages({ languages, defaultLanguage }: ServiceSettings): void {
  const known = APPLICATION.LANGUAGES.allowed!;
  for (const code of languages ?? []) {
    if (!Token.isUnresolved(code) && !known.includes(code)) {
      throw invalid(undefined, 'languages', `have codes of ${known.join(', ')}`, code);
    }
  }
  if (languages?.length === 0) {
    throw invalid(undefined, 'languages', 'have at least one language', languages);
  }
  const offered = languages ?? known;
  if (
    defaultLanguage !== undefined &&
    ![defaultLanguage, ...offered].some((code) => Token.isUnresolved(code)) &&
    !offered.includes(defaultLanguage)
  ) {
    throw invalid(undefined, 'defaultLanguage', `be one of ${offered.join(', ')}`, defaultLanguage);
  }
}

function requireUrls(settings: ServiceSettings): void {
  const { externalMonitoring = {}, kubeconfig, siteBrandingLink } = settings;
  const urls = [
    ...Object.values(externalMonitoring).map((url) => ['externalMonitoring', url]),
    ...(kubeconfig ? [['kubeconfig.kubernetesUrl', kubeconfig.kubernetesUrl]] : []),
  ];
  for (const [prop, url] of urls) {
    if (!Token.isUnresolved(url) && !isHttpsUrl(url)) {
      throw invalid(undefined, prop, 'be an https URL', url);
    }
  }
  if (
    siteBrandingLink !== undefined &&
    !Token.isUnresolved(siteBrandingLink) &&
    !/^\/(?!\/)[!-~]*$/.test(siteBrandingLink) &&
    !isHttpsUrl(siteBrandingLink)
  ) {
    throw invalid(
      undefined,
      'siteBrandingLink',
      'be a path of the dashboard or an https URL',
      siteBrandingLink,
    );
  }
  const data = kubeconfig?.certificateAuthorityData;
  if (data !== undefined && !Token.isUnresolved(data) && !isCertificateInBase64(data)) {
    throw invalid(
      undefined,
      'kubeconfig.certificateAuthorityData',
      'be a certificate in PEM format, encoded with base64',
      data,
    );
  }
}

function isCertificateInBase64(data: string): boolean {
  return (
    /^[A-Za-z0-9+/]+={0,2}$/.test(data) &&
    Buffer.from(data, 'base64').toString('latin1').startsWith('-----BEGIN CERTIFICATE-----')
  );
}

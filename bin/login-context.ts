import { Duration } from 'aws-cdk-lib';
import { DashboardSettingsOptions, DomainLogin, KeystoneRegion } from '../lib';
import { ContextReader } from './context';

/** How users log in, by context. */
export function loginOf(context: ContextReader): DashboardSettingsOptions {
  const days = context.number('passwordExpiryWarningDays');
  return {
    domains: domainsOf(context),
    regions: regionsOf(context),
    defaultServiceRegion: context.string('defaultServiceRegion'),
    totp: context.boolean('totp'),
    passwordExpiryWarning: days === undefined ? undefined : Duration.days(days),
  };
}

/** The name of a domain, or several from which users select, with commas between them. */
function domainsOf(context: ContextReader): DomainLogin | undefined {
  const names = context.string('domains')?.split(',');
  const ask = context.boolean('askForDomain');
  if (ask && names) {
    throw new Error(`context askForDomain must not be true with domains, got '${names.join(',')}'`);
  }
  if (names) {
    return names.length === 1 ? DomainLogin.single(names[0]) : DomainLogin.dropdown(names);
  }
  return ask ? DomainLogin.ask() : undefined;
}

/** LABEL=URL with commas between them. */
function regionsOf(context: ContextReader): KeystoneRegion[] | undefined {
  return context
    .string('regions')
    ?.split(',')
    .map((text) => {
      const [, label, keystoneUrl] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      if (label === undefined) {
        throw new Error(
          `context regions must be LABEL=URL with commas between them, such as Europe=https://keystone.example.org:5000/v3, got '${text}'`,
        );
      }
      return { label, keystoneUrl };
    });
}

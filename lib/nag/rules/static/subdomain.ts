import { memo } from '../../dashboard/memo';
import { LISTENER_RULE } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { registeredDomain } from '../../reading/public-suffix';
import { asList, get } from '../../template/template';
import { known, literal } from '../../template/text';
import { place, settingRule } from '../kinds/setting-rule';

const hostOf = (url: string): string | undefined =>
  /^https?:\/\/([^/:]+)/i.exec(url.trim())?.[1].toLowerCase();

/** Names that the dashboard's listeners serve, so that they are not a CDN. */
const servedHere = memo((facts) => {
  const names = new Set<string>();
  for (const rule of facts.template.ofType(LISTENER_RULE)) {
    const listener = facts.target(rule, rule.property('ListenerArn'))?.resource;
    if (!listener || !facts.listeners.has(listener)) {
      continue;
    }
    for (const condition of rule.list('Conditions') ?? []) {
      const values =
        asList(get(condition, 'HostHeaderConfig', 'Values')) ?? asList(get(condition, 'Values'));
      for (const value of values ?? []) {
        names.add(literal(value)?.toLowerCase() ?? '');
      }
    }
  }
  return names;
});

const byBase = settingRule({
  id: 'STATIC2',
  guideRules: [26],
  level: 'warning',
  ours: "The dashboard's name with the prefix static.; a path is optional",
  cause: 'Static media has neither a separate subdomain of the dashboard nor a CDN.',
  explanation:
    "Browsers send the dashboard's cookies, including the session, with every request for a " +
    'file on its own name. The guide recommends a subdomain of the dashboard or a CDN for ' +
    'static media.',
  page: GuidePage.STATIC_MEDIA,
  fix: 'Set STATIC_BASE_URL to https://static.NAME-OF-THE-DASHBOARD/static/.',
  setting: 'STATIC_BASE_URL',
  wrong: (value, _source, facts) => {
    const host = hostOf(value);
    if (host === undefined) {
      return value.trim().startsWith('/');
    }
    if (facts.names.size === 0) {
      return false;
    }
    if ([...facts.names].some((name) => host.endsWith(`.${name}`))) {
      return false;
    }
    if ([...facts.names].some((name) => host === name || name.endsWith(`.${host}`))) {
      return true;
    }
    const siblings = [...facts.names].some(
      (name) => registeredDomain(name) === registeredDomain(host),
    );
    return siblings && servedHere(facts).has(host);
  },
});

export const staticSubdomain: Rule = {
  ...byBase,
  check(resource, facts) {
    const places = byBase.check(resource, facts);
    // Django's setting, if this library's parameter is not set; a path is on the dashboard's name.
    const paths = (facts.hosts.get(resource)?.sources ?? [])
      .filter(
        ({ settings }) =>
          !settings.has('STATIC_BASE_URL') && /^\//.test(known(settings.get('STATIC_URL')) ?? ''),
      )
      .map((source) => place(source, 'STATIC_URL'));
    return places || paths.length > 0 ? [...new Set([...(places ?? []), ...paths])] : undefined;
  },
};

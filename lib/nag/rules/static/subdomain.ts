import { memo } from '../../dashboard/memo';
import { LISTENER_RULE } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { registeredDomain } from '../../reading/public-suffix';
import { asList, get } from '../../template/template';
import { known, literal } from '../../template/text';
import { place, settingRule } from '../kinds/setting-rule';

const hostOf = (url: string): string | undefined =>
  /^https?:\/\/([^/:]+)/i.exec(url.trim())?.[1].toLowerCase();

/** Names that listeners of the dashboard answer to: no CDN stands there. */
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
  ours: 'static. before the name of the dashboard; a path is a choice',
  cause: 'Static media has no subdomain of the dashboard to itself, nor a CDN.',
  explanation:
    'Browsers send the cookies of the dashboard, its session among them, with every request for a ' +
    'file of its own name. The guide wants static media on a subdomain of the dashboard, or on a CDN.',
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
    // Django's own setting, where this library's is not: a path is on the name of the dashboard.
    const paths = (facts.hosts.get(resource)?.sources ?? [])
      .filter(
        ({ settings }) =>
          !settings.has('STATIC_BASE_URL') && /^\//.test(known(settings.get('STATIC_URL')) ?? ''),
      )
      .map((source) => place(source, 'STATIC_URL'));
    return places || paths.length > 0 ? [...new Set([...(places ?? []), ...paths])] : undefined;
  },
};

import { GuidePage } from '../rule';
import { settingRule } from '../setting-rule';
import { hasHole, known } from '../text';
import { SIGNED_COOKIES_ENGINE } from './session1-engine';

// Second levels under which country registries register names; the whole list changes by the week.
const REGISTRY =
  /^(ac|co|com|edu|go|gob|gouv|gov|gv|id|ltd|me|ne|net|nom|or|org|plc|sch)\.[a-z]{2}$/;

/** Whether a name is registered itself: `example.org`, `example.co.uk`. */
function isOwnDomain(name: string): boolean {
  const labels = name.trim().toLowerCase().split('.');
  const suffix = labels.slice(-2).join('.');
  return labels.length <= (REGISTRY.test(suffix) ? 3 : 2);
}

const onSharedDomain = (names: string): boolean =>
  names
    .split(',')
    .some(
      (name) =>
        name.trim() !== '' && !hasHole(name) && !/^\.|\*/.test(name.trim()) && !isOwnDomain(name),
    );

export const sessionSharedDomain = settingRule({
  id: 'SESSION8',
  guideRules: [1, 4, 25],
  level: 'error',
  cause: 'Sessions are in readable cookies, and the dashboard is on a subdomain.',
  explanation:
    'The guide advises against a subdomain that is shared with other sites, and against cookie-backed ' +
    'sessions on one: those cookies carry access tokens, and what stands on a sibling can get hold of ' +
    'cookies, or plant its own.',
  page: GuidePage.DOMAINS_AND_WEB_SERVER,
  fix:
    'Keep sessions in memcached, encrypt the cookies (sealing: true), or give the dashboard a domain of ' +
    'its own at the second level, such as example.org. Acknowledge it where all of the domain is yours.',
  setting: 'ALLOWED_HOSTS',
  matters: (_setting, { settings }) =>
    [SIGNED_COOKIES_ENGINE, undefined].includes(known(settings.get('SESSION_ENGINE'))),
  wrong: (value, { settings }) =>
    known(settings.get('SESSION_ENGINE')) === SIGNED_COOKIES_ENGINE && onSharedDomain(value),
  partial: ({ text }, { settings }) =>
    known(settings.get('SESSION_ENGINE')) === SIGNED_COOKIES_ENGINE && onSharedDomain(text),
});

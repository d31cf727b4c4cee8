import { GuidePage } from '../../pack/rule';
import { apacheDirectives, directives, includesMore, tlsServers } from '../../reading/nginx';
import { scriptRule } from '../kinds/script-rule';

export const httpsSessionTickets = scriptRule({
  id: 'HTTPS12',
  guideRules: [59],
  level: 'warning',
  ours: 'ssl_session_tickets off in nginx of both tiers',
  cause: 'The web server hands out TLS session tickets whose keys nobody changes.',
  explanation:
    'A ticket holds the keys of a session, encrypted with a key that stays from start to stop. ' +
    'Who gets that one key can read every session of all that time: forward secrecy is gone. Tickets ' +
    'are on unless they are turned off.',
  page: GuidePage.TLS,
  fix:
    'Set ssl_session_tickets off, or manage the keys: ssl_session_ticket_key with files that are ' +
    'replaced, or ssl_session_cache shared, with which nginx changes them itself.',
  fronts: true,
  wrong: (script) => {
    const { text } = script;
    if (apacheDirectives(text, 'SSLSessionTickets').some((value) => /^on$/i.test(value))) {
      return true;
    }
    const given = directives(text, 'ssl_session_tickets');
    const managed =
      directives(text, 'ssl_session_ticket_key').length > 0 ||
      directives(text, 'ssl_session_cache').some((value) => value.includes('shared:'));
    if (managed || given.includes('off')) {
      return false;
    }
    return given.includes('on') || (tlsServers(script).length > 0 && !includesMore(text));
  },
});

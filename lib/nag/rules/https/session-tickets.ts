import { GuidePage } from '../../pack/rule';
import { apacheDirectives, directives, includesMore, tlsServers } from '../../reading/nginx';
import { scriptRule } from '../kinds/script-rule';

export const httpsSessionTickets = scriptRule({
  id: 'HTTPS12',
  guideRules: [59],
  level: 'warning',
  ours: 'ssl_session_tickets off in nginx on both tiers',
  cause: 'The web server issues TLS session tickets, and their keys are never changed.',
  explanation:
    'A ticket holds the keys of a session, encrypted with a key that the server keeps for as ' +
    'long as it runs. Anyone who obtains that one key can decrypt every session of that time, ' +
    'so there is no forward secrecy. Tickets are on by default.',
  page: GuidePage.TLS,
  fix:
    'Set ssl_session_tickets off, or manage the keys: with ssl_session_ticket_key and files ' +
    'that you replace, or with a shared ssl_session_cache, for which nginx changes the keys ' +
    'itself.',
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

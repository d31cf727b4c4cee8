import { Script } from '../../dashboard/scripts';
import { GuidePage } from '../../pack/rule';
import { directives } from '../../reading/nginx';
import { scriptRule } from '../kinds/script-rule';
import { commandsIn } from '../../template/text';

const APPLICATION = 'horizon';
const KEY = /\.key\b|privkey|private-key|\/ssl\/private\b/;
// Public keys and the keys that verify packages may be readable by everyone.
const PUBLIC = /\/apt\b|keyring|\.gpg\b|\.pub\b|rpm-gpg/i;

/** Whether a mode, such as `0644`, `a+r` or `777`, lets other users read. */
const readable = (mode: string): boolean =>
  /^[0-7]*[4-7]$/.test(mode) || /(^|,)(a|[ugo]*o[ugo]*)?[+=][wx]*r/.test(mode);

/** Whether nginx and the application run as the same user. */
function sharesUser({ lines, text }: Script): boolean {
  if (!/\bnginx\b/.test(text)) {
    return false;
  }
  const given = directives(text, 'user').map((value) => value.split(/\s+/)[0]);
  const proxies = given.length > 0 ? given : ['www-data', 'nginx'];
  let user: string | undefined;
  let runsIt = false;
  const shares = (): boolean => runsIt && user !== undefined && proxies.includes(user);
  for (const line of lines) {
    // A section of a systemd unit, with its lines in any order.
    if (/^\s*\[\w+\]\s*$/.test(line)) {
      if (shares()) {
        return true;
      }
      [user, runsIt] = [undefined, false];
    }
    user = /^\s*User=["']?([\w-]+)/.exec(line)?.[1] ?? user;
    if (/^\s*ExecStart=.*\b(gunicorn|uwsgi)\b/.test(line)) {
      runsIt = true;
    }
    const own = /(?:^|[\s/])gunicorn3?\s(?:.*\s)?(?:-u\s*|--user[\s=])["']?([\w-]+)/.exec(
      line,
    )?.[1];
    if (own !== undefined && proxies.includes(own)) {
      return true;
    }
  }
  return shares();
}

// An edit of the package's configuration.
const EDITS_USER = new RegExp(`\\bsed\\b.*\\buser\\s+${APPLICATION}\\s*;`);

export const proxyKeys = scriptRule({
  id: 'PROXY5',
  guideRules: [55],
  level: 'error',
  ours: 'Only root can read keys; nginx runs as www-data, the application as horizon',
  cause: "The application's user can read TLS keys, or is the same user as the proxy's.",
  explanation:
    'The application parses untrusted input. An attacker who compromises it must not get the ' +
    'TLS keys: the proxy runs as a different user, and only root can read the keys.',
  page: GuidePage.TLS,
  fix:
    'Let only root read the keys (0600), and run nginx as www-data and the application as ' +
    'horizon.',
  wrong: (script) => {
    const { lines, text } = script;
    return (
      directives(text, 'user').some((value) => value.split(/\s+/)[0] === APPLICATION) ||
      sharesUser(script) ||
      lines.some((line) => EDITS_USER.test(line)) ||
      commandsIn(lines).some((command) => {
        if (PUBLIC.test(command)) {
          return false;
        }
        if (/\b(usermod|adduser|gpasswd)\b/.test(command)) {
          return /\bssl-cert\b/.test(command) && new RegExp(`\\b${APPLICATION}\\b`).test(command);
        }
        const [, mode] = /\bchmod\s+(?:-\S+\s+)*(\S+)\s/.exec(command) ?? [];
        if (mode !== undefined) {
          return KEY.test(command) && readable(mode);
        }
        const [, owner] = /\bchown\s+(?:-\S+\s+)*(\S+)\s/.exec(command) ?? [];
        if (owner !== undefined) {
          return KEY.test(command) && owner.split(/[:.]/).includes(APPLICATION);
        }
        return /(^|[\s/])gunicorn3?\s.*--keyfile[\s=]/.test(command);
      })
    );
  },
});

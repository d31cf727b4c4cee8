import { directives } from '../nginx';
import { GuidePage } from '../rule';
import { commands, scriptRule } from '../script-rule';

const APPLICATION = 'horizon';
const KEY = /\.key\b|privkey|private-key|\/ssl\/private\b/;
// Keys that packages are verified with, and public ones, are for everybody to read.
const PUBLIC = /\/apt\b|keyring|\.gpg\b|\.pub\b|rpm-gpg/i;

/** Whether a mode lets others read, `0644`, `a+r`, or 777. */
const readable = (mode: string): boolean =>
  /^[0-7]*[4-7]$/.test(mode) || /(^|,)(a|[ugo]*o[ugo]*)?[+=][wx]*r/.test(mode);

export const proxyKeys = scriptRule({
  id: 'PROXY5',
  guideRules: [55],
  level: 'error',
  ours: 'Keys are for root alone; nginx runs as www-data, the application as horizon',
  cause: "The application's user can read TLS keys, or is the user of the proxy.",
  explanation:
    'The application parses what the world sends it. Who breaks into it must not get the keys of TLS: ' +
    'the proxy runs as another user, and keys are readable by root alone.',
  page: GuidePage.TLS,
  fix: 'Leave keys to root (0600), run nginx as www-data and the application as horizon.',
  wrong: ({ lines, text }) =>
    directives(text, 'user').some((value) => value.split(/\s+/)[0] === APPLICATION) ||
    commands(lines).some((command) => {
      if (PUBLIC.test(command)) return false;
      if (/\b(usermod|adduser|gpasswd)\b/.test(command)) {
        return /\bssl-cert\b/.test(command) && new RegExp(`\\b${APPLICATION}\\b`).test(command);
      }
      const [, mode] = /\bchmod\s+(?:-\S+\s+)*(\S+)\s/.exec(command) ?? [];
      if (mode !== undefined) return KEY.test(command) && readable(mode);
      const [, owner] = /\bchown\s+(?:-\S+\s+)*(\S+)\s/.exec(command) ?? [];
      if (owner !== undefined) {
        return KEY.test(command) && owner.split(/[:.]/).includes(APPLICATION);
      }
      return /(^|[\s/])gunicorn3?\s.*--keyfile[\s=]/.test(command);
    }),
});

import { GuidePage } from '../../pack/rule';
import { scriptRule } from '../kinds/script-rule';
import { commandsIn } from '../../template/text';

const LOOPBACK = /^(unix:|fd:\/\/|\/|127\.|localhost(:|$)|\[::1\])/;

/** Whether a server listens on more than loopback. */
function isOpen(address: string): boolean {
  // Values from a shell are not known.
  return !/[$`\uE000]/.test(address) && /:\d+$/.test(address) && !LOOPBACK.test(address);
}

const OPTIONS = [
  /(?:^|[\s"'])(?:-b|--bind)[\s=]+["']?([^\s"']+)/,
  /^\s*bind\s*=\s*["']([^"']+)["']/,
  /\brunserver\s+["']?([^\s"']+)/,
  /(?:^|\s)(?:--http|--http-socket|--socket|-s)[\s=]+["']?([^\s"']*:\d+)/,
  /^\s*(?:http|http-socket|socket)\s*=\s*([^\s]*:\d+)\s*$/,
];

/** The addresses of a list in gunicorn's configuration. */
const listed = (command: string): string[] => {
  const list = /^\s*bind\s*=\s*[[(](.*)/.exec(command)?.[1] ?? '';
  return [...list.matchAll(/["']([^"']+)["']/g)].map(([, address]) => address);
};

export const proxyBind = scriptRule({
  id: 'PROXY4',
  guideRules: [56],
  consequenceOf: ['PROXY1'],
  level: 'error',
  ours: 'A Unix socket that only nginx can open',
  cause: 'The application listens on the network instead of on a Unix socket or on loopback only.',
  explanation:
    'A client that bypasses the proxy talks to the application without TLS, and can set any ' +
    'header that the proxy would set, such as X-Forwarded-Proto.',
  page: GuidePage.TLS,
  fix: 'Bind to unix:/run/… or to 127.0.0.1, and let nginx forward requests.',
  wrong: ({ lines, text }) =>
    /gunicorn|uwsgi|runserver|^\s*bind\s*=/im.test(text) &&
    commandsIn(lines).some((command) => {
      if (!/gunicorn|uwsgi|runserver|^\s*(bind|http|http-socket|socket)\s*=/i.test(command)) {
        return false;
      }
      const addresses = [
        ...OPTIONS.map((option) => option.exec(command)?.[1] ?? ''),
        ...listed(command),
      ];
      return addresses.some((address) => isOpen(address.startsWith(':') ? `*${address}` : address));
    }),
});

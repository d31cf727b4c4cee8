import { HOST_TYPES } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { commandsIn, inOrder } from '../../template/text';

// Commands that print, query or remove something do not run it.
const REMOVES = /\b(purge|remove|autoremove|uninstall|disable|mask|stop|status|is-active)\b/;
const PRINTS =
  /^\s*(?:sudo\s+)?(?:echo|printf|logger|grep|egrep|test|\[\[?|which|type|command\s+-v)\s/;
// Text before the name of a program: assignments, keywords, other programs that start it.
const BEFORE =
  '^\\s*(?:[A-Za-z_]\\w*=\\S*\\s+|(?:sudo|exec|nohup|setsid|env|time|then|do|else|if|while|until|!|\\{|\\(|' +
  '(?:ba|da)?sh\\s+-\\w*c|CMD|ENTRYPOINT|RUN|ExecStart(?:Pre|Post)?=[-+!@:]*|command:|entrypoint:|-)\\s*(?:-\\w+\\s+)*)*' +
  '[\\[\\s"\']*(?:/\\S*/)?';

/** Whether a command installs, starts or runs one of some packages or daemons. */
export function runs(packages: string, daemons: string): (command: string) => boolean {
  // Match whole names: `squid-deb-proxy-client` is another package. A package file has a version.
  const name = new RegExp(
    `(?<![\\w-])(${packages})(?!\\w|-(?!\\d))|/(${packages})_\\S*\\.(deb|rpm)\\b`,
  );
  const quick = new RegExp(`(${packages}|${daemons})`);
  const ways: readonly (readonly RegExp[])[] = [
    [/\b(apt|apt-get|aptitude|yum|dnf|zypper|apk|snap)\b/, /\b(install|reinstall|add|in)\b/, name],
    [/\brpm\b/, /\s(-[a-zA-Z]*[iUF][a-zA-Z]*|--install|--upgrade)\s/, name],
    [/\bdpkg\b/, /\s(-i|--install|--configure)\s/, name],
    [
      /\b(systemctl|rc-service|rc-update|update-rc\.d)\b/,
      /\b(start|restart|reload|enable|reenable|unmask|add|defaults)\b/,
      new RegExp(`(?<![\\w-])(${packages}|${daemons})(\\.service)?(\\s|$)`),
    ],
    [
      /\b(service|rc-service|update-rc\.d)\b/,
      new RegExp(
        `(?<![\\w-])(${packages}|${daemons})\\s+(start|restart|reload|defaults|enable)\\b`,
      ),
    ],
    [/\b(docker|podman|nerdctl)\b/, /\b(run|create|start|up)\b/, name],
    [new RegExp(`${BEFORE}(${daemons})(["',\\]]|\\s|$)`)],
    // Lists of packages in cloud-config and in the environment of a host.
    [new RegExp(`^\\s*-\\s+\\[?\\s*["']?(${packages})["']?\\s*(,|\\]|$)`)],
    [/^\s*packages:\s*\[/, name],
    [/^\s*(export\s+)?PACKAGES\s*=/, name],
    // Steps of a container image.
    [new RegExp(`^\\s*FROM\\s+(\\S*/)?(${packages})(:|@|\\s|$)`)],
  ];
  return (command) =>
    quick.test(command) &&
    !PRINTS.test(command) &&
    !REMOVES.test(command) &&
    ways.some((expressions) => inOrder(command, ...expressions));
}

const runsVarnish = runs('varnish|varnishd', 'varnishd(?:@\\S+)?');

export const cacheVarnish: Rule = {
  id: 'CACHE2',
  guideRules: [20],
  level: 'error',
  ours: 'No Varnish',
  cause: 'Varnish runs on a dashboard host or on a host in front of it.',
  explanation:
    'The guide advises against front-end caching of the dashboard and names Varnish: the ' +
    "dashboard's pages are dynamic, and a caching layer can prevent the correct content from " +
    'being displayed.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: 'Remove Varnish. nginx serves static media with the HTTP headers that caching needs.',
  types: HOST_TYPES,
  check(resource, facts) {
    if (!facts.servesOrFronts(resource)) {
      return undefined;
    }
    facts.readsAll(resource);
    const places = facts
      .texts(resource)
      .filter(
        (text) =>
          text.text.includes('varnish') && commandsIn(facts.effectiveLines(text)).some(runsVarnish),
      )
      .map(({ location }) => location);
    for (const { location, image, isDashboard } of facts.containers(resource)) {
      if (/(^|\/)varnish(:|@|$)/.test(image.text)) {
        places.push(`${location}.Image`);
      }
      // The dashboard's own container is not a cache, even if its image is unknown.
      else if (!isDashboard && /(^|\/)\uE000\d+\uE001([:@][^/]*)?$/.test(image.text)) {
        facts.unknown(`${location}.Image`);
      }
    }
    return [...new Set(places)];
  },
};

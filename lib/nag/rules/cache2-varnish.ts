import { HOST_TYPES, commandsIn } from '../facts';
import { GuidePage, Rule } from '../rule';

// Ways in which user data installs or starts varnish. Mere words are none, nor is its removal.
const REMOVES = /\b(purge|remove|autoremove|uninstall|disable|mask|stop|status|is-active)\b/;
const isVarnish = starts('varnish', 'varnishd(?:@\\S+)?');

/** What tells that a command, or a line of a list, installs a package or starts a daemon. */
export function starts(packages: string, daemons: string): (command: string) => boolean {
  const expression = (source: string): RegExp => new RegExp(source);
  const named = expression(`\\b(${packages})\\b`);
  // One look for the tool and one behind it: no time lost on a line that names tools without end.
  const tools: [tool: RegExp, what: RegExp][] = [
    [/\b(apt|apt-get|aptitude|yum|dnf|zypper|apk|snap|rpm|dpkg)\b/, named],
    [
      /\b(systemctl|service|rc-service|rc-update|update-rc\.d)\b/,
      expression(`\\b(${packages}|${daemons})(\\s|$)`),
    ],
    [/\b(docker|podman|nerdctl)\b/, named],
    // Lists of packages: cloud-config, and the environment of a host.
    [/^\s*packages:\s*\[/, named],
    [/^\s*(export\s+)?PACKAGES\s*=/, named],
  ];
  const lines = [
    `(^|[\\s;&|("'/])(${daemons})(\\s|$)`,
    `^\\s*-\\s+\\[?\\s*["']?(${packages})["']?\\s*(,.*)?\\]?\\s*$`,
    // Steps of a container's image.
    `^\\s*FROM\\s+(\\S*/)?(${packages})(:|@|\\s|$)`,
  ].map(expression);
  return (command) =>
    !REMOVES.test(command) && (inOrder(command, tools) || lines.some((line) => line.test(command)));
}

function inOrder(command: string, pairs: [first: RegExp, then: RegExp][]): boolean {
  return pairs.some(([first, then]) => {
    const at = command.search(first);
    return at >= 0 && then.test(command.slice(at));
  });
}

export const cacheVarnish: Rule = {
  id: 'CACHE2',
  guideRules: [20],
  level: 'error',
  ours: 'No varnish',
  cause: 'Varnish runs on a dashboard host, or on a host before it.',
  explanation:
    'The guide advises against front-end caching of the dashboard and names varnish: its pages are ' +
    'dynamic, and such a layer can prevent the correct content from being displayed.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: 'Remove varnish; nginx serves static media with the HTTP headers that they need.',
  types: HOST_TYPES,
  check(resource, facts) {
    if (!facts.servesOrFronts(resource)) return undefined;
    facts.readsAll(resource);
    const places = facts
      .texts(resource)
      .filter(
        (text) =>
          text.text.includes('varnish') && commandsIn(facts.effectiveLines(text)).some(isVarnish),
      )
      .map(({ location }) => location);
    for (const { location, image, isDashboard } of facts.containers(resource)) {
      if (/(^|\/)varnish(:|@|$)/.test(image.text)) places.push(`${location}.Image`);
      // Nobody calls the dashboard's own container by a name that hides a cache.
      else if (!isDashboard && /(^|\/)\uE000\d+\uE001([:@][^/]*)?$/.test(image.text)) {
        facts.unknown(`${location}.Image`);
      }
    }
    return [...new Set(places)];
  },
};

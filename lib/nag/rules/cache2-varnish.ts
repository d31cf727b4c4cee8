import { HOST_TYPES, commandsIn } from '../facts';
import { GuidePage, Rule } from '../rule';
import { inOrder } from '../text';

// Mere words are no way to run something, nor is its removal.
const REMOVES = /\b(purge|remove|autoremove|uninstall|disable|mask|stop|status|is-active)\b/;

/** Whether a command installs, starts or runs one of some packages or daemons. */
export function runs(packages: string, daemons: string): (command: string) => boolean {
  const name = new RegExp(`\\b(${packages})\\b`);
  const ways: readonly (readonly RegExp[])[] = [
    [/\b(apt|apt-get|aptitude|yum|dnf|zypper|apk|snap|rpm|dpkg)\b/, name],
    [
      /\b(systemctl|service|rc-service|rc-update|update-rc\.d)\b/,
      new RegExp(`\\b(${packages}|${daemons})(\\.service)?(\\s|$)`),
    ],
    [/\b(docker|podman|nerdctl)\b/, name],
    [new RegExp(`(^|[\\s;&|("'/])(${daemons})(\\s|$)`)],
    // Lists of packages: cloud-config, and the environment of a host.
    [new RegExp(`^\\s*-\\s+\\[?\\s*["']?(${packages})["']?\\s*(,|\\]|$)`)],
    [/^\s*packages:\s*\[/, name],
    [/^\s*(export\s+)?PACKAGES\s*=/, name],
    // Steps of a container's image.
    [new RegExp(`^\\s*FROM\\s+(\\S*/)?(${packages})(:|@|\\s|$)`)],
  ];
  return (command) =>
    name.test(command) &&
    !REMOVES.test(command) &&
    ways.some((expressions) => inOrder(command, ...expressions));
}

const runsVarnish = runs('varnish|varnishd', 'varnishd(?:@\\S+)?');

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
          text.text.includes('varnish') && commandsIn(facts.effectiveLines(text)).some(runsVarnish),
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

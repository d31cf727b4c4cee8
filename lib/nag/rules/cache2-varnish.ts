import { HOST_TYPES, commandsIn } from '../facts';
import { GuidePage, Rule } from '../rule';

// Ways in which user data installs or starts varnish. Mere words are none, nor is its removal.
export const REMOVES = /\b(purge|remove|autoremove|uninstall|disable|mask|stop|status|is-active)\b/;
const WAYS = waysOf('varnish', 'varnishd(?:@\\S+)?');

/** The expressions that find a package or a daemon being installed, started or run. */
export function waysOf(packages: string, daemons: string): RegExp[] {
  return [
    `\\b(apt|apt-get|aptitude|yum|dnf|zypper|apk|snap|rpm|dpkg)\\b.*\\b(${packages})\\b`,
    `\\b(systemctl|service|rc-service|rc-update|update-rc\\.d)\\b.*\\b(${packages}|${daemons})(\\s|$)`,
    `\\b(docker|podman|nerdctl)\\b.*\\b(${packages})\\b`,
    `(^|[\\s;&|("'/])(${daemons})(\\s|$)`,
    // Lists of packages: cloud-config, and the environment of a host.
    `^\\s*-\\s+\\[?\\s*["']?(${packages})["']?\\s*(,.*)?\\]?\\s*$`,
    `^\\s*packages:\\s*\\[.*\\b(${packages})\\b.*\\]`,
    `^\\s*(export\\s+)?PACKAGES\\s*=.*\\b(${packages})\\b`,
    // Steps of a container's image.
    `^\\s*FROM\\s+(\\S*/)?(${packages})(:|@|\\s|$)`,
  ].map((way) => new RegExp(way));
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
          text.text.includes('varnish') &&
          commandsIn(facts.effectiveLines(text)).some(
            (command) => !REMOVES.test(command) && WAYS.some((way) => way.test(command)),
          ),
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

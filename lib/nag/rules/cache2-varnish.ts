import { HOST_TYPES, TASK_DEFINITION } from '../facts';
import { GuidePage, Rule } from '../rule';
import { asList, get } from '../template';
import { effectiveLines, flatten } from '../text';

// Ways in which user data installs or starts varnish. Mere words are none, nor is its removal.
const REMOVES = /\b(purge|remove|autoremove|uninstall|disable|mask|stop|status|is-active)\b/;
const TOOLS: [tool: RegExp, what: RegExp][] = [
  [/\b(apt|apt-get|aptitude|yum|dnf|zypper|apk|snap|rpm|dpkg)\b/, /\bvarnish\b/],
  [/\b(systemctl|service|rc-service|rc-update|update-rc\.d)\b/, /\bvarnish(d|@\S+)?\b/],
  [/\b(docker|podman|nerdctl)\b/, /\bvarnish\b/],
];
const WAYS = [
  /(^|[\s;&|("'/])varnishd(\s|$)/,
  // Lists of packages: cloud-config, and the environment of a host.
  /^\s*-\s+\[?\s*["']?varnish["']?\s*(,.*)?\]?\s*$/,
  /^\s*packages:\s*\[.*\bvarnish\b.*\]/,
  /^\s*(export\s+)?PACKAGES\s*=.*\bvarnish\b/,
];

/** One look for the tool and one behind it: no time lost on a line that names tools again and again. */
const installs = (command: string): boolean =>
  TOOLS.some(([tool, what]) => {
    const at = command.search(tool);
    return at >= 0 && what.test(command.slice(at));
  }) || WAYS.some((way) => way.test(command));

export const cacheVarnish: Rule = {
  id: 'CACHE2',
  guideRules: [20],
  level: 'error',
  cause: 'Varnish runs on a dashboard host, or on a host before it.',
  explanation:
    'The guide advises against front-end caching of the dashboard and names varnish: its pages are ' +
    'dynamic, and such a layer can prevent the correct content from being displayed.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: 'Remove varnish; nginx serves static media with the HTTP headers that they need.',
  types: HOST_TYPES,
  check(resource, facts) {
    if (!facts.servesOrFronts(resource)) return undefined;
    const places: string[] = [];
    const data = facts.userData(resource);
    if (
      data?.text.includes('varnish') &&
      effectiveLines(data.text)
        .flatMap((line) => line.split(/&&|\|\||[;|]/))
        .some((command) => !REMOVES.test(command) && installs(command))
    ) {
      places.push(data.location);
    }
    if (resource.type === TASK_DEFINITION) {
      (asList(resource.property('ContainerDefinitions')) ?? []).forEach((container, index) => {
        const image = flatten(get(container, 'Image')).text;
        if (/(^|\/)varnish(:|@|$)/.test(image)) {
          places.push(`Properties.ContainerDefinitions.${index}.Image`);
        }
      });
    }
    return places;
  },
};

import { Setting, acts, inOrder } from '../template/text';

// An environment with one of these is that of a dashboard; static hosts have none of them.
export const MARKS = [
  'SESSION_ENGINE',
  'OPENSTACK_KEYSTONE_URL',
  'ALLOWED_HOSTS',
  'SECRET_KEY_SECRET_ID',
];

export function isDashboard(settings: ReadonlyMap<string, Setting>): boolean {
  return settings.has('SESSION_ENGINE') && settings.has('OPENSTACK_KEYSTONE_URL');
}

// Images of the dashboard alone, or of a distribution of OpenStack. Other programs are called Horizon,
// too (Laravel Horizon, Stellar Horizon), so that word alone is not enough.
const DASHBOARD_IMAGE =
  /(^|\/)([\w.-]*-)?openstack-(dashboard|horizon)(:|@|$)|(kolla|openstack|loci|tripleo|rhos|podified|airship|atmosphere|starlingx)[^:@]*[/-]horizon(:|@|$)|(^|\/)horizon:(20\d\d\.[12]|master|antelope|bobcat|caracal|dalmatian|epoxy|flamingo|gazpacho|zed|yoga|xena|wallaby|victoria|ussuri|train)\b/;
const HORIZON_IMAGE = /(^|[/-])horizon(:|@|$)/;
const OPENSTACK_SETTING = /^(OPENSTACK_|OS_|KEYSTONE_|KOLLA_|HORIZON_CONFIG|WEBSSO_)/;
const OPENSTACK_COMMAND =
  /openstack[_-]dashboard|\/etc\/horizon\b|\bkolla_start\b|\bmanage\.py\b.*\b(compress|collectstatic)\b/;

/** Whether a container runs the dashboard, by its image, settings and commands. */
export function runsDashboard(
  image: string,
  settings: ReadonlyMap<string, Setting>,
  commands: string,
): boolean {
  if (isDashboard(settings) || DASHBOARD_IMAGE.test(image)) {
    return true;
  }
  return (
    HORIZON_IMAGE.test(image) &&
    ([...settings.keys()].some((name) => OPENSTACK_SETTING.test(name)) ||
      OPENSTACK_COMMAND.test(commands))
  );
}

const DASHBOARD_PACKAGE =
  /(?<![\w./-])(openstack-dashboard(-apache)?|python3?-django-horizon)(?![\w./-])/;

const INSTALLS: readonly (readonly RegExp[])[] = [
  [/\b(apt|apt-get|aptitude|yum|dnf|zypper|apk)\b/, /\b(install|add)\b/, DASHBOARD_PACKAGE],
  [/^\s*-\s+\[?\s*["']?(openstack-dashboard(-apache)?|python3?-django-horizon)["']?\s*(,|\]|$)/],
  [/^\s*packages:\s*\[/, DASHBOARD_PACKAGE],
  [/^\s*(export\s+)?PACKAGES\s*=/, DASHBOARD_PACKAGE],
  [
    /\b(docker|podman|nerdctl)\b/,
    /\brun\b/,
    /(kolla|openstack|loci|tripleo|rhos|podified|airship|atmosphere|starlingx)\S*[/-]horizon(:\S+)?(\s|$)|[\s/-]openstack-dashboard(:\S+)?(\s|$)|[\s/]horizon:(20\d\d\.[12]|master)\S*(\s|$)|OPENSTACK_\S*\s.*[\s/-]horizon(:\S+)?(\s|$)/,
  ],
  [/\bpip3?\b/, /\binstall\b/, /[\s/]horizon(==|>=|@|\.git|\s|$)/],
];

export const installsDashboard = (command: string): boolean =>
  acts(command) && INSTALLS.some((expressions) => inOrder(command, ...expressions));

import { cloudScript, isRead, ofChart, ofVariables } from '../reading/deployments';
import { unseenSettings } from '../reading/shell/doubts';
import { evaluate } from '../reading/shell/evaluate';
import { Yaml, below, isList, isMap, readYaml } from '../reading/yaml';
import { effectiveLines, inOrder } from '../template/text';
import { UserData } from './model';
import { MARKS } from './recognition';

// Parts of a script that differ from its text when it runs.
const FOLLOWABLE =
  /\bsed\b|\bperl\b|\bch(mod|own|grp)\b|\b(echo|printf|logger)\b|<<|>|\btee\b|\bfor\b|sh\b|\bcd\b|\b(cp|mv|install)\b|\(\)\s*\{|\beval\b|\bsource\b|\b(curl|wget|aws|scp|rsync|git|tar|unzip|python[0-9.]*|ansible|puppet|chef|salt|docker|podman|kubectl|helm)\b/;
// Scripts of machines that run the dashboard or may be in front of it.
const RELEVANT =
  /horizon|openstack|dashboard|kolla|local_settings|varnish|squid|nuster|trafficserver|proxy/i;
const LONGEST_SCRIPT = 262_144;

// Programs that bring content to a host that is not in its template.
export const FETCHES =
  /\b(curl|wget|aws|gsutil|scp|rsync|git|ansible[\w-]*|puppet|chef-\w+|salt-call|kubectl|helm|compose)\b/;

// Files that no program reads: manuals, examples and backups.
const IDLE =
  /(^|\/)(README|CHANGELOG|NOTICE|COPYING|motd|issue(\.net)?)[^/]*$|\.(md|rst|adoc|html?|example|sample|bak|backup|old|orig|disabled|dpkg-\w+|rpm(save|new|orig))$|~$/i;
const isIdle = (path: string): boolean => IDLE.test(path);
// Folders of other programs, such as /etc/graphite/local_settings.py.
const isOfOthers = (path: string): boolean =>
  /^\/(etc|usr\/(local\/)?(share|lib)|var\/lib)\/(?!(kolla|python|horizon|openstack|kubernetes|docker|containers|systemd|config)|[^/]*dashboard)[^/]+\/[^$]*local_settings/i.test(
    path,
  );

// Files that the dashboard, its containers or its systemd units may read.
const OWN_FILE = /openstack|horizon|local_settings|kolla|dashboard|\$/i;
const SOCKET_UNIT = /(horizon|dashboard|gunicorn|uwsgi)[^/]*\.socket$/;

/** A socket unit of systemd, as the equivalent option of gunicorn. */
const listens = (text: string): string =>
  [...text.matchAll(/^\s*ListenStream\s*=\s*(\S+)/gm)]
    .map(([, address]) => `bind = '${/^\d+$/.test(address) ? `*:${address}` : address}'`)
    .join('\n');

/** The steps of an image, as commands. */
const built = (text: string): string =>
  text
    .replace(/\\\r?\n/g, ' ')
    .replace(/^\s*FROM\s+(--\S+\s+)*(\S+).*$/gim, 'docker run -d $2')
    .replace(/^\s*RUN\s+(--\S+\s+)*/gim, '');

const COMPOSE = /(^|\/)(docker-|podman-)?compose[\w.-]*\.ya?ml$/;

/** The words of a command in a compose file, which is a string or a list. */
function commandOf(service: Yaml, name: string): string {
  const given = below(service, name);
  if (typeof given === 'string') {
    return given;
  }
  return isList(given) ? given.filter((word) => typeof word === 'string').join(' ') : '';
}

/** A compose file, as commands. */
function composed(text: string): string {
  const services = below(readYaml(text), 'services');
  const lists = Object.values(isMap(services) ? services : {}).map((service) =>
    ['entrypoint', 'command'].map((name) => commandOf(service, name)).join(' '),
  );
  return `${text}\n${lists.join('\n')}`
    .split('\n')
    .map((line) =>
      line
        .replace(/^\s*image:\s*["']?([^\s"']+)["']?\s*$/, 'docker run -d $1')
        .replace(/^\s*-?\s*["']?([A-Z][A-Z0-9_]*)["']?\s*[:=]\s*(.*?)\s*$/, '$1=$2'),
    )
    .join('\n');
}

// The settings file in a checkout of Horizon.
const LOCAL = /openstack_dashboard\/local\/local_settings(\.py$|\.d\/)/;
const clones = (text: string): boolean =>
  effectiveLines(text).some(
    (line) =>
      inOrder(line, /\bgit\s/, /\bclone\s/, /\/horizon(\.git)?(\s|$)/) &&
      !/--(mirror|bare)\b/.test(line),
  );

const PIECE = /local_settings\.d\/[^/]+\.py$/;
const OWN_CHART = /(openstack|osh)[\w.-]*\/horizon\b/;

/** The values files that a script passes to openstack-helm's chart. */
const valuesFiles = (text: string): string[] =>
  effectiveLines(text)
    .filter((line) => inOrder(line, /\bhelm\b/, /\s(install|upgrade)\s/, OWN_CHART))
    .flatMap((line) => [...line.matchAll(/\s(?:-f|--values)[\s=]["']?([^\s"']+)/g)])
    .map(([, path]) => path);

const KEY_FILE = /secret[_-]?key[^/]*$/i;

/** The files from which settings read SECRET_KEY. */
export const keyPaths = (text: string): string[] =>
  [...text.matchAll(/^\s*SECRET_KEY\s*=[^'"\n]*["'](\/[^'"\n]+)["']/gm)].map(([, path]) => path);

/** Files that contain only SECRET_KEY, as a setting. */
function keyFiles(files: ReadonlyMap<string, { readonly text: string }>): string[] {
  const opened = new Set<string>();
  for (const [path, { text }] of files) {
    if (OWN_FILE.test(path)) {
      for (const key of keyPaths(text)) {
        opened.add(key);
      }
    }
  }
  return [...files].flatMap(([path, { text }]) => {
    const key = text.trim();
    const isKey = opened.has(path) || (KEY_FILE.test(path) && OWN_FILE.test(path));
    return isKey && /^[^\s'"\\]+$/.test(key) ? [`SECRET_KEY = '${key}'`] : [];
  });
}

const SETTINGS_FILE = /local_settings[^/]*$|local_settings\.d\/|(horizon|openstack).*\.py$/;
// Files that kolla-ansible merges into Horizon's settings.
const KOLLA_SETTINGS = /(^|\/)kolla\/config\/horizon\/[^/]+$/;
const DEPLOYS = /\b(kolla|openstack)-ansible\b/;

/** A text after the shell has run it: with variables and loops expanded, and the final content of files. */
export function followed(data: UserData): UserData {
  const isScript = data.isScript ?? /^\s*#![^\n]*\b(ba|da|k|z)?sh\b/.test(data.text);
  const text = isScript ? data.text : cloudScript(data.text);
  if (text === undefined || !FOLLOWABLE.test(text) || !RELEVANT.test(data.text)) {
    return data;
  }
  if (text.length > LONGEST_SCRIPT) {
    const what = 'all of a script of more than 256 KiB';
    return { ...data, doubts: [{ kind: 'program', what, command: '' }] };
  }
  const { commands, files, permissions, rest, ...found } = evaluate(text);
  const doubts = [...found.doubts];
  const all: string[] = [];
  const own: string[] = [];
  const others: string[] = [];
  const later = new Map<string, string>();
  // Horizon reads them after local_settings.py, in the order of their names.
  const pieces = (): string[] => [...later.keys()].sort().map((name) => later.get(name)!);
  let deploys = DEPLOYS.test(text) && [...files.keys()].some((path) => KOLLA_SETTINGS.test(path));
  for (const [path, file] of files) {
    if (isIdle(path)) {
      continue;
    }
    all.push(file.text);
    const deployed = ofVariables(path, file.text);
    if (deployed) {
      all.push(deployed.server, deployed.settings);
      own.push(deployed.settings);
      deploys ||= /^\s*(horizon_|enable_horizon:)/m.test(file.text) || DEPLOYS.test(text);
    } else if (COMPOSE.test(path)) {
      const commandsOfIt = composed(file.text);
      if (/^\s*env_file\s*:/m.test(file.text)) {
        doubts.push({ kind: 'file', what: 'env_file', command: path });
      }
      all.push(commandsOfIt);
      own.push(commandsOfIt);
    } else if (/(^|\/)(Docker|Container)file[^/]*$/.test(path)) {
      all.push(built(file.text));
    } else if (SOCKET_UNIT.test(path)) {
      all.push(listens(file.text));
    } else if (OWN_FILE.test(path) && !isOfOthers(path)) {
      if (PIECE.test(path)) {
        later.set(path.split('/').at(-1)!, file.text);
      } else {
        own.push(file.text);
      }
      const unseen = SETTINGS_FILE.test(path) ? unseenSettings(file.text) : [];
      for (const line of unseen.slice(0, 3)) {
        doubts.push({ kind: 'program', what: line.trim(), command: path });
      }
    }
    // Settings of another program; a shell, systemd or a container may read the other files.
    else if (!path.endsWith('.py') && MARKS.some((mark) => file.text.includes(mark))) {
      others.push(file.text);
    }
  }
  for (const path of valuesFiles(text)) {
    const deployed = ofChart(readYaml(files.get(path)?.text ?? ''));
    all.push(deployed.server, deployed.settings);
    own.push(deployed.settings);
    deploys = true;
  }
  const keys = keyFiles(files);
  others.push(...keys);
  const paths = [...files.keys()];
  return {
    ...data,
    isDashboard: deploys || (paths.some((path) => LOCAL.test(path)) && clones(text)),
    permissions,
    doubts: doubts.filter(({ what }) => !isRead(what, paths)),
    // A cloud-config has lists of packages, too.
    text: [isScript ? '' : data.text, rest, ...commands, ...all].join('\n'),
    // The environment of a script is separate from the files that it writes.
    settings: [[rest, ...commands].join('\n'), [...own, ...pieces()].join('\n'), ...others],
  };
}

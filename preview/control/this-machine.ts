import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { controlGroupOf, controlGroups, removeControlGroups } from '../machine/control-groups';
import { DEFAULT_CACHE } from '../machine/image';
import { PROGRAM } from './program';

const DIRECTORY = '/run';
const NAME = 'cdk-openstack-dashboard.';

/** The Debian packages of the programs that a preview needs. */
const NEEDED: Record<string, string> = {
  ip: 'iproute2',
  mmdebstrap: 'mmdebstrap',
  mount: 'mount',
  nsenter: 'util-linux',
  openssl: 'openssl',
  script: 'bsdutils',
  setpriv: 'util-linux',
  unshare: 'util-linux',
};

/** Where Debian's package of the keys has them. */
const KEYRINGS = ['gpg', 'pgp'].map(
  (ending) => `/usr/share/keyrings/debian-archive-keyring.${ending}`,
);

/** OVERLAYFS_SUPER_MAGIC of linux/magic.h. */
const OVERLAYFS = 0x794c7630;

const IDENTITY_PROVIDER_PACKAGES = ['oidc-provider', 'samlp'];

const ids = new Set<string>();

/** An id for a preview of this process, which no other preview has. */
export function newId(): string {
  const id = ids.size === 0 ? String(process.pid) : `${process.pid}-${ids.size + 1}`;
  ids.add(id);
  return id;
}

/** The folder of a preview. */
export function directoryOf(id: string): string {
  return path.join(DIRECTORY, NAME + id);
}

/** The folders of all previews of this machine. */
export function directories(): string[] {
  const names = fs.readdirSync(DIRECTORY).filter((entry) => entry.startsWith(NAME));
  return names.map((name) => path.join(DIRECTORY, name));
}

/** Removes what previews left whose process was killed. */
export async function clearLeftovers(): Promise<void> {
  const gone = (id: string) =>
    !ids.has(id) && (parseInt(id) === process.pid || !fs.existsSync(`/proc/${parseInt(id)}`));
  for (const [id, group] of controlGroups()) {
    if (gone(id)) {
      await removeControlGroups(group);
    }
  }
  for (const directory of directories()) {
    if (gone(path.basename(directory).slice(NAME.length))) {
      fs.rmSync(directory, { recursive: true, force: true });
    }
  }
}

/** What a preview needs beyond what each of them does. */
export interface Needs {
  /** The folder in which images are kept. */
  readonly cache: string;
  /** Packages from PyPI, which this machine's pip downloads. */
  readonly pip: boolean;
  /** The preview's identity providers, which are npm packages. */
  readonly identityProviders: boolean;
}

/** Why this machine cannot run a preview, each with what to do about it. */
export function problemsOfMachine(needs: Needs): string[] {
  if (process.platform !== 'linux') {
    return [`the preview runs on linux, not on ${process.platform}`];
  }
  return [
    ...problemsOfUser(),
    ...problemsOfPackages(needs),
    ...problemsOfKernel(),
    ...problemsOfCache(needs.cache),
    ...(needs.identityProviders ? problemsOfIdentityProviders() : []),
  ];
}

/** Fails if this machine cannot run a preview. */
export function checkMachine(
  needs: Needs = { cache: DEFAULT_CACHE, pip: false, identityProviders: false },
): void {
  const problems = problemsOfMachine(needs);
  if (problems.length > 0) {
    throw new Error(problems.join('\n  '));
  }
}

function problemsOfUser(): string[] {
  return process.getuid?.() === 0
    ? []
    : [
        'the preview needs root, to make namespaces and mounts: run it with sudo, such as ' +
          `sudo env "PATH=$PATH" ${PROGRAM}`,
      ];
}

function problemsOfPackages({ pip }: Needs): string[] {
  const folders = (process.env.PATH ?? '').split(':').concat('/usr/sbin', '/sbin');
  const programs = Object.keys(NEEDED).filter(
    (program) => !folders.some((folder) => fs.existsSync(path.join(folder, program))),
  );
  const missing = programs.map((program) => [program, NEEDED[program]]);
  // A Debian machine has them; mmdebstrap checks the archives of Debian with them elsewhere, too.
  if (!KEYRINGS.some((file) => fs.existsSync(file))) {
    missing.push(['keys of the Debian archives', 'debian-archive-keyring']);
  }
  if (pip && spawnSync('python3', ['-m', 'pip', '--version']).status !== 0) {
    missing.push(['pip', 'python3-pip']);
  }
  if (missing.length === 0) {
    return [];
  }
  const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
  const names = missing.map(([name]) => name).join(', ');
  return [`${names} not found: run apt-get install --no-install-recommends ${packages}`];
}

function problemsOfKernel(): string[] {
  const problems: string[] = [];
  if (!/\boverlay$/m.test(fs.readFileSync('/proc/filesystems', 'utf8'))) {
    problems.push('the kernel has no overlayfs: run modprobe overlay');
  }
  if (!fs.existsSync('/proc/self/ns/time')) {
    problems.push('the kernel has no time namespaces: use Linux 5.6 or later');
  }
  try {
    controlGroupOf(String(process.pid));
  } catch (error) {
    problems.push((error as Error).message);
  }
  return problems;
}

/** Images are made with overlayfs, which does not take an overlayfs for the files that it writes. */
function problemsOfCache(cache: string): string[] {
  let folder = path.resolve(cache);
  while (!fs.existsSync(folder)) {
    folder = path.dirname(folder);
  }
  return fs.statfsSync(folder).type === OVERLAYFS
    ? [
        `${cache} is on overlayfs, as in a container: give a folder on another file system ` +
          'with --cache, such as a volume',
      ]
    : [];
}

/** They are named here and not installed with the package, since few previews need them. */
function problemsOfIdentityProviders(): string[] {
  const { resolve } = createRequire(__filename);
  const missing = IDENTITY_PROVIDER_PACKAGES.filter((name) => {
    try {
      resolve(name);
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length === 0) {
    return [];
  }
  const manifest = path.join(__dirname, '../../package.json');
  const { devDependencies } = JSON.parse(fs.readFileSync(manifest, 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const packages = missing.map((name) => `${name}@${devDependencies[name]}`).join(' ');
  return [
    `the identity providers of --federation need the npm packages ${missing.join(' and ')}: ` +
      `run npm install --save-dev ${packages}`,
  ];
}

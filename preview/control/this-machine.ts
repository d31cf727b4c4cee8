import * as fs from 'node:fs';
import * as path from 'node:path';
import { controlGroupOf, controlGroups, removeControlGroups } from '../machine/control-groups';

const DIRECTORY = '/run';
const NAME = 'cdk-openstack-dashboard.';

/** The Debian packages of the programs that a preview needs. */
const NEEDED: Record<string, string> = {
  ip: 'iproute2',
  mmdebstrap: 'mmdebstrap',
  openssl: 'openssl',
  script: 'bsdutils',
  unshare: 'util-linux',
};

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

/** Fails, with what to do about it, where this machine cannot run a preview. */
export function checkMachine(): void {
  if (process.platform !== 'linux') {
    throw new Error(`the preview runs on linux, not on ${process.platform}`);
  }
  if (process.getuid?.() !== 0) {
    throw new Error('the preview needs root, to make namespaces and mounts: run it with sudo');
  }
  const folders = (process.env.PATH ?? '').split(':').concat('/usr/sbin', '/sbin');
  const missing = Object.keys(NEEDED).filter(
    (program) => !folders.some((folder) => fs.existsSync(path.join(folder, program))),
  );
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((program) => NEEDED[program]))].join(' ');
    throw new Error(`${missing.join(', ')} not found: install the Debian packages ${packages}`);
  }
  if (!/\boverlay$/m.test(fs.readFileSync('/proc/filesystems', 'utf8'))) {
    throw new Error('the kernel has no overlayfs: run modprobe overlay');
  }
  controlGroupOf(String(process.pid));
}

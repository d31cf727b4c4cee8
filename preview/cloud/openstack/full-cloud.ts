import * as fs from 'node:fs';
import * as path from 'node:path';
import { KEYSTONE_URL } from './keystone';
import { OPENSTACK_SERVICES } from './services';

const FILES = path.join(__dirname, 'files/full');
/** Where these files are in the image. */
const FOLDER = '/opt/cloud';
const AUTHORITY = '/run/services/ca.pem';

/** The services of the full cloud, as the catalog of its Keystone has them. */
export const FULL_CLOUD_SERVICES = [
  ...OPENSTACK_SERVICES.map(({ name, host, port }) => ({ name, host, port })),
  { name: 'swift', host: 'swift.cloud.internal', port: 8080 },
];

export const FULL_CLOUD_PACKAGES = [
  ...['nova', 'placement', 'glance', 'neutron', 'cinder'].map((name) => `${name}-common`),
  ...['python3-swift', 'python3-openstacksdk', 'mariadb-server'],
  // Nova's fake driver needs it.
  'python3-fixtures',
];

/** The script that installs the packages. */
export function fullCloudPackages(): string {
  return fs.readFileSync(path.join(FILES, 'packages.sh'), 'utf8');
}

/** The script that sets the services up in an image that has Keystone, and fills the cloud. */
export function fullCloudSetup(): string {
  const names = fs.readdirSync(FILES, { recursive: true, encoding: 'utf8' }).sort();
  const files = names
    .filter((name) => !/__pycache__|^packages/.test(name))
    .filter((name) => fs.statSync(path.join(FILES, name)).isFile())
    .map((name) => {
      const encoded = fs.readFileSync(path.join(FILES, name)).toString('base64');
      const target = `${FOLDER}/${name}`;
      return `mkdir -p '${path.dirname(target)}'\nbase64 -d >'${target}' <<<${encoded}`;
    });
  return [...files, fs.readFileSync(path.join(FILES, 'build.sh'), 'utf8')].join('\n');
}

/**
 * The files of the services' machine, and the command that serves all of them on the loopback address.
 * @param origins those of the dashboard, from which scripts may ask Glance
 */
export function fullCloudProgram(ca: string, origins: readonly string[]) {
  return {
    files: { [AUTHORITY]: ca },
    command: [
      ...['python3', `${FOLDER}/start.py`, KEYSTONE_URL],
      ...['https://NAME.cloud.internal:PORT', AUTHORITY, origins.join(',')],
    ],
  };
}

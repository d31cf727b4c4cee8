import * as fs from 'node:fs';
import * as path from 'node:path';
import { KEYSTONE_URL } from './keystone';

const SOURCES = path.join(__dirname, 'files/services');
/** Where they are on their machine, with key, certificate and latency. */
export const SERVICES_FOLDER = '/run/services';

/** What Keystone's catalog has of the services in `files/services`. */
export const OPENSTACK_SERVICES = [
  { name: 'nova', type: 'compute', port: 8774, path: '/v2.1' },
  { name: 'glance', type: 'image', port: 9292, path: '' },
  { name: 'neutron', type: 'network', port: 9696, path: '' },
  { name: 'cinder', type: 'volumev3', port: 8776, path: '/v3/%(project_id)s' },
  { name: 'placement', type: 'placement', port: 8778, path: '' },
].map((service) => {
  const host = `${service.name}.cloud.internal`;
  return { ...service, host, url: `https://${host}:${service.port}${service.path}` };
});

/**
 * The files of the services' machine, and the command that serves.
 * @param servers how many each project has, where that is not the usual number
 */
export function servicesProgram(
  address: string,
  ca: string,
  { key, cert }: { readonly key: string; readonly cert: string },
  servers?: number,
) {
  const sources = fs.readdirSync(SOURCES).filter((name) => name.endsWith('.py'));
  const files: Record<string, string> = {
    ...Object.fromEntries(
      sources.map((name) => [
        `${SERVICES_FOLDER}/${name}`,
        fs.readFileSync(path.join(SOURCES, name), 'utf8'),
      ]),
    ),
    [`${SERVICES_FOLDER}/key.pem`]: key,
    [`${SERVICES_FOLDER}/cert.pem`]: cert,
    [`${SERVICES_FOLDER}/ca.pem`]: ca,
  };

  const command = [
    ...(servers === undefined ? [] : ['env', `SERVERS=${servers}`]),
    'python3',
    `${SERVICES_FOLDER}/server.py`,
    SERVICES_FOLDER,
    address,
    KEYSTONE_URL,
  ];
  return { files, command };
}

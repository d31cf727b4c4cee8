import { randomBytes } from 'crypto';
import * as http from 'http';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly token: string;
}

export interface Instance {
  readonly id: string;
  readonly address: string;
  readonly region: string;
  readonly account: string;
  readonly userData: string;
  readonly roleName: string;
  readonly credentials: Credentials;
  readonly tags: Record<string, string>;
  /** Public keys that EC2 Instance Connect would have pushed for a moment, by user. */
  readonly connectKeys: Record<string, string>;
}

type Tree = { [name: string]: Tree | string };

/** EC2's instance metadata service, version 2: every host is known by its address. */
export class MetadataService {
  private readonly instances = new Map<string, Instance>();
  private readonly tokens = new Map<string, { address: string; expires: number }>();

  public add(instance: Instance): void {
    this.instances.set(instance.address, instance);
  }

  public listen(address: string): Promise<http.Server> {
    const server = http.createServer((request, response) => this.answer(request, response));
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(80, address, () => resolve(server));
    });
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const address = request.socket.remoteAddress ?? '';
    const instance = this.instances.get(address);
    const url = decodeURI((request.url ?? '/').split('?')[0]);
    const reply = (status: number, body: string, headers: http.OutgoingHttpHeaders = {}) => {
      response.writeHead(status, { 'content-type': 'text/plain', ...headers });
      response.end(body);
    };
    if (instance === undefined) {
      return reply(404, 'no instance has this address');
    }
    if (request.method === 'PUT' && url === '/latest/api/token') {
      const seconds = Number(request.headers['x-aws-ec2-metadata-token-ttl-seconds']);
      if (!(seconds >= 1 && seconds <= 21600) || request.headers['x-forwarded-for'] !== undefined) {
        return reply(400, 'bad request');
      }
      const token = randomBytes(40).toString('base64url');
      this.tokens.set(token, { address, expires: Date.now() + seconds * 1000 });
      return reply(200, token, { 'x-aws-ec2-metadata-token-ttl-seconds': String(seconds) });
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return reply(405, 'method not allowed');
    }
    const known = this.tokens.get(String(request.headers['x-aws-ec2-metadata-token']));
    const allowed = known !== undefined && known.address === address && known.expires > Date.now();
    // cloud-init asks by version 1 in a container, where it cannot see that it is on EC2.
    if (!allowed && !/^Cloud-Init\//.test(request.headers['user-agent'] ?? '')) {
      return reply(401, 'unauthorized');
    }
    const parts = url.split('/').filter((part) => part !== '');
    if (!/^(latest|\d{4}-\d\d-\d\d)$/.test(parts.shift() ?? '')) {
      return reply(404, 'not found');
    }
    let node: Tree | string | undefined = tree(instance);
    for (const part of parts) {
      node = typeof node === 'object' && Object.hasOwn(node, part) ? node[part] : undefined;
    }
    if (node === undefined) {
      return reply(404, 'not found');
    }
    return reply(200, typeof node === 'string' ? node : listing(node));
  }
}

function listing(node: Tree): string {
  return Object.entries(node)
    .map(([name, child]) => (typeof child === 'string' ? name : `${name}/`))
    .join('\n');
}

function tree(instance: Instance): Tree {
  const { id, address, region, account, roleName, credentials } = instance;
  const mac = `02:${Buffer.from(address.split('.').map(Number)).toString('hex').match(/../g)?.join(':')}:01`;
  const zone = `${region}a`;
  const name = `ip-${address.replaceAll('.', '-')}.${region}.compute.internal`;
  const role = JSON.stringify({
    Code: 'Success',
    LastUpdated: new Date().toISOString(),
    Type: 'AWS-HMAC',
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.token,
    Expiration: new Date(Date.now() + 6 * 3600 * 1000).toISOString().replace(/\.\d+/, ''),
  });
  const keys = Object.entries(instance.connectKeys);
  return {
    'meta-data': {
      'ami-id': 'ami-0123456789abcdef0',
      'ami-launch-index': '0',
      hostname: name,
      iam: {
        info: JSON.stringify({
          Code: 'Success',
          InstanceProfileArn: `arn:aws:iam::${account}:instance-profile/${roleName}`,
        }),
        ...(roleName === '' ? {} : { 'security-credentials': { [roleName]: role } }),
      },
      'instance-id': id,
      'instance-type': 't4g.medium',
      'local-hostname': name,
      'local-ipv4': address,
      mac,
      ...(keys.length === 0
        ? {}
        : { 'managed-ssh-keys': { 'active-keys': Object.fromEntries(keys) } }),
      network: {
        interfaces: {
          macs: {
            [mac]: {
              'device-number': '0',
              'local-ipv4s': address,
              mac,
              'subnet-ipv4-cidr-block': '10.77.0.0/16',
            },
          },
        },
      },
      placement: { 'availability-zone': zone, region },
      services: { domain: 'amazonaws.com', partition: 'aws' },
      tags: { instance: instance.tags },
    },
    dynamic: {
      'instance-identity': {
        document: JSON.stringify({
          accountId: account,
          availabilityZone: zone,
          instanceId: id,
          privateIp: address,
          region,
        }),
      },
    },
    'user-data': instance.userData,
  };
}

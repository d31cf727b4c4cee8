import { randomBytes } from 'node:crypto';
import * as http from 'node:http';
import { Outage, OutageServer } from '../network/outage';
import type { MetadataPlan } from '../../stack/plan';

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
  readonly options: MetadataPlan;
  /** What its group wants it to become, as `autoscaling/target-lifecycle-state`. */
  readonly lifecycle: () => string | undefined;
  /** Public keys that EC2 Instance Connect would have pushed for a moment, by user. */
  readonly connectKeys: Record<string, string>;
}

type Tree = { [name: string]: Tree | string };

/** EC2's instance metadata service, version 2: every host is known by its address. */
export class MetadataService {
  private readonly instances = new Map<string, Instance>();
  private readonly tokens = new Map<string, { address: string; expires: number }>();
  private server?: OutageServer;

  public add(instance: Instance): void {
    this.instances.set(instance.address, instance);
  }

  public async listen(address: string): Promise<void> {
    this.server = new OutageServer(address, 80, (answer) => http.createServer(answer));
    await this.server.listen((request, response) => this.answer(request, response));
  }

  public async outage(outage: Outage | undefined): Promise<void> {
    await this.server?.set(outage);
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
    if (!instance.options.enabled) {
      return reply(403, 'Forbidden');
    }
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-v2-how-it-works.html
    if (request.method === 'PUT' && url === '/latest/api/token') {
      if (request.headers['x-forwarded-for'] !== undefined) {
        return reply(403, 'Forbidden');
      }
      const seconds = Number(request.headers['x-aws-ec2-metadata-token-ttl-seconds']);
      if (!(seconds >= 1 && seconds <= 21600)) {
        return reply(400, 'Bad Request');
      }
      const token = randomBytes(40).toString('base64url');
      this.tokens.set(token, { address, expires: Date.now() + seconds * 1000 });
      return reply(200, token, { 'x-aws-ec2-metadata-token-ttl-seconds': String(seconds) });
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return reply(405, 'method not allowed');
    }
    const given = request.headers['x-aws-ec2-metadata-token'];
    const known = this.tokens.get(String(given));
    const allowed = known !== undefined && known.address === address && known.expires > Date.now();
    // Kinder than EC2 in this alone: cloud-init asks by version 1 in a container, where it cannot see
    // that it is on EC2. Nothing else says that it is cloud-init.
    const exempt = given === undefined && /^Cloud-Init\//.test(request.headers['user-agent'] ?? '');
    if (!allowed && !exempt && (instance.options.tokens || given !== undefined)) {
      return reply(401, 'Unauthorized');
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
  const lifecycle = instance.lifecycle();
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
      // https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
      ...(lifecycle === undefined ? {} : { autoscaling: { 'target-lifecycle-state': lifecycle } }),
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
      // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html
      ...(instance.options.tags ? { tags: { instance: instance.tags } } : {}),
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

import { createHash } from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';
import { AutoScaling } from './auto-scaling';
import { AwsError, Call, failure, Principal, Reply } from './call';
import { CloudFormation } from './cloudformation';
import { CloudWatchLogs } from './logs';
import { Outage, OutageServer } from '../network/outage';
import type { Certificate } from '../network/pki';
import { S3 } from './s3';
import { StoredObject } from './buckets';
import type { ScalingGroup } from '../scaling-group';
import { SecretsManager } from './secrets-manager';
import { verify } from './signature';
import type { Plan } from '../../stack/plan';

/** The services, as signatures and host names call them. */
export const SERVICES = ['secretsmanager', 'cloudformation', 'autoscaling', 'logs', 's3'] as const;
export type Service = (typeof SERVICES)[number];

/** A file on its way to a bucket. */
export interface Upload {
  readonly key: string;
  /** Who sends it. */
  readonly address: string;
  bytes: number;
  /** Refused: the service did not want it. Broken: it did not come to its end. */
  state: 'under way' | 'done' | 'refused' | 'broken';
  /** Of all that came. */
  sha256?: string;
}

/** Answers that a service gives instead of its own. */
export interface ScriptedFailure {
  readonly service: Service;
  /** Of the method, the path and the body: which requests get it. */
  readonly matching: string;
  readonly status: number;
  /** Such as SlowDown or ThrottlingException. */
  readonly code: string;
  readonly message: string;
  /** How many requests. */
  times: number;
}

/**
 * The AWS calls that hosts make, in this stack and nothing more. Signatures are verified, and what a
 * host's role or a bucket's policy does not allow is refused. Each service has an address of its own.
 */
export class AwsServices {
  public readonly uploads: Upload[] = [];
  public readonly secretsManager: SecretsManager;
  public readonly cloudFormation: CloudFormation;
  public readonly s3: S3;
  public readonly logs: CloudWatchLogs;
  /** How far its clock is ahead of the hosts', in milliseconds. */
  public skew = 0;
  private readonly autoScaling: AutoScaling;
  private readonly servers = new Map<Service, OutageServer>();
  private readonly scripted: ScriptedFailure[] = [];
  private holdAfter = Infinity;
  private readonly held = new Set<http.IncomingMessage>();
  private readonly principals = new Map<string, Principal>();

  constructor(
    private plan: Plan,
    directory: string,
    groups: () => ScalingGroup[],
    private readonly note: (line: string) => void,
  ) {
    this.secretsManager = new SecretsManager(plan);
    this.cloudFormation = new CloudFormation(plan);
    this.s3 = new S3(plan, directory);
    this.logs = new CloudWatchLogs(plan, () => Date.now() + this.skew);
    this.autoScaling = new AutoScaling(plan, groups);
  }

  /** The names at which a service answers. */
  public static names(plan: Plan, service: Service): string[] {
    return service === 's3' ? S3.names(plan) : [`${service}.${plan.region}.${plan.suffix}`];
  }

  /**
   * The names in the certificate of a service. That of S3 covers one label before its own name, so no
   * bucket that has a dot in its name:
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
   */
  public static certificateNames(plan: Plan, service: Service): string[] {
    const name = `${service}.${plan.region}.${plan.suffix}`;
    return service === 's3' ? [name, `*.${name}`] : [name];
  }

  /** What is deployed from now on. */
  public update(plan: Plan): void {
    this.plan = plan;
    this.cloudFormation.plan = plan;
    this.s3.update(plan.buckets);
  }

  public admit(principal: Principal): void {
    this.principals.set(principal.credentials.accessKeyId, principal);
  }

  /** From now on reads no more than some bytes of each upload; by default all, of held ones too. */
  public holdUploads(bytes = Infinity): void {
    this.holdAfter = bytes;
    if (bytes === Infinity) {
      this.held.forEach((request) => request.resume());
      this.held.clear();
    }
  }

  /** The objects in the stack's buckets. */
  public objects(): StoredObject[] {
    return this.s3.objects();
  }

  /** The next requests of some kind fail, as those of a service that is busy do. */
  public script(failing: ScriptedFailure): void {
    this.scripted.push({ ...failing });
  }

  public async outage(service: Service, outage: Outage | undefined): Promise<void> {
    await this.servers.get(service)?.set(outage);
  }

  public async listen(
    service: Service,
    address: string,
    { key, cert }: Certificate,
  ): Promise<void> {
    const server = new OutageServer(address, 443, (answer) =>
      https.createServer({ key, cert }, answer),
    );
    this.servers.set(service, server);
    await server.listen((request, response) => {
      const chunks: Buffer[] = [];
      const file = request.method === 'PUT' && request.headers['x-amz-copy-source'] === undefined;
      const upload = file ? this.upload(request) : undefined;
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        this.handle(service, request, body, response);
        if (upload !== undefined) {
          upload.state = response.statusCode === 200 ? 'done' : 'refused';
          upload.sha256 = createHash('sha256').update(body).digest('hex');
        }
      });
    });
  }

  private upload(request: http.IncomingMessage): Upload {
    const upload: Upload = {
      key: decodeURIComponent((request.url ?? '/').slice(1).split('?')[0]),
      address: request.socket.remoteAddress ?? '',
      bytes: 0,
      state: 'under way',
    };
    this.uploads.push(upload);
    request.on('data', (chunk: Buffer) => {
      upload.bytes += chunk.length;
      if (upload.bytes >= this.holdAfter) {
        request.pause();
        this.held.add(request);
      }
    });
    request.on('close', () => {
      if (upload.state === 'under way') {
        upload.state = 'broken';
      }
    });
    return upload;
  }

  private handle(
    service: Service,
    request: http.IncomingMessage,
    body: Buffer,
    response: http.ServerResponse,
  ): void {
    const host = request.headers.host ?? '';
    const what = /(?:^|&)Action=(\w+)/.exec(`${body.subarray(0, 4096)}`)?.[1];
    const target = String(request.headers['x-amz-target'] ?? '').split('.')[1];
    let reply: Reply;
    try {
      if (host.split('.')[0] !== service && service !== 's3') {
        throw new AwsError(404, 'UnknownService', `${host} is not ${service}`);
      }
      const principal = verify(request, body, {
        service,
        region: this.plan.region,
        now: Date.now() + this.skew,
        principals: this.principals,
      });
      const call = { principal, request, body };
      this.failAsScripted(service, call);
      reply = this.dispatch(service, call);
    } catch (error) {
      const known =
        error instanceof AwsError ? error : new AwsError(500, 'InternalError', String(error));
      reply = failure(service, known);
      this.note(
        `${new Date().toISOString()} ${request.socket.remoteAddress} ${request.method} ${host}` +
          `${request.url} ${what ?? target ?? ''} ${known.status} ${known.code} ${known.message}`,
      );
    }
    const content = Buffer.from(reply.body ?? '');
    const status = reply.status ?? 200;
    response.writeHead(status, {
      ...(status === 204 || status === 304 ? {} : { 'content-length': content.length }),
      ...reply.headers,
    });
    response.end(request.method === 'HEAD' ? undefined : content);
  }

  private failAsScripted(service: Service, { request, body }: Call): void {
    const text = `${request.method} ${request.url} ${request.headers['x-amz-target'] ?? ''} ${body.subarray(0, 4096)}`;
    const failing = this.scripted.find(
      (one) => one.service === service && one.times > 0 && new RegExp(one.matching).test(text),
    );
    if (failing !== undefined) {
      failing.times -= 1;
      throw new AwsError(failing.status, failing.code, failing.message);
    }
  }

  private dispatch(service: Service, call: Call): Reply {
    switch (service) {
      case 'secretsmanager':
        return this.secretsManager.handle(call);
      case 'cloudformation':
        return this.cloudFormation.handle(call);
      case 'autoscaling':
        return this.autoScaling.handle(call);
      case 'logs':
        return this.logs.handle(call);
      case 's3':
        return this.s3.handle(call);
    }
  }
}

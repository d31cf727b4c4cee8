import * as aws4 from 'aws4';
import { createHash, timingSafeEqual } from 'crypto';
import * as fs from 'fs';
import * as http from 'http';
import * as https from 'https';
import * as path from 'path';
import type { Credentials } from './metadata';
import type { Plan, Statement } from './template';
import type { Certificate } from './pki';

export interface Signal {
  readonly resource: string;
  readonly instance: string;
  readonly status: string;
  readonly at: number;
}

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

interface Principal {
  readonly credentials: Credentials;
  readonly statements: Statement[];
}

interface Call {
  readonly principal: Principal;
  readonly request: http.IncomingMessage;
  readonly body: Buffer;
}

class AwsError extends Error {
  public constructor(
    public readonly status: number,
    public readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

interface SecretVersion {
  readonly value: string;
  /** In seconds. */
  readonly created: number;
}

interface Reply {
  readonly status?: number;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

/**
 * The AWS calls that hosts make: Secrets Manager, S3 and CloudFormation, in this stack and nothing
 * more. Signatures are verified, and what a host's role does not allow is refused.
 */
export class AwsServices {
  public readonly signals: Signal[] = [];
  public readonly uploads: Upload[] = [];
  public onSignal?: (signal: Signal) => void;
  private holdAfter = Infinity;
  private readonly held = new Set<http.IncomingMessage>();
  private readonly etags = new Map<string, string>();
  private readonly principals = new Map<string, Principal>();
  private readonly secrets: { arn: string; name: string; versions: SecretVersion[] }[];

  public constructor(
    public plan: Plan,
    private readonly directory: string,
    private readonly note: (line: string) => void,
  ) {
    const created = Date.now() / 1000;
    this.secrets = plan.secrets.map(({ arn, name, value }) => ({
      arn,
      name,
      versions: [{ value, created }],
    }));
    for (const bucket of plan.buckets) {
      fs.mkdirSync(path.join(directory, bucket), { recursive: true });
    }
  }

  /** The names at which the services answer. */
  public static names(plan: Plan): string[] {
    const { region, suffix, buckets } = plan;
    return [
      `secretsmanager.${region}.${suffix}`,
      `cloudformation.${region}.${suffix}`,
      ...buckets.map((bucket) => `${bucket}.s3.${region}.${suffix}`),
    ];
  }

  public admit(credentials: Credentials, statements: Statement[]): void {
    this.principals.set(credentials.accessKeyId, { credentials, statements });
  }

  /** Gives every secret a new value; the one before stays as AWSPREVIOUS. */
  public rotate(value: string): void {
    for (const secret of this.secrets) {
      secret.versions.unshift({ value, created: Date.now() / 1000 });
    }
  }

  /** From now on reads no more than some bytes of each upload; by default all, of held ones too. */
  public holdUploads(bytes = Infinity): void {
    this.holdAfter = bytes;
    if (bytes === Infinity) {
      this.held.forEach((request) => request.resume());
      this.held.clear();
    }
  }

  /** The keys of the objects in the stack's buckets. */
  public objects(): string[] {
    return this.plan.buckets.flatMap((bucket) => this.keys(bucket));
  }

  public listen(address: string, certificate: Certificate): Promise<https.Server> {
    const { key, cert } = certificate;
    const server = https.createServer({ key, cert }, (request, response) => {
      const chunks: Buffer[] = [];
      const file = request.method === 'PUT' && request.headers['x-amz-copy-source'] === undefined;
      const upload = file ? this.upload(request) : undefined;
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        this.handle(request, body, response);
        if (upload !== undefined) {
          upload.state = response.statusCode === 200 ? 'done' : 'refused';
          upload.sha256 = createHash('sha256').update(body).digest('hex');
        }
      });
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(443, address, () => resolve(server));
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

  private handle(request: http.IncomingMessage, body: Buffer, response: http.ServerResponse): void {
    const host = request.headers.host ?? '';
    const service = /\.s3\./.test(host) ? 's3' : host.split('.')[0];
    let reply: Reply;
    try {
      const call = { principal: this.verify(service, request, body), request, body };
      reply = this.dispatch(service, host, call);
    } catch (error) {
      const known =
        error instanceof AwsError ? error : new AwsError(500, 'InternalError', String(error));
      reply = failure(service, known);
      this.note(
        `${new Date().toISOString()} ${request.socket.remoteAddress} ${request.method} ${host}` +
          `${request.url} ${known.status} ${known.code} ${known.message}`,
      );
    }
    const content = Buffer.from(reply.body ?? '');
    response.writeHead(reply.status ?? 200, {
      'content-length': content.length,
      ...reply.headers,
    });
    response.end(request.method === 'HEAD' ? undefined : content);
  }

  /** Who signed this request; the signature has to be the one that we would make. */
  private verify(service: string, request: http.IncomingMessage, body: Buffer): Principal {
    const given = request.headers.authorization ?? '';
    const match =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
        given,
      );
    if (match === null) {
      throw new AwsError(403, 'MissingAuthenticationToken', 'the request is not signed');
    }
    const [, keyId, , region, signedFor, signedHeaders, signature] = match;
    const principal = this.principals.get(keyId);
    if (principal === undefined) {
      throw new AwsError(403, 'InvalidClientTokenId', 'the access key is not known');
    }
    const names = signedHeaders.split(';');
    const date = String(request.headers['x-amz-date']);
    const when = Date.parse(
      date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
    );
    if (!(Math.abs(Date.now() - when) < 15 * 60 * 1000)) {
      throw new AwsError(403, 'RequestTimeTooSkewed', `the request was signed at ${date}`);
    }
    if (region !== this.plan.region || signedFor !== service) {
      throw new AwsError(403, 'SignatureDoesNotMatch', `signed for ${region}/${signedFor}`);
    }
    const unsigned = Object.keys(request.headers).filter(
      (name) => name.startsWith('x-amz-') && !names.includes(name),
    );
    if (!names.includes('host') || unsigned.length > 0) {
      throw new AwsError(403, 'SignatureDoesNotMatch', `not signed: ${unsigned.join(', ')}`);
    }
    if (request.headers['x-amz-security-token'] !== principal.credentials.token) {
      throw new AwsError(403, 'InvalidToken', 'the session token is not the role’s');
    }
    const declared = request.headers['x-amz-content-sha256'];
    const hash = createHash('sha256').update(body).digest('hex');
    if (service === 's3' && declared !== 'UNSIGNED-PAYLOAD' && declared !== hash) {
      throw new AwsError(400, 'XAmzContentSHA256Mismatch', 'the content is not what was signed');
    }
    const signer = new aws4.RequestSigner(
      {
        method: request.method,
        host: request.headers.host,
        path: request.url,
        service,
        region,
        headers: Object.fromEntries(names.map((name) => [name, request.headers[name]])),
        body,
        doNotModifyHeaders: true,
        extraHeadersToInclude: Object.fromEntries(names.map((name) => [name, true])),
      } as aws4.Request,
      principal.credentials,
    );
    Object.assign(signer, { datetime: date });
    const { headers } = signer.sign();
    const ours = /Signature=([0-9a-f]{64})$/.exec(String(headers?.Authorization))?.[1];
    if (ours === undefined || !timingSafeEqual(Buffer.from(ours), Buffer.from(signature))) {
      throw new AwsError(403, 'SignatureDoesNotMatch', 'the signature is not the one expected');
    }
    return principal;
  }

  private dispatch(service: string, host: string, call: Call): Reply {
    switch (service) {
      case 'secretsmanager':
        return this.secretsManager(call);
      case 'cloudformation':
        return this.cloudFormation(call);
      case 's3':
        return this.s3(host.split('.s3.')[0], call);
      default:
        throw new AwsError(404, 'UnknownService', `the preview has no ${service}`);
    }
  }

  private secretsManager({ principal, request, body }: Call): Reply {
    const target = request.headers['x-amz-target'];
    if (target !== 'secretsmanager.GetSecretValue') {
      throw new AwsError(400, 'UnknownOperationException', `the preview has no ${String(target)}`);
    }
    const asked = JSON.parse(body.toString()) as Record<string, string>;
    const stage = asked.VersionStage ?? 'AWSCURRENT';
    const secret = this.secrets.find(({ arn, name }) => [arn, name].includes(asked.SecretId));
    permit(principal, 'secretsmanager:GetSecretValue', secret?.arn ?? asked.SecretId);
    const version = secret?.versions[['AWSCURRENT', 'AWSPREVIOUS'].indexOf(stage)];
    if (secret === undefined || version === undefined) {
      const what = `Secrets Manager can't find the specified secret value for staging label: ${stage}`;
      throw new AwsError(400, 'ResourceNotFoundException', what);
    }
    return {
      headers: { 'content-type': 'application/x-amz-json-1.1' },
      body: JSON.stringify({
        ARN: secret.arn,
        Name: secret.name,
        SecretString: version.value,
        CreatedDate: version.created,
        VersionStages: [stage],
      }),
    };
  }

  private cloudFormation({ principal, request, body }: Call): Reply {
    const query = request.method === 'POST' ? body.toString() : (request.url ?? '').split('?')[1];
    const asked = new URLSearchParams(query);
    const action = asked.get('Action') ?? '';
    const stack = asked.get('StackName') ?? '';
    const resource = asked.get('LogicalResourceId') ?? '';
    permit(principal, `cloudformation:${action}`, this.plan.stackId);
    const known = [this.plan.stackName, this.plan.stackId].includes(stack);
    if (action === 'DescribeStackResource') {
      return this.describe(known, stack, resource);
    }
    if (action !== 'SignalResource') {
      throw new AwsError(400, 'InvalidAction', `the preview has no ${action}`);
    }
    if (!known || !this.plan.hosts.some(({ group }) => group === resource)) {
      throw new AwsError(400, 'ValidationError', `no resource ${resource} in stack ${stack}`);
    }
    const signal = {
      resource,
      instance: asked.get('UniqueId') ?? '',
      status: asked.get('Status') ?? '',
      at: Date.now(),
    };
    this.signals.push(signal);
    this.onSignal?.(signal);
    return {
      headers: { 'content-type': 'text/xml' },
      body: '<SignalResourceResponse><ResponseMetadata/></SignalResourceResponse>',
    };
  }

  private describe(known: boolean, stack: string, resource: string): Reply {
    const metadata = this.plan.metadata[resource];
    if (!known || metadata === undefined) {
      throw new AwsError(400, 'ValidationError', `no resource ${resource} in stack ${stack}`);
    }
    const detail =
      `<LogicalResourceId>${resource}</LogicalResourceId>` +
      `<StackId>${this.plan.stackId}</StackId><Metadata>${escape(metadata)}</Metadata>`;
    const result = `<StackResourceDetail>${detail}</StackResourceDetail>`;
    return {
      headers: { 'content-type': 'text/xml' },
      body:
        '<DescribeStackResourceResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">' +
        `<DescribeStackResourceResult>${result}</DescribeStackResourceResult>` +
        '</DescribeStackResourceResponse>',
    };
  }

  private s3(bucket: string, { principal, request, body }: Call): Reply {
    if (!this.plan.buckets.includes(bucket)) {
      throw new AwsError(404, 'NoSuchBucket', `there is no bucket ${bucket}`);
    }
    const url = new URL(request.url ?? '/', 'https://bucket');
    const key = decodeURIComponent(url.pathname.slice(1));
    const arn = `arn:aws:s3:::${bucket}`;
    if (key === '') {
      permit(principal, 's3:ListBucket', arn);
      return this.list(bucket, url.searchParams);
    }
    const file = path.join(this.directory, bucket, encodeURIComponent(key));
    if (request.method === 'PUT') {
      permit(principal, 's3:PutObject', `${arn}/${key}`);
      const source = request.headers['x-amz-copy-source'];
      if (source !== undefined) {
        permit(principal, 's3:GetObject', `${arn}/${key}`);
        return this.renew(file, String(source) === `/${bucket}/${key}`, request);
      }
      if (request.headers['if-none-match'] === '*' && fs.existsSync(file)) {
        throw new AwsError(412, 'PreconditionFailed', 'the object exists');
      }
      // Objects are whole or absent.
      fs.writeFileSync(`${file}.part`, body);
      fs.renameSync(`${file}.part`, file);
      this.etags.set(file, etag(body));
      return { headers: { etag: this.etags.get(file) } };
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new AwsError(405, 'MethodNotAllowed', `the preview has no ${request.method}`);
    }
    permit(principal, 's3:GetObject', `${arn}/${key}`);
    if (!fs.existsSync(file)) {
      // As S3: who may not list is not told what is missing.
      if (allowed(principal, 's3:ListBucket', arn)) {
        throw new AwsError(404, 'NoSuchKey', 'The specified key does not exist.');
      }
      throw new AwsError(403, 'AccessDenied', 'Access Denied');
    }
    const content = fs.readFileSync(file);
    const modified = fs.statSync(file).mtime.toUTCString();
    return { headers: { etag: this.etags.get(file), 'last-modified': modified }, body: content };
  }

  /** A copy of an object onto itself, which is as if it had been written again. */
  private renew(file: string, itself: boolean, request: http.IncomingMessage): Reply {
    if (!itself || request.headers['x-amz-metadata-directive'] !== 'REPLACE') {
      throw new AwsError(400, 'InvalidRequest', 'the preview copies an object onto itself alone');
    }
    if (!fs.existsSync(file)) {
      throw new AwsError(404, 'NoSuchKey', 'The specified key does not exist.');
    }
    const now = new Date();
    fs.utimesSync(file, now, now);
    return {
      headers: { 'content-type': 'application/xml' },
      body: `<CopyObjectResult><LastModified>${now.toISOString()}</LastModified></CopyObjectResult>`,
    };
  }

  private list(bucket: string, query: URLSearchParams): Reply {
    if (query.get('list-type') !== '2') {
      throw new AwsError(501, 'NotImplemented', 'the preview lists by version 2 alone');
    }
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const most = Number(query.get('max-keys') ?? 1000);
    const keys = this.keys(bucket).filter((key) => key.startsWith(prefix) && key > after);
    const page = keys.slice(0, most);
    const contents = page.map((key) => {
      const file = path.join(this.directory, bucket, encodeURIComponent(key));
      const { size, mtime } = fs.statSync(file);
      return (
        `<Contents><Key>${escape(key)}</Key><LastModified>${mtime.toISOString()}</LastModified>` +
        `<ETag>${escape(this.etags.get(file) ?? '')}</ETag><Size>${size}</Size>` +
        '<StorageClass>STANDARD</StorageClass></Contents>'
      );
    });
    const more = keys.length > page.length;
    return {
      headers: { 'content-type': 'application/xml' },
      body:
        '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
        `<Name>${bucket}</Name><Prefix>${escape(prefix)}</Prefix><KeyCount>${page.length}</KeyCount>` +
        `<MaxKeys>${most}</MaxKeys><IsTruncated>${more}</IsTruncated>` +
        (more
          ? `<NextContinuationToken>${escape(page.at(-1) ?? '')}</NextContinuationToken>`
          : '') +
        `${contents.join('')}</ListBucketResult>`,
    };
  }

  private keys(bucket: string): string[] {
    return fs
      .readdirSync(path.join(this.directory, bucket))
      .filter((name) => !name.endsWith('.part'))
      .map(decodeURIComponent)
      .sort();
  }
}

function allowed({ statements }: Principal, action: string, resource: string): boolean {
  const matching = statements.filter(
    ({ actions, resources }) =>
      actions.some((pattern) => wildcard(pattern, 'i').test(action)) &&
      resources.some((pattern) => wildcard(pattern, '').test(resource)),
  );
  return matching.length > 0 && matching.every(({ effect }) => effect === 'Allow');
}

function permit(principal: Principal, action: string, resource: string): void {
  if (!allowed(principal, action, resource)) {
    const what = `the role is not authorized to perform ${action} on ${resource}`;
    throw new AwsError(
      403,
      action.startsWith('s3:') ? 'AccessDenied' : 'AccessDeniedException',
      what,
    );
  }
}

/** A pattern with * for any text and ? for any character. */
export function wildcard(pattern: string, flags: string): RegExp {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`, `s${flags}`);
}

function etag(content: Buffer): string {
  return `"${createHash('md5').update(content).digest('hex')}"`;
}

function escape(text: string): string {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function failure(service: string, error: AwsError): Reply {
  const { status, code, message } = error;
  if (service === 'secretsmanager') {
    return {
      status,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code },
      body: JSON.stringify({ __type: code, Message: message }),
    };
  }
  const inner = `<Code>${code}</Code><Message>${escape(message)}</Message>`;
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body:
      service === 's3'
        ? `<Error>${inner}</Error>`
        : `<ErrorResponse><Error>${inner}</Error></ErrorResponse>`,
  };
}

import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { BucketPlan, Plan } from '../../stack/plan';
import { decide } from '../../stack/policy';
import { Bucket, current, keysOf, StoredObject, Version, versionId } from './buckets';
import { AwsError, Call, escapeXml, globalKeys, Principal, Reply } from './call';
import { listObjects } from './list-objects';

/**
 * S3, as far as hosts call it: objects whole, with versions, conditions and policies; lists by
 * version 2. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
export class S3 {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly plan: Plan,
    private readonly directory: string,
  ) {
    fs.mkdirSync(directory, { recursive: true });
    for (const bucket of plan.buckets) {
      this.buckets.set(bucket.name, { plan: bucket, objects: new Map() });
    }
  }

  /** The endpoint, and a virtual host for each bucket. */
  public static names({ region, suffix, buckets }: Plan): string[] {
    const endpoint = `s3.${region}.${suffix}`;
    return [endpoint, ...buckets.map(({ name }) => `${name}.${endpoint}`)];
  }

  /** Takes the policies of an updated template. */
  public update(buckets: BucketPlan[]): void {
    for (const plan of buckets) {
      const objects = this.buckets.get(plan.name)?.objects ?? new Map<string, Version[]>();
      this.buckets.set(plan.name, { plan, objects });
    }
  }

  public objects(): StoredObject[] {
    return [...this.buckets].flatMap(([bucket, { objects }]) =>
      keysOf(objects).map((key) => ({ bucket, key, versions: objects.get(key)?.length ?? 0 })),
    );
  }

  /** Writes an object as the owner of the bucket could, whatever its policy says. */
  public store(name: string, key: string, content: Buffer): void {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) {
      throw new Error(`there is no bucket ${name}`);
    }
    this.write(bucket, key, content, 'binary/octet-stream');
  }

  /** What an object has. */
  public content(name: string, key: string): Buffer | undefined {
    const bucket = this.buckets.get(name);
    const file = bucket && current(bucket, key)?.file;
    return file === undefined ? undefined : fs.readFileSync(file);
  }

  public handle(call: Call): Reply {
    const { request } = call;
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    const url = new URL(request.url ?? '/', 'https://bucket');
    const endpoint = `s3.${this.plan.region}.${this.plan.suffix}`;
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    const [name, rest] =
      host === endpoint
        ? (/^\/([^/]*)\/?(.*)$/s.exec(url.pathname)?.slice(1) ?? ['', ''])
        : [host.slice(0, -endpoint.length - 1), url.pathname.slice(1)];
    const key = decodeURIComponent(rest);
    const bucket = this.buckets.get(name);
    if (bucket === undefined) {
      throw new AwsError(404, 'NoSuchBucket', 'The specified bucket does not exist', {
        BucketName: name,
      });
    }
    const query = url.searchParams;
    const arn = `arn:aws:s3:::${name}`;
    if (key === '') {
      if (request.method !== 'GET') {
        throw new AwsError(405, 'MethodNotAllowed', `the preview has no ${request.method}`);
      }
      if (query.get('list-type') !== '2') {
        throw new AwsError(501, 'NotImplemented', 'the preview lists by version 2 alone');
      }
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
      this.permit(bucket, call.principal, 's3:ListBucket', arn, {
        's3:prefix': query.get('prefix') ?? undefined,
        's3:delimiter': query.get('delimiter') ?? undefined,
        's3:max-keys': query.get('max-keys') ?? undefined,
      });
      return listObjects(bucket, query);
    }
    if (Buffer.byteLength(key) > 1024) {
      throw new AwsError(400, 'KeyTooLongError', 'Your key is too long');
    }
    const unknown = [...query.keys()].filter((one) => !['x-id', 'versionId'].includes(one));
    if (unknown.length > 0) {
      throw new AwsError(501, 'NotImplemented', `the preview has no ?${unknown.join(', ?')}`);
    }
    switch (request.method) {
      case 'PUT':
        return request.headers['x-amz-copy-source'] === undefined
          ? this.put(bucket, key, call)
          : this.copy(bucket, key, call);
      case 'GET':
      case 'HEAD':
        return this.get(bucket, key, query.get('versionId') ?? undefined, call);
      case 'DELETE':
        return this.delete(bucket, key, query.get('versionId') ?? undefined, call);
      default:
        throw new AwsError(
          405,
          'MethodNotAllowed',
          'The specified method is not allowed against this resource.',
        );
    }
  }

  private permit(
    { plan }: Bucket,
    principal: Principal,
    action: string,
    resource: string,
    keys: Record<string, string | undefined> = {},
  ): void {
    const request = {
      action,
      resource,
      principals: [principal.roleArn, principal.arn, `arn:aws:iam::${principal.account}:root`],
      keys: { ...globalKeys(principal), 's3:tlsversion': '1.3', ...keys },
    };
    const decisions = [decide(principal.statements, request), decide(plan.policy, request)];
    if (decisions.includes('deny') || !decisions.includes('allow')) {
      const because = decisions.includes('deny')
        ? `with an explicit deny in ${decisions[0] === 'deny' ? 'an identity' : 'a resource'}-based policy`
        : `because no identity-based policy allows the ${action} action`;
      throw new AwsError(
        403,
        'AccessDenied',
        `User: ${principal.arn} is not authorized to perform: ${action} on resource: "${resource}" ${because}`,
      );
    }
  }

  private put(bucket: Bucket, key: string, call: Call): Reply {
    const { request, body } = call;
    const { headers } = request;
    this.permitWrite(bucket, key, call);
    if (headers['content-length'] === undefined) {
      throw new AwsError(
        411,
        'MissingContentLength',
        'You must provide the Content-Length HTTP header.',
      );
    }
    const md5 = headers['content-md5'];
    if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('base64')) {
      throw new AwsError(
        400,
        'BadDigest',
        'The Content-MD5 you specified did not match what we received.',
      );
    }
    checkConditions(bucket, key, headers['if-none-match'], headers['if-match']);
    const version = this.write(
      bucket,
      key,
      body,
      String(headers['content-type'] ?? 'binary/octet-stream'),
    );
    return { headers: written(bucket, version) };
  }

  private copy(bucket: Bucket, key: string, call: Call): Reply {
    const { headers } = call.request;
    const source = decodeURIComponent(String(headers['x-amz-copy-source'])).replace(/^\//, '');
    const [name, from] = [source.split('/')[0], source.split('/').slice(1).join('/')];
    const other = this.buckets.get(name);
    if (other === undefined) {
      throw new AwsError(404, 'NoSuchBucket', 'The specified bucket does not exist');
    }
    this.permit(other, call.principal, 's3:GetObject', `arn:aws:s3:::${name}/${from}`);
    this.permitWrite(bucket, key, call);
    const found = current(other, from);
    if (found?.file === undefined) {
      throw new AwsError(404, 'NoSuchKey', 'The specified key does not exist.', { Key: from });
    }
    if (
      source === `${bucket.plan.name}/${key}` &&
      headers['x-amz-metadata-directive'] !== 'REPLACE'
    ) {
      throw new AwsError(
        400,
        'InvalidRequest',
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    }
    checkConditions(bucket, key, headers['if-none-match'], headers['if-match']);
    const version = this.write(bucket, key, fs.readFileSync(found.file), found.type);
    return {
      headers: { ...written(bucket, version), 'content-type': 'application/xml' },
      body:
        '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<CopyObjectResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
        `<LastModified>${version.modified.toISOString()}</LastModified>` +
        `<ETag>${escapeXml(version.etag)}</ETag></CopyObjectResult>`,
    };
  }

  /**
   * Without ACLs, a request that has one is refused:
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
   */
  private permitWrite(bucket: Bucket, key: string, { principal, request }: Call): void {
    const { headers } = request;
    const acl = headers['x-amz-acl'];
    const grants = Object.keys(headers).filter((name) => name.startsWith('x-amz-grant-'));
    this.permit(bucket, principal, 's3:PutObject', `arn:aws:s3:::${bucket.plan.name}/${key}`, {
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
      's3:if-none-match': headers['if-none-match'],
      's3:if-match': headers['if-match'],
      's3:objectcreationoperation': 'true',
      's3:x-amz-acl': acl as string | undefined,
      's3:x-amz-server-side-encryption': headers['x-amz-server-side-encryption'] as
        string | undefined,
    });
    const refused = grants.length > 0 || (acl !== undefined && acl !== 'bucket-owner-full-control');
    if (!bucket.plan.acls && refused) {
      throw new AwsError(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs');
    }
  }

  private get(bucket: Bucket, key: string, id: string | undefined, call: Call): Reply {
    const { principal, request } = call;
    const arn = `arn:aws:s3:::${bucket.plan.name}`;
    const action = id === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
    this.permit(bucket, principal, action, `${arn}/${key}`);
    const version =
      id === undefined
        ? current(bucket, key)
        : bucket.objects.get(key)?.find((one) => one.id === id);
    if (version?.file === undefined) {
      // Without the right to list, nobody learns what is missing. No document says what `s3:prefix` is
      // in this check: here it is the key.
      this.permit(bucket, principal, 's3:ListBucket', arn, { 's3:prefix': key });
      throw id === undefined
        ? new AwsError(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key })
        : new AwsError(404, 'NoSuchVersion', 'The specified version does not exist.', { Key: key });
    }
    if (request.headers['if-none-match'] === version.etag) {
      return { status: 304, headers: { etag: version.etag } };
    }
    return {
      headers: {
        ...written(bucket, version),
        'last-modified': version.modified.toUTCString(),
        'content-type': version.type,
        'accept-ranges': 'bytes',
      },
      body: fs.readFileSync(version.file),
    };
  }

  private delete(bucket: Bucket, key: string, id: string | undefined, { principal }: Call): Reply {
    const arn = `arn:aws:s3:::${bucket.plan.name}/${key}`;
    this.permit(
      bucket,
      principal,
      id === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
      arn,
    );
    const versions = bucket.objects.get(key) ?? [];
    if (id !== undefined) {
      const left = versions.filter((version) => version.id !== id);
      bucket.objects.set(key, left);
      return { status: 204, headers: { 'x-amz-version-id': id } };
    }
    if (!bucket.plan.versioned) {
      bucket.objects.delete(key);
      return { status: 204 };
    }
    const marker = { id: versionId(), etag: '', size: 0, modified: new Date(), type: '' };
    bucket.objects.set(key, [marker, ...versions]);
    return {
      status: 204,
      headers: { 'x-amz-version-id': marker.id, 'x-amz-delete-marker': 'true' },
    };
  }

  private write(bucket: Bucket, key: string, content: Buffer, type: string): Version {
    const id = versionId();
    const file = path.join(this.directory, id);
    fs.writeFileSync(file, content);
    const version = {
      id: bucket.plan.versioned ? id : 'null',
      etag: `"${createHash('md5').update(content).digest('hex')}"`,
      size: content.length,
      modified: new Date(),
      type,
      file,
    };
    const before = bucket.plan.versioned ? (bucket.objects.get(key) ?? []) : [];
    bucket.objects.set(key, [version, ...before]);
    return version;
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
function checkConditions(
  bucket: Bucket,
  key: string,
  ifNoneMatch: string | undefined,
  ifMatch: string | undefined,
): void {
  const version = current(bucket, key);
  const there = version?.file !== undefined;
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new AwsError(
      501,
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      { Header: 'If-None-Match' },
    );
  }
  if (ifMatch !== undefined && !there) {
    throw new AwsError(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key });
  }
  const failed =
    ifNoneMatch !== undefined && there
      ? 'If-None-Match'
      : ifMatch !== undefined && ifMatch !== version?.etag
        ? 'If-Match'
        : undefined;
  if (failed !== undefined) {
    throw new AwsError(
      412,
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
      { Condition: failed },
    );
  }
}

function written(bucket: Bucket, { etag, id }: Version): Record<string, string> {
  return {
    etag,
    'x-amz-server-side-encryption': 'AES256',
    ...(bucket.plan.versioned ? { 'x-amz-version-id': id } : {}),
  };
}

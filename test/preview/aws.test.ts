import * as fs from 'node:fs';
import type { IncomingMessage } from 'node:http';
import * as os from 'node:os';
import * as path from 'node:path';
import { AwsError, Call, Principal, Reply } from '../../preview/cloud/aws/call';
import { CloudFormation } from '../../preview/cloud/aws/cloudformation';
import { decide } from '../../preview/stack/policy';
import { S3 } from '../../preview/cloud/aws/s3';
import { SecretsManager } from '../../preview/cloud/aws/secrets-manager';
import type { Plan } from '../../preview/stack/plan';
import type { Statement } from '../../preview/stack/policy';

const BUCKET = 'assets';
const statement = (more: Partial<Statement>): Statement => ({
  effect: 'Allow',
  actions: ['*'],
  notActions: [],
  resources: ['*'],
  notResources: [],
  principals: [],
  conditions: {},
  ...more,
});
const CONDITIONAL = statement({
  effect: 'Deny',
  actions: ['s3:PutObject'],
  principals: ['*'],
  conditions: { Null: { 's3:if-none-match': ['true'] } },
});
const plan = (policy: Statement[] = [], versioned = true): Plan =>
  ({
    stackName: 'preview',
    stackId: 'arn:stack',
    region: 'eu-central-1',
    suffix: 'amazonaws.com',
    account: '123456789012',
    buckets: [{ name: BUCKET, versioned, acls: false, policy }],
    secrets: [{ arn: 'arn:secret:key-a1B2c3', name: 'key', value: 'one' }],
    metadata: { Files: '{"files":"<&>"}' },
    hosts: [{ group: 'Group', scaling: { name: 'preview-Group' } }],
  }) as unknown as Plan;

const principal = (...statements: Statement[]): Principal => ({
  credentials: { accessKeyId: 'a', secretAccessKey: 'b', token: 'c' },
  statements,
  arn: 'arn:aws:sts::123456789012:assumed-role/role/i-1',
  roleArn: 'arn:aws:iam::123456789012:role/role',
  account: '123456789012',
});

function call(
  method: string,
  url: string,
  options: { headers?: Record<string, string>; body?: string; who?: Principal } = {},
): Call {
  const { headers = {}, body = '', who = principal(statement({})) } = options;
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  const host = `${BUCKET}.s3.eu-central-1.amazonaws.com`;
  const request = { method, url, headers: { host, ...length, ...headers } };
  return {
    principal: who,
    request: request as unknown as IncomingMessage,
    body: Buffer.from(body),
  };
}

/** The code of the error that something throws. */
function code(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return error instanceof AwsError ? `${error.status} ${error.code}` : String(error);
  }
  return 'none';
}

describe('policies', () => {
  const request = {
    action: 's3:ListBucket',
    resource: 'arn:aws:s3:::b',
    principals: ['arn:aws:iam::1:role/r'],
    keys: { 's3:prefix': 'releases/' },
  };

  test.each([
    ['StringLike', { 's3:prefix': ['releases/*'] }, 'allow'],
    ['StringEquals', { 's3:Prefix': ['releases/'] }, 'allow'],
    ['StringEquals', { 's3:prefix': ['other'] }, 'nothing'],
    ['StringLike', { 's3:max-keys': ['*'] }, 'nothing'],
    ['StringLikeIfExists', { 's3:max-keys': ['*'] }, 'allow'],
    ['StringNotEquals', { 's3:max-keys': ['7'] }, 'allow'],
    ['Null', { 's3:prefix': ['true'] }, 'nothing'],
    ['Null', { 's3:max-keys': ['true'] }, 'allow'],
  ])('%s %j: %s', (operator, keys, wanted) => {
    expect(decide([statement({ conditions: { [operator]: keys } })], request)).toBe(wanted);
  });

  test('an explicit denial wins', () => {
    expect(decide([statement({}), statement({ effect: 'Deny' })], request)).toBe('deny');
  });

  test('principals that are named are the only ones', () => {
    expect(decide([statement({ principals: ['arn:other'] })], request)).toBe('nothing');
  });

  test('an unknown condition is an error, not ignored', () => {
    const conditions = { DateLessThan: { 'aws:CurrentTime': ['x'] } };
    expect(() => decide([statement({ conditions })], request)).toThrow('DateLessThan');
  });
});

describe('S3', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'preview-s3-'));
  afterAll(() => fs.rmSync(directory, { recursive: true }));
  const bucket = (...policy: Statement[]) => new S3(plan(policy), directory);
  const put = (key: string, headers: Record<string, string> = {}) =>
    call('PUT', `/${key}`, { headers, body: 'content' });
  const text = ({ body }: Reply) => `${body}`;

  test('a conditional write takes an object once', () => {
    const s3 = bucket();
    expect(s3.handle(put('a', { 'if-none-match': '*' })).status ?? 200).toBe(200);
    expect(code(() => s3.handle(put('a', { 'if-none-match': '*' })))).toBe(
      '412 PreconditionFailed',
    );
    expect(code(() => s3.handle(put('a', { 'if-none-match': '"x"' })))).toBe('501 NotImplemented');
    expect(s3.objects()).toEqual([{ bucket: BUCKET, key: 'a', versions: 1 }]);
  });

  test('a policy can require conditions, of copies too', () => {
    const s3 = bucket(CONDITIONAL);
    s3.handle(put('a', { 'if-none-match': '*' }));
    const copy = { 'x-amz-copy-source': `/${BUCKET}/a`, 'x-amz-metadata-directive': 'REPLACE' };
    expect(code(() => s3.handle(put('a')))).toBe('403 AccessDenied');
    expect(code(() => s3.handle(put('a', copy)))).toBe('403 AccessDenied');
    expect(code(() => s3.handle(put('a', { ...copy, 'if-none-match': '*' })))).toBe(
      '412 PreconditionFailed',
    );
  });

  test('versions are kept, and a deleted object is a marker', () => {
    const s3 = bucket();
    const first = s3.handle(put('a')).headers?.['x-amz-version-id'];
    s3.handle(put('a'));
    s3.handle(call('DELETE', '/a'));
    expect(code(() => s3.handle(call('GET', '/a')))).toBe('404 NoSuchKey');
    expect(text(s3.handle(call('GET', `/a?versionId=${String(first)}`)))).toBe('content');
  });

  test('ACLs are refused, but the one that does nothing', () => {
    const s3 = bucket();
    const refused = '400 AccessControlListNotSupported';
    expect(code(() => s3.handle(put('a', { 'x-amz-acl': 'public-read' })))).toBe(refused);
    expect(code(() => s3.handle(put('a', { 'x-amz-grant-read': 'id=1' })))).toBe(refused);
    s3.handle(put('a', { 'x-amz-acl': 'bucket-owner-full-control' }));
  });

  test('what is missing is not said to roles that may not list', () => {
    const s3 = bucket();
    const who = principal(statement({ actions: ['s3:GetObject'] }));
    expect(code(() => s3.handle(call('GET', '/b', { who })))).toBe('403 AccessDenied');
    expect(code(() => s3.handle(call('GET', '/b')))).toBe('404 NoSuchKey');
  });

  test('lists are pages of at most 1000 keys in the order of their bytes, with opaque tokens', () => {
    const s3 = bucket();
    for (let index = 0; index < 1001; index++) {
      s3.store(BUCKET, `p/${String(index).padStart(4, '0')}`, Buffer.from('x'));
    }
    s3.store(BUCKET, 'p/é&', Buffer.from('x'));
    s3.store(BUCKET, 'other', Buffer.from('x'));
    const first = text(s3.handle(call('GET', '/?list-type=2&prefix=p%2F&max-keys=5000')));
    expect(first).toContain('<KeyCount>1000</KeyCount><MaxKeys>1000</MaxKeys>');
    expect(first).toContain('<IsTruncated>true</IsTruncated>');
    const token = /<NextContinuationToken>(.*)<\/NextContinuationToken>/.exec(first)?.[1] ?? '';
    expect(token).not.toContain('p/');
    const query = `/?list-type=2&prefix=p%2F&continuation-token=${encodeURIComponent(token)}`;
    const second = text(s3.handle(call('GET', query)));
    expect([...second.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key)).toEqual([
      'p/1000',
      'p/é&amp;',
    ]);
    const encoded = text(s3.handle(call('GET', `${query}&encoding-type=url`)));
    expect(encoded).toContain('<Key>p/%C3%A9%26</Key>');
    expect(code(() => s3.handle(call('GET', '/?list-type=2&continuation-token=cA')))).toBe(
      '400 InvalidArgument',
    );
    const common = text(s3.handle(call('GET', '/?list-type=2&delimiter=%2F')));
    expect(common).toContain('<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>');
    expect(common).toContain('<KeyCount>2</KeyCount>');
  });

  test('an object that is put into it is in the bucket that was named', () => {
    const [assets] = plan().buckets;
    // As in the ready app, the bucket of logs comes first.
    const s3 = new S3({ ...plan(), buckets: [{ ...assets, name: 'logs' }, assets] }, directory);
    s3.store(BUCKET, 'a', Buffer.from('x'));
    expect(s3.objects()).toEqual([{ bucket: BUCKET, key: 'a', versions: 1 }]);
    expect(() => s3.store('other', 'a', Buffer.from('x'))).toThrow('there is no bucket other');
  });

  test('its names are a virtual host for each bucket, and the endpoint for paths', () => {
    const s3 = bucket();
    s3.store(BUCKET, 'a', Buffer.from('x'));
    const host = 's3.eu-central-1.amazonaws.com';
    expect(text(s3.handle(call('GET', `/${BUCKET}/a`, { headers: { host } })))).toBe('x');
    expect(S3.names(plan())).toEqual([host, `${BUCKET}.${host}`]);
  });
});

describe('CloudFormation', () => {
  const signal = (id: string, status = 'SUCCESS', resource = 'Group') =>
    call('POST', '/', {
      body: new URLSearchParams({
        Action: 'SignalResource',
        Version: '2010-05-15',
        StackName: 'preview',
        LogicalResourceId: resource,
        UniqueId: id,
        Status: status,
      }).toString(),
    });
  let stack: CloudFormation;
  const message = (body: () => unknown) => {
    try {
      body();
      return 'taken';
    } catch (error) {
      return (error as Error).message;
    }
  };
  beforeEach(() => {
    stack = new CloudFormation(plan());
    stack.awaitSignal('Group', 'i-1');
    stack.awaitSignal('Group', 'i-2');
  });

  test('signals are taken while the stack waits for them, each once', () => {
    expect(message(() => stack.handle(signal('i-1')))).toBe('taken');
    expect(message(() => stack.handle(signal('i-1')))).toContain('already exists');
    stack.handle(signal('i-2'));
    expect(message(() => stack.handle(signal('i-3')))).toContain(
      'is in CREATE_COMPLETE state and cannot be signaled',
    );
    stack.awaitSignal('Group', 'i-4');
    expect(message(() => stack.handle(signal('i-4')))).toBe('taken');
    expect(stack.events.at(-1)?.status).toBe('UPDATE_COMPLETE');
  });

  test('a failure ends the deployment, with its reason in the events', () => {
    stack.handle(signal('i-1 boot-check: DEBUG', 'FAILURE'));
    expect(stack.events.at(-1)).toMatchObject({
      status: 'CREATE_FAILED',
      reason: 'Received FAILURE signal with UniqueId i-1 boot-check: DEBUG',
    });
    expect(message(() => stack.handle(signal('i-2')))).toContain('ROLLBACK_IN_PROGRESS');
  });

  test.each([
    ['a long id', 'x'.repeat(65), 'SUCCESS', 'Group', 'less than or equal to 64'],
    ['another status', 'i-1', 'OK', 'Group', 'enum value set'],
    ['another resource', 'i-1', 'SUCCESS', 'Bucket', 'does not exist'],
  ])('%s is refused', (_what, id, status, resource, wanted) => {
    expect(message(() => stack.handle(signal(id, status, resource)))).toContain(wanted);
  });

  test('a group is described by its physical id', () => {
    const body =
      'Action=DescribeStackResource&Version=2010-05-15&StackName=preview&LogicalResourceId=';
    const reply = stack.handle(call('POST', '/', { body: `${body}Group` }));
    expect(`${reply.body}`).toContain('<PhysicalResourceId>preview-Group</PhysicalResourceId>');
    expect(`${stack.handle(call('POST', '/', { body: `${body}Files` })).body}`).toContain(
      '&lt;&amp;&gt;',
    );
  });

  test('a group is being created until its first hosts have signalled, whatever other groups are', () => {
    const groups = ['Group', 'Other'].map((group) => ({ group, scaling: { name: group } }));
    const both = new CloudFormation({ ...plan(), hosts: groups } as unknown as Plan);
    const status = (group: string) => {
      const body = `Action=DescribeStackResource&Version=2010-05-15&StackName=preview&LogicalResourceId=${group}`;
      const reply = both.handle(call('POST', '/', { body }));
      return /<ResourceStatus>(.*)<\/ResourceStatus>/.exec(`${reply.body}`)?.[1];
    };
    both.awaitSignal('Group', 'i-1');
    both.handle(signal('i-1'));
    both.awaitSignal('Other', 'i-2');
    expect(status('Group')).toBe('CREATE_COMPLETE');
    expect(status('Other')).toBe('CREATE_IN_PROGRESS');
    both.handle(signal('i-2', 'SUCCESS', 'Other'));
    both.awaitSignal('Other', 'i-3');
    expect(status('Other')).toBe('UPDATE_IN_PROGRESS');
  });

  test('a request without the version of the API finds no operation', () => {
    const body = 'Action=DescribeStackResource&StackName=preview&LogicalResourceId=Group';
    expect(code(() => stack.handle(call('POST', '/', { body })))).toBe('400 InvalidAction');
  });
});

describe('Secrets Manager', () => {
  const manager = new SecretsManager(plan());
  const ask = (action: string, body: object, who?: Principal) =>
    JSON.parse(
      `${
        manager.handle(
          call('POST', '/', {
            headers: { 'x-amz-target': `secretsmanager.${action}` },
            body: JSON.stringify({ SecretId: 'key', ...body }),
            who,
          }),
        ).body
      }`,
    ) as Record<string, unknown>;

  test('versions have stages, and move with a rotation', () => {
    const missing = '400 ResourceNotFoundException';
    expect(code(() => ask('GetSecretValue', { VersionStage: 'AWSPREVIOUS' }))).toBe(missing);
    manager.stage('two');
    expect(ask('GetSecretValue', {}).SecretString).toBe('one');
    expect(ask('GetSecretValue', { VersionStage: 'AWSPENDING' }).SecretString).toBe('two');
    const pending = ask('GetSecretValue', { VersionStage: 'AWSPENDING' }).VersionId as string;
    manager.rotate('two');
    expect(ask('GetSecretValue', {})).toMatchObject({ SecretString: 'two', VersionId: pending });
    expect(ask('GetSecretValue', { VersionStage: 'AWSPREVIOUS' }).SecretString).toBe('one');
    const stages = Object.values(ask('DescribeSecret', {}).VersionIdsToStages as object);
    expect(stages).toEqual([['AWSCURRENT'], ['AWSPREVIOUS']]);
    manager.rotate('three');
    expect(ask('ListSecretVersionIds', {}).Versions).toHaveLength(2);
    expect(ask('ListSecretVersionIds', { IncludeDeprecated: true }).Versions).toHaveLength(3);
  });

  test('each action needs its own permission', () => {
    const who = principal(statement({ actions: ['secretsmanager:GetSecretValue'] }));
    expect(code(() => ask('DescribeSecret', {}, who))).toBe('400 AccessDeniedException');
  });
});

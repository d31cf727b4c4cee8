import type { IncomingMessage } from 'node:http';
import { AwsError, Call, Principal } from '../../preview/cloud/aws/call';
import { CloudWatchLogs } from '../../preview/cloud/aws/logs';
import type { Plan } from '../../preview/stack/plan';
import type { Statement } from '../../preview/stack/policy';

const GROUP = 'preview-HostLogs-1A2b';
const STREAM = 'i-0123456789abcdef0';
const NOW = 1_790_000_000_000;
const HOUR = 3600 * 1000;
const plan = {
  region: 'eu-central-1',
  account: '123456789012',
  logGroups: [{ name: GROUP, retentionDays: 7 }],
} as unknown as Plan;

const statement = (resource: string): Statement => ({
  effect: 'Allow',
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  notActions: [],
  resources: [resource],
  notResources: [],
  principals: [],
  conditions: {},
});
const principal = (resource = `arn:aws:logs:eu-central-1:123456789012:log-group:${GROUP}:*`) =>
  ({ statements: [statement(resource)], arn: 'arn:role', roleArn: 'arn:role' }) as Principal;

function call(action: string, parameters: object | string, who = principal()): Call {
  const headers = {
    'x-amz-target': `Logs_20140328.${action}`,
    'content-type': 'application/x-amz-json-1.1',
  };
  const body = typeof parameters === 'string' ? parameters : JSON.stringify(parameters);
  return {
    principal: who,
    request: { method: 'POST', url: '/', headers } as unknown as IncomingMessage,
    body: Buffer.from(body),
  };
}

const names = { logGroupName: GROUP, logStreamName: STREAM };
const event = (age = 0, message = 'line') => ({ timestamp: NOW - age, message });
const put = (...logEvents: object[]) => call('PutLogEvents', { ...names, logEvents });

function error(body: () => unknown): string {
  try {
    body();
  } catch (thrown) {
    return thrown instanceof AwsError ? `${thrown.code}: ${thrown.message}` : String(thrown);
  }
  return 'none';
}

let logs: CloudWatchLogs;
beforeEach(() => {
  logs = new CloudWatchLogs(plan, () => NOW);
  logs.handle(call('CreateLogStream', names));
});
const answer = (...events: object[]): unknown =>
  JSON.parse(String(logs.handle(put(...events)).body));

test('events are kept by group and stream', () => {
  answer(event(2), event(1));
  logs.handle(call('CreateLogStream', { ...names, logStreamName: 'i-2' }));
  expect(logs.events().map(({ timestamp }) => NOW - timestamp)).toEqual([2, 1]);
  expect(logs.events(STREAM)[0]).toEqual({ group: GROUP, stream: STREAM, ...event(2) });
  expect(logs.events('i-2')).toEqual([]);
  expect(logs.events(null)).toEqual(logs.events());
});

test.each([
  ['another operation', () => call('DeleteLogGroup', names), /^UnknownOperationException/],
  ['a body that is no JSON', () => call('PutLogEvents', '{'), /^SerializationException/],
  ['no events', () => put(), /'logEvents'.*between 1 and 10000/],
  ['too many events', () => put(...Array<object>(10_001).fill(event())), /between 1 and 10000/],
  ['an empty message', () => put(event(0, '')), /'logEvents.message'/],
  ['a message that is none', () => put({ timestamp: NOW, message: 1 }), /'logEvents.message'/],
  ['a time in fractions', () => put({ timestamp: 1.5, message: 'a' }), /^SerializationException/],
  ['an unknown parameter', () => call('PutLogEvents', { ...names, events: [] }), /logEvents/],
  [
    'a name with a colon',
    () => call('CreateLogStream', { ...names, logStreamName: 'a:b' }),
    /regul/,
  ],
  [
    'an event over 256 KB',
    () => put(event(0, 'x'.repeat(262_144 - 25))),
    /^Inv.*Log event too large/,
  ],
  [
    'a batch over 1 MB, in UTF-8 with 26 bytes per event',
    () => put(...Array<object>(10).fill(event(0, 'ü'.repeat(52_416)))),
    /Upload too large: 1048580 bytes/,
  ],
  ['an older event after a newer one', () => put(event(1), event(2)), /chronological order/],
  [
    'more than 24 hours',
    () => put(event(24 * HOUR + 1), event(0)),
    /cannot span more than 24 hours/,
  ],
  [
    'a stream that is not there',
    () => call('PutLogEvents', { ...names, logStreamName: 'i-2', logEvents: [event()] }),
    /^ResourceNotFoundException: The specified log stream/,
  ],
  ['a stream that is there', () => call('CreateLogStream', names), /^ResourceAlreadyExists/],
] as const)('%s is refused', (_what, request, expected) => {
  expect(error(() => logs.handle(request()))).toMatch(expected);
  expect(logs.events()).toEqual([]);
});

test('the role has to allow it, for this group', () => {
  const other = principal('arn:aws:logs:eu-central-1:123456789012:log-group:other:*');
  expect(error(() => logs.handle(call('CreateLogStream', names, other)))).toMatch(
    /^AccessDeniedException/,
  );
  const unknown = { ...names, logGroupName: 'other' };
  expect(error(() => logs.handle(call('CreateLogStream', unknown, other)))).toMatch(
    /^ResourceNotFoundException: The specified log group/,
  );
});

test('the largest batch is accepted', () => {
  answer(...Array<object>(4).fill(event(0, 'x'.repeat(262_118))));
  answer(...Array<object>(10_000).fill(event()));
  expect(logs.events()).toHaveLength(10_004);
});

test('events whose time is not accepted are named in the answer', () => {
  const rejected = (...events: object[]) =>
    (answer(...events) as { rejectedLogEventsInfo?: object }).rejectedLogEventsInfo;
  expect(rejected(event(15 * 24 * HOUR))).toEqual({
    tooOldLogEventEndIndex: 1,
    expiredLogEventEndIndex: 1,
  });
  expect(rejected(event(7 * 24 * HOUR + 1), event(7 * 24 * HOUR - 1))).toEqual({
    expiredLogEventEndIndex: 1,
  });
  expect(rejected(event(0), event(-3 * HOUR))).toEqual({ tooNewLogEventStartIndex: 1 });
  expect(rejected(event(0))).toBeUndefined();
  expect(logs.events()).toHaveLength(3);
});

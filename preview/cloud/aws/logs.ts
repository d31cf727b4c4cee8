import { randomUUID } from 'node:crypto';
import { AwsError, Call, permit, Reply } from './call';
import type { Plan } from '../../stack/plan';

/** An event as somebody reads it in CloudWatch Logs. */
export interface LogEvent {
  readonly group: string;
  readonly stream: string;
  /** In milliseconds. */
  readonly timestamp: number;
  readonly message: string;
}

interface InputEvent {
  readonly timestamp: number;
  readonly message: string;
}

type Parameters = Record<string, unknown>;

const PREFIX = 'Logs_20140328.';
const HOUR = 3600 * 1000;
const DAY = 24 * HOUR;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const LIMITS = {
  bytes: 1_048_576,
  perEvent: 26,
  events: 10_000,
  // AWS accepts 1 MB in some places of its documents, and 256 KB in all
  eventBytes: 262_144,
  span: DAY,
  old: 14 * DAY,
  ahead: 2 * HOUR,
};

/** The parameters of the operations that hosts call, as the service model has them. */
const OPERATIONS: Readonly<
  Record<string, { readonly required: string[]; readonly optional: string[] }>
> = {
  CreateLogStream: { required: ['logGroupName', 'logStreamName'], optional: [] },
  PutLogEvents: {
    required: ['logGroupName', 'logStreamName', 'logEvents'],
    optional: ['sequenceToken', 'entity'],
  },
};

/**
 * CloudWatch Logs, as far as hosts write to it:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html
 */
export class CloudWatchLogs {
  /** By log group and log stream. */
  private readonly streams = new Map<string, Map<string, InputEvent[]>>();

  constructor(
    private readonly plan: Plan,
    private readonly now: () => number = Date.now,
  ) {
    for (const { name } of plan.logGroups) {
      this.streams.set(name, new Map());
    }
  }

  /** All events in the order of their arrival, of one stream or of all. */
  public events(given?: string | null): LogEvent[] {
    // Between processes, a missing argument is null
    const stream = given ?? undefined;
    return [...this.streams].flatMap(([group, streams]) =>
      [...streams]
        .filter(([name]) => stream === undefined || name === stream)
        .flatMap(([name, events]) => events.map((event) => ({ group, stream: name, ...event }))),
    );
  }

  public handle({ principal, request, body }: Call): Reply {
    const target = String(request.headers['x-amz-target']);
    const action = target.startsWith(PREFIX) ? target.slice(PREFIX.length) : '';
    const operation = Object.hasOwn(OPERATIONS, action) ? OPERATIONS[action] : undefined;
    if (operation === undefined) {
      throw new AwsError(400, 'UnknownOperationException', `the preview has no ${target}`);
    }
    const type = String(request.headers['content-type']);
    if (request.method !== 'POST' || type !== 'application/x-amz-json-1.1') {
      throw new AwsError(400, 'UnknownOperationException', `${request.method} with ${type}`);
    }
    const asked = parse(body);
    validate(asked, operation);
    const group = String(asked.logGroupName);
    const stream = String(asked.logStreamName);
    const { region, account } = this.plan;
    permit(
      principal,
      `logs:${action}`,
      `arn:aws:logs:${region}:${account}:log-group:${group}:log-stream:${stream}`,
    );
    const streams = this.streams.get(group);
    if (streams === undefined) {
      throw notFound('The specified log group does not exist.');
    }
    let answer: object | undefined;
    if (action === 'CreateLogStream') {
      if (streams.has(stream)) {
        throw new AwsError(
          400,
          'ResourceAlreadyExistsException',
          'The specified log stream already exists',
        );
      }
      streams.set(stream, []);
    } else {
      const events = streams.get(stream);
      if (events === undefined) {
        throw notFound('The specified log stream does not exist.');
      }
      answer = this.put(group, events, asked.logEvents as InputEvent[]);
    }
    return {
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() },
      body: answer === undefined ? '' : JSON.stringify(answer),
    };
  }

  /** Takes a batch, except for events whose time is not accepted, which the answer names. */
  private put(group: string, stored: InputEvent[], batch: InputEvent[]): object {
    checkBatch(batch);
    const { retentionDays } = this.plan.logGroups.find(({ name }) => name === group) ?? {};
    const now = this.now();
    const count = (fits: (event: InputEvent) => boolean) => batch.filter(fits).length;
    const old = count(({ timestamp }) => timestamp < now - LIMITS.old);
    const expired =
      retentionDays === undefined
        ? 0
        : count(({ timestamp }) => timestamp < now - retentionDays * DAY);
    const fresh = count(({ timestamp }) => timestamp <= now + LIMITS.ahead);
    stored.push(...batch.slice(Math.max(old, expired), fresh));
    const rejectedLogEventsInfo = {
      ...(fresh < batch.length ? { tooNewLogEventStartIndex: fresh } : {}),
      ...(old > 0 ? { tooOldLogEventEndIndex: old } : {}),
      ...(expired > 0 ? { expiredLogEventEndIndex: expired } : {}),
    };
    return {
      nextSequenceToken: '49039859539834209843212358479123847561234567890123456789',
      ...(Object.keys(rejectedLogEventsInfo).length > 0 ? { rejectedLogEventsInfo } : {}),
    };
  }
}

function parse(body: Buffer): Parameters {
  try {
    return JSON.parse(body.toString()) as Parameters;
  } catch (error) {
    throw new AwsError(400, 'SerializationException', String(error));
  }
}

/** The types and patterns of the service model. */
function validate(
  asked: Parameters,
  { required, optional }: { readonly required: string[]; readonly optional: string[] },
): void {
  for (const name of required) {
    if (asked[name] === undefined || asked[name] === null) {
      throw invalid(
        `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
      );
    }
  }
  const unknown = Object.keys(asked).find((name) => ![...required, ...optional].includes(name));
  if (unknown !== undefined) {
    throw invalid(`there is no parameter ${unknown}`);
  }
  const text = (name: string, pattern: RegExp) => {
    const value = asked[name];
    if (typeof value !== 'string' || value.length > 512 || !pattern.test(value)) {
      throw invalid(
        `1 validation error detected: Value '${String(value)}' at '${name}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern.source}`,
      );
    }
  };
  text('logGroupName', /^[.\-_/#A-Za-z0-9]+$/);
  text('logStreamName', /^[^:*]+$/);
  if (asked.logEvents === undefined) {
    return;
  }
  const events = asked.logEvents as unknown;
  if (!Array.isArray(events) || events.length < 1 || events.length > LIMITS.events) {
    throw invalid(
      `1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length between 1 and ${LIMITS.events}`,
    );
  }
  for (const { timestamp, message, ...others } of events as Parameters[]) {
    if (!Number.isInteger(timestamp) || Number(timestamp) < 0 || Object.keys(others).length > 0) {
      throw new AwsError(400, 'SerializationException', `an event has ${String(timestamp)}`);
    }
    if (typeof message !== 'string' || message === '') {
      throw invalid(
        `1 validation error detected: Value at 'logEvents.message' failed to satisfy constraint: Member must have length greater than or equal to 1`,
      );
    }
  }
}

function checkBatch(batch: InputEvent[]): void {
  const sizes = batch.map(({ message }) => Buffer.byteLength(message) + LIMITS.perEvent);
  const largest = Math.max(...sizes);
  if (largest > LIMITS.eventBytes) {
    throw invalid(`Log event too large: ${largest} bytes exceeds limit of ${LIMITS.eventBytes}`);
  }
  const size = sizes.reduce((sum, each) => sum + each, 0);
  if (size > LIMITS.bytes) {
    throw invalid(`Upload too large: ${size} bytes exceeds limit of ${LIMITS.bytes}`);
  }
  if (batch.some(({ timestamp }, index) => index > 0 && timestamp < batch[index - 1].timestamp)) {
    throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
  }
  if (batch[batch.length - 1].timestamp - batch[0].timestamp > LIMITS.span) {
    throw invalid(
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    );
  }
}

function invalid(message: string): AwsError {
  return new AwsError(400, 'InvalidParameterException', message);
}

function notFound(message: string): AwsError {
  return new AwsError(400, 'ResourceNotFoundException', message);
}

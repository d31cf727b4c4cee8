import { randomUUID } from 'node:crypto';
import * as http from 'node:http';
import type { Credentials } from './metadata';
import { decide } from '../../stack/policy';
import type { Statement } from '../../stack/policy';

/** The services whose protocol is JSON, and not XML. */
const JSON_SERVICES = ['secretsmanager', 'logs'];

/** Who makes requests: the role of one host. */
export interface Principal {
  readonly credentials: Credentials;
  readonly statements: Statement[];
  /** As AWS names it in its errors. */
  readonly arn: string;
  readonly roleArn: string;
  readonly account: string;
}

export interface Call {
  readonly principal: Principal;
  readonly request: http.IncomingMessage;
  readonly body: Buffer;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

export class AwsError extends Error {
  constructor(
    public readonly status: number,
    public readonly code: string,
    message: string,
    /** More elements of S3's errors. */
    public readonly details: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** The condition keys that every request has, in lower case. */
export function globalKeys(principal: Principal): Record<string, string | undefined> {
  return {
    'aws:securetransport': 'true',
    'aws:principalarn': principal.roleArn,
    'aws:principalaccount': principal.account,
    'aws:resourceaccount': principal.account,
    'aws:principaltype': 'AssumedRole',
  };
}

/** Refuses what the role does not allow; requests of S3 ask the bucket's policy too. */
export function permit(
  principal: Principal,
  action: string,
  resource: string,
  keys: Readonly<Record<string, string | undefined>> = {},
): void {
  const request = {
    action,
    resource,
    principals: [principal.roleArn, principal.arn, `arn:aws:iam::${principal.account}:root`],
    keys: { ...globalKeys(principal), ...keys },
  };
  const decision = decide(principal.statements, request);
  if (decision !== 'allow') {
    const because =
      decision === 'deny'
        ? 'with an explicit deny in an identity-based policy'
        : `because no identity-based policy allows the ${action} action`;
    const json = JSON_SERVICES.includes(action.split(':')[0]);
    throw new AwsError(
      json ? 400 : 403,
      json ? 'AccessDeniedException' : 'AccessDenied',
      `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${because}`,
    );
  }
}

/** The parameters of a request in AWS's Query protocol, once its version is the service's. */
export function queryOf({ request, body }: Call, version: string): URLSearchParams {
  const text = request.method === 'POST' ? body.toString() : (request.url ?? '').split('?')[1];
  const query = new URLSearchParams(text);
  if (!query.has('Action')) {
    throw new AwsError(400, 'MissingAction', 'The request must contain the parameter Action');
  }
  if (query.get('Version') !== version) {
    const given = query.get('Version') ?? 'NO_VERSION_SPECIFIED';
    throw new AwsError(
      400,
      'InvalidAction',
      `Could not find operation ${query.get('Action')} for version ${given}`,
    );
  }
  return query;
}

/** A parameter that a request must have. */
export function required(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null || value === '') {
    const member = name[0].toLowerCase() + name.slice(1);
    throw new AwsError(
      400,
      'ValidationError',
      `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
    );
  }
  return value;
}

export function queryReply(action: string, namespace: string, result: string): Reply {
  return {
    headers: { 'content-type': 'text/xml' },
    body:
      `<${action}Response xmlns="${namespace}"><${action}Result>${result}</${action}Result>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
  };
}

export function escapeXml(text: string): string {
  const names: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };
  // eslint-disable-next-line no-control-regex
  return text.replace(/[<>&"\x00-\x1f]/g, (character) => {
    return names[character] ?? `&#x${character.charCodeAt(0).toString(16)};`;
  });
}

/** An error in the form of its service. */
export function failure(service: string, error: AwsError): Reply {
  const { status, code, message, details } = error;
  if (JSON_SERVICES.includes(service)) {
    return {
      status,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code },
      body: JSON.stringify({ __type: code, [service === 'logs' ? 'message' : 'Message']: message }),
    };
  }
  const inner = `<Code>${code}</Code><Message>${escapeXml(message)}</Message>`;
  if (service !== 's3') {
    const type = status < 500 ? 'Sender' : 'Receiver';
    return {
      status,
      headers: { 'content-type': 'text/xml' },
      body:
        `<ErrorResponse><Error><Type>${type}</Type>${inner}</Error>` +
        `<RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
    };
  }
  const more = Object.entries(details)
    .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
    .join('');
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inner}${more}<RequestId>${randomUUID()}</RequestId></Error>`,
  };
}

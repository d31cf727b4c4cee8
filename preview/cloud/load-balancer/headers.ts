import { randomBytes } from 'node:crypto';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import type { ListenerPlan, Plan } from '../../stack/plan';

const HOP_BY_HOP = [
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade'],
];
const FORWARDED = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-port', 'x-amzn-trace-id'];

/** The name and port that a client asked for. */
export function authority({ headers }: http.IncomingMessage): string {
  return String(headers[':authority'] ?? headers.host ?? '');
}

/** The headers of a request of HTTP/2 as one of HTTP/1.1 has them (RFC 9113, 8.2.3 and 8.3.1). */
function plainHeaders(request: http.IncomingMessage): string[] {
  const cookies: string[] = [];
  const plain = ['Host', authority(request)];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const [name, value] = request.rawHeaders.slice(index, index + 2);
    if (name === 'cookie') {
      cookies.push(value);
    } else if (name !== 'host' && !name.startsWith(':')) {
      plain.push(name, value);
    }
  }
  return cookies.length > 0 ? [...plain, 'Cookie', cookies.join('; ')] : plain;
}

/** A request of HTTP/2 has a body of which only the end is marked. */
function unknownLength(request: http.IncomingMessage): boolean {
  const { stream } = request as unknown as Partial<http2.Http2ServerRequest>;
  return stream?.endAfterHeaders === false && request.headers['content-length'] === undefined;
}

/** The same headers, as a response of HTTP/2 has them. */
export function streamHeaders(raw: string[]): http.OutgoingHttpHeaders {
  const headers: Record<string, string[]> = {};
  for (let index = 0; index < raw.length; index += 2) {
    (headers[raw[index].toLowerCase()] ??= []).push(raw[index + 1]);
  }
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
  );
}

/** The headers of an answer, as they came, with those that the listener sets. */
export function responseHeaders(listener: ListenerPlan, answer: http.IncomingMessage): string[] {
  const raw: string[] = [];
  const first: string[] = [];
  const extra = added(listener);
  for (let index = 0; index < answer.rawHeaders.length; index += 2) {
    const [name, value] = answer.rawHeaders.slice(index, index + 2);
    if (HOP_BY_HOP.includes(name.toLowerCase()) || name.toLowerCase() in extra) {
      continue;
    }
    // Node would read its bytes as UTF-8 where it stands after Content-Length, and then refuse it.
    (name.toLowerCase() === 'content-disposition' ? first : raw).push(name, value);
  }
  Object.entries(extra).forEach(([name, value]) => raw.push(name, value));
  return [...first, ...raw];
}

/** The headers of a request, as a target gets them. */
export function requestHeaders(
  plan: Plan,
  listener: ListenerPlan,
  request: http.IncomingMessage,
): string[] {
  const client = request.socket.remoteAddress ?? '127.0.0.1';
  const before = request.headers['x-forwarded-for'];
  const headers: string[] = [];
  const raw = request.httpVersionMajor === 2 ? plainHeaders(request) : request.rawHeaders;
  for (let index = 0; index < raw.length; index += 2) {
    const [name, value] = raw.slice(index, index + 2);
    const valid = !plan.dropInvalidHeaders || /^[-A-Za-z0-9]+$/.test(name);
    if (valid && ![...HOP_BY_HOP, ...FORWARDED].includes(name.toLowerCase())) {
      headers.push(name, value);
    }
  }
  if (request.headers['transfer-encoding'] !== undefined || unknownLength(request)) {
    headers.push('Transfer-Encoding', 'chunked');
  }
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
  const trace = request.headers['x-amzn-trace-id'];
  const stamp = Math.floor(Date.now() / 1000).toString(16);
  const root = `Root=1-${stamp}-${randomBytes(12).toString('hex')}`;
  headers.push(
    ...['X-Forwarded-For', before === undefined ? client : `${String(before)}, ${client}`],
    ...['X-Forwarded-Proto', listener.protocol.toLowerCase()],
    ...['X-Forwarded-Port', String(listener.port)],
    ...['X-Amzn-Trace-Id', trace === undefined ? root : `Self=${root.slice(5)};${String(trace)}`],
  );
  return headers;
}

/** Headers that the listener's attributes ask for, in lower case. */
export function added({ headers }: ListenerPlan): Record<string, string> {
  const prefix = 'routing.http.response.';
  const suffix = '.header_value';
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name, value]) => name.startsWith(prefix) && name.endsWith(suffix) && value !== '')
      .map(([name, value]) => [
        name.slice(prefix.length, -suffix.length).replaceAll('_', '-').toLowerCase(),
        value,
      ]),
  );
}

import * as http from 'node:http';
import type { Action, Condition, ListenerPlan } from '../../stack/plan';
import { wildcard } from '../../stack/policy';

/** Whether a condition of a rule holds for a request. */
export function holds({ field, values }: Condition, host: string, path: string): boolean {
  return values.some((value) =>
    field === 'host-header' ? wildcard(value, 'i').test(host) : wildcard(value, '').test(path),
  );
}

/** What a listener answers by itself: a fixed response or a redirect. */
export function ownAnswer(
  action: Exclude<Action, { type: 'forward' }>,
  listener: ListenerPlan,
  host: string,
  request: http.IncomingMessage,
  port: (number: number) => number,
): { status: number; headers: http.OutgoingHttpHeaders; body: string } {
  if (action.type === 'fixed-response') {
    const headers = { 'content-type': action.contentType };
    return { status: action.status, headers, body: action.body };
  }
  const [path, query = ''] = (request.url ?? '/').split('?');
  const values: Record<string, string> = {
    protocol: listener.protocol,
    host,
    port: String(listener.port),
    path: path.slice(1),
    query,
  };
  const fill = (text: string) =>
    text.replace(/#\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  const wanted = fill(action.query);
  const to = port(Number(fill(action.port)));
  const location =
    `${fill(action.protocol).toLowerCase()}://${fill(action.host)}:${to}` +
    fill(action.path) +
    (wanted === '' ? '' : `?${wanted}`);
  return { status: action.status, headers: { location }, body: '' };
}

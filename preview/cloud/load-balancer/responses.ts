import * as http from 'node:http';
import type { ListenerPlan } from '../../stack/plan';
import { added, authority } from './headers';

export interface Access {
  readonly at: number;
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly status: number;
  /** The instance that answered; none for what the load balancer answered itself. */
  readonly target?: string;
  /** From the request to the head of the answer, in milliseconds. */
  readonly milliseconds: number;
}

/** What the load balancer answers by itself, and the log of all requests. */
export class Responses {
  public readonly log: Access[] = [];

  public reply(
    listener: ListenerPlan,
    request: http.IncomingMessage,
    response: http.ServerResponse,
    status: number,
    headers: http.OutgoingHttpHeaders,
    body: string,
  ): void {
    this.record(request, status);
    response.writeHead(status, { ...headers, ...added(listener) });
    response.end(body);
    request.resume();
  }

  /** Answers with a page of the load balancer itself. */
  public page(
    listener: ListenerPlan,
    request: http.IncomingMessage,
    response: http.ServerResponse,
    status: number,
    title: string,
    comment = '',
  ): void {
    const text =
      `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n` +
      `<center><h1>${status} ${title}</h1></center>\r\n</body>\r\n</html>\r\n${comment}`;
    this.reply(listener, request, response, status, { 'content-type': 'text/html' }, text);
  }

  public record(
    request: http.IncomingMessage,
    status: number,
    target?: string,
    since = Date.now(),
  ): void {
    this.log.push({
      at: Date.now(),
      host: authority(request),
      path: request.url ?? '',
      method: request.method ?? '',
      status,
      target,
      milliseconds: Date.now() - since,
    });
    if (this.log.length > 100000) {
      this.log.splice(0, 50000);
    }
  }
}

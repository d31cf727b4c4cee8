import * as http from 'node:http';
import { performance } from 'node:perf_hooks';

export interface AskOptions {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly method?: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  /** Seconds. @default 30 */
  readonly timeout?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** What is compared with others: one path of one server. */
export interface LoadTarget extends AskOptions {
  readonly name: string;
  /** Cookies of the user who asks, which answers may replace. */
  readonly cookies: Record<string, string>;
  /** Cookies of more users: of those who ask at once, each is another one. */
  readonly others?: Record<string, string>[];
}

export interface LoadOptions {
  readonly targets: LoadTarget[];
  readonly rounds: number;
  /** Requests to each target in each round. */
  readonly requests: number;
  readonly concurrency: number;
}

export interface Slice {
  /** Milliseconds of the median request. */
  readonly median: number;
  readonly perSecond: number;
}

export interface LoadResult {
  /** A slice a round, by target. */
  readonly slices: Record<string, Slice[]>;
  /** Bytes of the last Cookie header, by target. */
  readonly cookieBytes: Record<string, number>;
}

/** Sends one request from inside the preview's network. */
export function askHost(options: AskOptions) {
  const { address, port, path, method, headers, body, timeout = 30 } = options;
  return new Promise<Answer>((resolve, reject) => {
    const request = http.request(
      {
        host: address,
        port,
        path,
        method: method ?? 'GET',
        headers,
        agent: false,
        timeout: timeout * 1000,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on('timeout', () => request.destroy(new Error(`${path}: no answer in ${timeout} s`)));
    request.on('error', reject);
    request.end(body);
  });
}

export function cookieHeader(cookies: Record<string, string>): string {
  return Object.entries(cookies)
    .map((pair) => pair.join('='))
    .join('; ');
}

/** Takes the cookies of an answer, and leaves out those that it deletes. */
export function takeCookies(cookies: Record<string, string>, headers: http.IncomingHttpHeaders) {
  for (const cookie of headers['set-cookie'] ?? []) {
    const [name, value] = cookie.split(';')[0].split(/=(.*)/s);
    if (/; *Max-Age=0/i.test(cookie)) {
      delete cookies[name];
    } else {
      cookies[name] = value;
    }
  }
}

/** Asks all targets in turn, round by round, so that a slow spell of the machine hits all of them. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { targets, rounds, requests, concurrency } = options;
  const slices: Record<string, Slice[]> = Object.fromEntries(targets.map(({ name }) => [name, []]));
  const slice = async (target: LoadTarget): Promise<Slice> => {
    const times: number[] = [];
    let left = requests;
    const start = performance.now();
    const users = [target.cookies, ...(target.others ?? [])];
    const worker = async (_: unknown, number: number) => {
      const cookies = users[number % users.length];
      while (left-- > 0) {
        const began = performance.now();
        const headers = { ...target.headers, cookie: cookieHeader(cookies) };
        const answer = await askHost({ ...target, headers });
        times.push(performance.now() - began);
        if (answer.status !== 200) {
          throw new Error(`${target.name}: ${target.path} answered ${answer.status}`);
        }
        takeCookies(cookies, answer.headers);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    const seconds = (performance.now() - start) / 1000;
    times.sort((one, other) => one - other);
    return { median: times[times.length >> 1], perSecond: requests / seconds };
  };
  for (let round = 0; round < rounds; round++) {
    // Who comes first changes, so that nobody is always behind the same neighbor.
    const first = round % targets.length;
    for (const target of [...targets.slice(first), ...targets.slice(0, first)]) {
      slices[target.name].push(await slice(target));
    }
  }
  const cookieBytes = Object.fromEntries(
    targets.map(({ name, cookies }) => [name, cookieHeader(cookies).length]),
  );
  return { slices, cookieBytes };
}

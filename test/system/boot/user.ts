import * as https from 'node:https';
import { cookieHeader, takeCookies } from '../../../preview/world/load';
import { sleep } from '../../../preview/shared/run';
import { previewAgent } from '../harness/agent';

export interface Reply {
  readonly status: number;
  readonly location?: string;
  readonly text: string;
}

/** A user without a browser: a few cookies and one connection. */
export class User {
  private readonly cookies: Record<string, string> = {};
  private readonly agent: https.Agent;

  constructor(
    private readonly origin: URL,
    ca: string,
    address: string,
  ) {
    this.agent = previewAgent(ca, address, 1);
  }

  public async login(name: string, password: string): Promise<void> {
    const page = await this.request('/auth/login/');
    const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const form = new URLSearchParams({
      csrfmiddlewaretoken: token,
      username: name,
      password,
      region: 'default',
      next: '/identity/',
    });
    let reply = await this.request('/auth/login/', form.toString());
    // Many users of one address have to wait, as the answer says.
    for (let tries = 0; reply.status === 429 && tries < 60; tries += 1) {
      await sleep(5000);
      reply = await this.request('/auth/login/', form.toString());
    }
    if (reply.status !== 302) {
      throw new Error(`login answered ${reply.status}`);
    }
  }

  public close(): void {
    this.agent.destroy();
  }

  public request(path: string, form?: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const url = new URL(path, this.origin);
      const request = https.request(
        url,
        {
          agent: this.agent,
          method: form === undefined ? 'GET' : 'POST',
          timeout: 60000,
          headers: {
            cookie: cookieHeader(this.cookies),
            referer: url.href,
            ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          },
        },
        (response) => {
          takeCookies(this.cookies, response.headers);
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              location: response.headers.location,
              text,
            }),
          );
        },
      );
      request.on('timeout', () => request.destroy(new Error(`${path} timed out`)));
      request.on('error', reject);
      request.end(form);
    });
  }
}

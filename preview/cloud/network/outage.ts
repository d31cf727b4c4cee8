import * as http from 'node:http';
import * as net from 'node:net';
import { listening } from '../../shared/listening';
import { run } from '../../shared/run';

/**
 * How a service can be away. `hang`: it takes connections and requests and does not answer. `refuse`:
 * nothing listens. `drop`: its packets are lost, so that clients wait for their own time-outs.
 */
export type Outage = 'hang' | 'refuse' | 'drop';

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** A server of HTTP that can be away. */
export class OutageServer {
  private outage?: Outage;
  private answer: Answer = () => undefined;
  private server?: http.Server;
  private readonly sockets = new Set<net.Socket>();

  constructor(
    private readonly address: string,
    private readonly port: number,
    private readonly make: (answer: Answer) => http.Server,
  ) {}

  public async listen(answer: Answer): Promise<void> {
    this.answer = answer;
    await this.start();
  }

  /** Ends the outage that there is, and begins another if one is given. */
  public async set(outage: Outage | undefined): Promise<void> {
    const before = this.outage;
    if (before === outage) {
      return;
    }
    this.outage = outage;
    if (before === 'refuse') {
      await this.start();
    }
    if (before === 'drop' || outage === 'drop') {
      await dropPackets(this.address, outage === 'drop');
    }
    if (outage === 'refuse') {
      await new Promise<void>((resolve) => {
        this.server?.close(() => resolve());
        this.disconnect();
      });
    }
    if (before === 'hang') {
      this.disconnect();
    }
  }

  private start(): Promise<void> {
    const server = this.make((request, response) => {
      if (this.outage === 'hang') {
        request.resume();
        return;
      }
      this.answer(request, response);
    });
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    this.server = server;
    return listening(server, (ready) => server.listen(this.port, this.address, ready));
  }

  private disconnect(): void {
    this.sockets.forEach((socket) => socket.destroy());
  }
}

/**
 * Loses whatever an address of ours sends, so that nobody who asks it gets an answer, nor an error.
 * The table of local addresses is looked at after this rule, which the kernel's own order has last.
 */
export async function dropPackets(address: string, drop: boolean): Promise<void> {
  await run('ip', [
    ...['rule', drop ? 'add' : 'del', 'priority', '10'],
    ...['from', address, 'blackhole'],
  ]);
}

/** Lets rules come before the table of local addresses. */
export async function allowDrops(): Promise<void> {
  await run('ip', ['rule', 'add', 'priority', '100', 'lookup', 'local']);
  await run('ip', ['rule', 'del', 'priority', '0']);
}

// A slow link, for TCP: a relay that delays what passes, and lets it through at the link's rate.
import * as net from 'node:net';
import { until } from '../../preview/shared/run';

/** What a packet of Ethernet carries of a stream, and its headers (IPv4, TCP with time stamps). */
const SEGMENT = 1448;
const HEADERS = 52;
/** What a sender may have on its way at first (RFC 6928); what is acknowledged is added to it. */
const INITIAL_WINDOW = 10 * SEGMENT;
/** A relay that read all that is sent would have a queue before the link that no sender has. */
const MOST_WAITING = 64 * 1024;

export interface LinkOptions {
  /** Milliseconds. */
  readonly roundTrip: number;
  /** Bits per second, in each direction. */
  readonly rate: number;
}

/** Where the relay listens, and what is behind it. */
export interface Relay {
  readonly listen: { readonly address: string; readonly port: number };
  readonly to: { readonly address: string; readonly port: number };
}

export interface Traffic {
  /** Bytes that came to the client, with the headers of packets. */
  bytes: number;
  connections: number;
}

/** One direction of one connection. */
interface Flow {
  /** What was read and is not sent. */
  readonly waiting: Buffer[];
  bytes: number;
  /** The sender's congestion window, and what of it is not acknowledged. There is no loss. */
  window: number;
  unacknowledged: number;
  ended: boolean;
  readonly deliver: (data: Buffer) => void;
  readonly end: () => void;
  /** It has room for more. */
  readonly drained: () => void;
}

/** One direction of the link: packets of all flows in turn, each as long on its way as it takes. */
class Line {
  public bytes = 0;
  private readonly flows: Flow[] = [];
  /** What is to happen, and when: packets arrive and are acknowledged in the order of their departure. */
  private readonly arrivals: { at: number; run: () => void }[] = [];
  private readonly acknowledgments: { at: number; run: () => void }[] = [];
  /** When the last packet has departed, and whether there was nothing more. */
  private free = 0;
  private idle = true;
  private timer?: NodeJS.Timeout;

  constructor(private readonly options: LinkOptions) {}

  public add(flow: Flow): void {
    this.flows.push(flow);
  }

  public remove(flow: Flow): void {
    const index = this.flows.indexOf(flow);
    if (index >= 0) {
      this.flows.splice(index, 1);
    }
  }

  /** Sends what may be sent now, and comes back when there will be more. */
  public pump(): void {
    const now = performance.now();
    for (const queue of [this.arrivals, this.acknowledgments]) {
      while (queue.length > 0 && queue[0].at <= now) {
        queue.shift()?.run();
      }
    }
    for (;;) {
      const index = this.flows.findIndex(
        (flow) => flow.bytes > 0 && flow.unacknowledged < flow.window,
      );
      if (index < 0) {
        this.idle = true;
        break;
      }
      if (this.idle) {
        this.free = Math.max(this.free, now);
        this.idle = false;
      }
      // Timers are late by a millisecond or two, which the link must not be.
      if (this.free > now + 1) {
        break;
      }
      const [flow] = this.flows.splice(index, 1);
      this.flows.push(flow);
      this.depart(flow);
    }
    this.flows
      .filter((flow) => flow.ended && flow.bytes === 0)
      .forEach((flow) => {
        this.remove(flow);
        const at = Math.max(this.free, now) + this.options.roundTrip / 2;
        this.arrivals.push({ at, run: flow.end });
      });
    this.schedule();
  }

  private depart(flow: Flow): void {
    const { roundTrip, rate } = this.options;
    const data = take(flow.waiting, SEGMENT);
    flow.bytes -= data.length;
    flow.unacknowledged += data.length;
    this.bytes += data.length + HEADERS;
    this.free += ((data.length + HEADERS) * 8000) / rate;
    this.arrivals.push({ at: this.free + roundTrip / 2, run: () => flow.deliver(data) });
    const acknowledge = () => {
      flow.unacknowledged -= data.length;
      flow.window += data.length;
    };
    this.acknowledgments.push({ at: this.free + roundTrip, run: acknowledge });
    flow.drained();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    const next = [this.arrivals, this.acknowledgments].flatMap((queue) =>
      queue.length > 0 ? [queue[0].at] : [],
    );
    if (this.flows.some((flow) => flow.bytes > 0 && flow.unacknowledged < flow.window)) {
      next.push(this.free);
    }
    if (next.length > 0) {
      this.timer = setTimeout(
        () => this.pump(),
        Math.max(0, Math.min(...next) - performance.now()),
      );
    }
  }
}

function take(buffers: Buffer[], most: number): Buffer {
  const taken: Buffer[] = [];
  let left = most;
  while (left > 0 && buffers.length > 0) {
    const part = buffers[0].subarray(0, left);
    left -= part.length;
    taken.push(part);
    if (part.length === buffers[0].length) {
      buffers.shift();
    } else {
      buffers[0] = buffers[0].subarray(part.length);
    }
  }
  return taken.length === 1 ? taken[0] : Buffer.concat(taken);
}

/**
 * A link between a client and some servers. A connection takes a round trip to be made; then each
 * direction delays bytes by half of one. All connections share the link's rate, packet by packet. Each
 * begins with the window of a new TCP connection, which grows as in slow start. Packets are not lost.
 */
export class Link {
  public static async open(options: LinkOptions, relays: Relay[]): Promise<Link> {
    const link = new Link(options);
    try {
      for (const relay of relays) {
        await link.listen(relay);
      }
      return link;
    } catch (error) {
      link.close();
      throw error;
    }
  }

  private readonly up: Line;
  private readonly down: Line;
  private readonly servers: net.Server[] = [];
  private readonly sockets = new Set<net.Socket>();
  private connections = 0;

  private constructor(private readonly options: LinkOptions) {
    this.up = new Line(options);
    this.down = new Line(options);
  }

  /** What has passed since the link was opened. */
  public get traffic(): Traffic {
    return { bytes: this.down.bytes, connections: this.connections };
  }

  /** Ends all connections, as time does between two visits. */
  public async reset(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy());
    await until('all connections end', 10, () => this.sockets.size === 0, 5);
  }

  public close(): void {
    this.servers.splice(0).forEach((server) => server.close());
    this.sockets.forEach((socket) => socket.destroy());
  }

  private listen({ listen: { address, port }, to }: Relay): Promise<void> {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
      this.connect(client, to),
    );
    this.servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        reject(new Error(`the link cannot listen on ${address}:${port}: ${error.code}`)),
      );
      server.listen(port, address, resolve);
    });
  }

  private connect(client: net.Socket, { address, port }: Relay['to']): void {
    this.connections += 1;
    const server = net.connect({ host: address, port, allowHalfOpen: true, noDelay: true });
    const up = this.flow(client, server, this.up);
    const down = this.flow(server, client, this.down);
    const both = [client, server];
    both.forEach((socket) => {
      this.sockets.add(socket);
      socket.on('error', () => both.forEach((other) => other.destroy()));
      socket.on('close', () => {
        this.sockets.delete(socket);
        both.forEach((other) => other.destroy());
        this.up.remove(up);
        this.down.remove(down);
      });
    });
    client.pause();
    // SYN, and its answer.
    setTimeout(() => client.resume(), this.options.roundTrip);
  }

  private flow(from: net.Socket, to: net.Socket, line: Line): Flow {
    const flow: Flow = {
      ...{ waiting: [], bytes: 0, window: INITIAL_WINDOW, unacknowledged: 0, ended: false },
      deliver: (data) => void (to.destroyed || to.write(data)),
      end: () => void to.end(),
      drained: () => {
        if (from.isPaused() && flow.bytes < MOST_WAITING) {
          from.resume();
        }
      },
    };
    line.add(flow);
    from.on('data', (data: Buffer) => {
      flow.waiting.push(data);
      flow.bytes += data.length;
      if (flow.bytes >= MOST_WAITING) {
        from.pause();
      }
      line.pump();
    });
    from.on('end', () => {
      flow.ended = true;
      line.pump();
    });
    return flow;
  }
}

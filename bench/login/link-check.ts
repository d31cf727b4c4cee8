// Whether a link is what it says that it is, on this machine at this moment.
import * as net from 'node:net';
import { round } from '../report';
import { Link, LinkOptions } from './link';

const BYTES = 1_000_000;
const CONNECTIONS = 4;
/** Timers are late, and so is a busy machine. */
const LATE = 10;
const SLOW = 0.06;

/** Measures a link between a client and a server on this machine; fails if it is not as the options say. */
export async function checkLink(address: string, options: LinkOptions): Promise<string> {
  // Answers each byte, but a `+` with many.
  const server = net.createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) =>
      socket.write(data[0] === 0x2b ? Buffer.alloc(BYTES / CONNECTIONS) : data),
    );
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(0, address, resolve),
  );
  const { port } = server.address() as net.AddressInfo;
  // A port that is free now.
  const probe = net.createServer();
  await new Promise<void>((resolve) => probe.listen(0, address, resolve));
  const listen = { address, port: (probe.address() as net.AddressInfo).port };
  await new Promise((resolve) => probe.close(resolve));
  const link = await Link.open(options, [{ listen, to: { address, port } }]);
  try {
    const sockets = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => connected(listen.address, listen.port)),
    );
    const [socket] = sockets;
    const first = await time(() => answered(socket, 'a', 1));
    const later: number[] = [];
    for (let turn = 0; turn < 5; turn++) {
      later.push(await time(() => answered(socket, 'a', 1)));
    }
    // So that no window holds back what follows.
    await answered(socket, '+', BYTES / CONNECTIONS);
    await Promise.all(sockets.map((one) => answered(one, '+', BYTES / CONNECTIONS)));
    const before = link.traffic.bytes;
    const milliseconds = await time(() =>
      Promise.all(sockets.map((one) => answered(one, '+', BYTES / CONNECTIONS))),
    );
    sockets.forEach((one) => one.destroy());
    // The round trip is that of the request.
    const seconds = (milliseconds - options.roundTrip) / 1000;
    const rate = ((link.traffic.bytes - before) * 8) / seconds;
    const roundTrip = Math.min(...later);
    within('a connection and its first answer take', first, 2 * options.roundTrip, 3 * LATE);
    within('a round trip takes', roundTrip, options.roundTrip, LATE);
    if (Math.abs(rate / options.rate - 1) > SLOW) {
      throw new Error(`the link has ${rate / 1e6} Mbit/s, expected ${options.rate / 1e6}`);
    }
    return `${round(roundTrip)} ms round trip, ${round(rate / 1e6)} Mbit/s`;
  } finally {
    link.close();
    server.close();
  }
}

function within(what: string, milliseconds: number, expected: number, late: number): void {
  if (milliseconds < expected - 1 || milliseconds > expected + late) {
    throw new Error(`the link is not as it should be: ${what} ${milliseconds} ms, not ${expected}`);
  }
}

function connected(host: string, port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function answered(socket: net.Socket, request: string, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = bytes;
    const onData = (data: Buffer) => {
      left -= data.length;
      if (left <= 0) {
        socket.off('data', onData);
        resolve();
      }
    };
    socket.on('data', onData);
    socket.once('error', reject);
    socket.write(request);
  });
}

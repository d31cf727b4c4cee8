import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { listening } from '../shared/listening';
import { commandOf } from './commands';
import type { Preview } from './preview';
import { PROGRAM } from './program';
import { directories } from './this-machine';

const SOCKET = 'control.sock';

interface Request {
  readonly args: string[];
  readonly folder: string;
}

/** A line of the answer: what a command says, or how it ended. */
interface Message {
  readonly text?: string;
  readonly done?: boolean;
  readonly error?: string;
}

/** Takes commands from other terminals; those that change something, one after another. */
export async function acceptCommands(preview: Preview): Promise<net.Server> {
  let last: Promise<void> = Promise.resolve();
  const server = net.createServer((client) => {
    client.on('error', () => undefined);
    const send = (message: Message) =>
      client.writable && client.write(`${JSON.stringify(message)}\n`);
    const take = (line: string) => {
      const { args, folder } = JSON.parse(line) as Request;
      const [name, ...rest] = args;
      const { reads, run } = commandOf(name);
      const work = () => run({ preview, args: rest, folder, say: (text) => send({ text }) });
      if (reads === true) {
        return work();
      }
      const ran = last.then(work);
      last = ran.catch(() => undefined);
      return ran;
    };
    createInterface(client).once('line', (line) => {
      // A line of another version of this program may be anything.
      const ended = new Promise<void>((resolve) => resolve(take(line))).then(
        () => send({ done: true }),
        (error: Error) => send({ error: error.message }),
      );
      void ended.then(() => client.end());
    });
  });
  await listening(server, (ready) => server.listen(path.join(preview.directory, SOCKET), ready));
  return server;
}

/** Gives a command to the preview that runs on this machine; fails if the command does. */
export function command(args: string[], print: (text: string) => void): Promise<void> {
  commandOf(args[0]);
  const sockets = directories()
    .map((directory) => path.join(directory, SOCKET))
    .filter((socket) => fs.existsSync(socket));
  if (sockets.length !== 1) {
    throw new Error(
      sockets.length === 0
        ? `no preview runs on this machine: start one with ${PROGRAM.replace(/ --$/, '')}, and wait until it prints its URL`
        : `commands need one preview on this machine, got ${sockets.length}: end the others`,
    );
  }
  return new Promise((resolve, reject) => {
    const request: Request = { args, folder: process.cwd() };
    const server = net.connect(sockets[0], () => server.write(`${JSON.stringify(request)}\n`));
    server.on('error', ({ code }: NodeJS.ErrnoException) =>
      reject(new Error(code === 'EACCES' ? 'needs root: run it with sudo' : 'the preview ended')),
    );
    server.on('close', () => reject(new Error('the preview ended')));
    createInterface(server).on('line', (line) => {
      const { text, done, error } = JSON.parse(line) as Message;
      if (text !== undefined) {
        print(text);
      } else if (done === true) {
        resolve();
      } else {
        reject(new Error(error));
      }
    });
  });
}

import * as dgram from 'node:dgram';
import * as net from 'node:net';
import { listening } from '../../shared/listening';
import { dropPackets, Outage } from './outage';

/**
 * The name server of a VPC: 169.254.169.253, at which hosts find every name of the preview.
 * https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
 */
export class NameServer {
  private readonly names = new Map<string, string>();
  private readonly outage = { kind: undefined as Outage | undefined };
  private address = '';
  private udp?: dgram.Socket;
  private tcp?: net.Server;

  /** The port that it listens at. */
  public port = 53;

  public set(name: string, address: string): void {
    this.names.set(name.toLowerCase(), address);
  }

  public async listen(address: string, port = 53): Promise<void> {
    this.address = address;
    const udp = dgram.createSocket('udp4');
    udp.on('message', (message, { port, address: client }) => {
      const answer = this.answer(message);
      if (answer !== undefined) {
        udp.send(answer, port, client, () => undefined);
      }
    });
    const tcp = net.createServer((client) => {
      let received = Buffer.alloc(0);
      client.on('error', () => undefined);
      client.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
          const end = 2 + received.readUInt16BE(0);
          const answer = this.answer(received.subarray(2, end));
          received = received.subarray(end);
          if (answer !== undefined) {
            const length = Buffer.alloc(2);
            length.writeUInt16BE(answer.length);
            client.write(Buffer.concat([length, answer]));
          }
        }
      });
    });
    this.udp = udp;
    this.tcp = tcp;
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind(port, address, resolve);
    });
    this.port = udp.address().port;
    await listening(tcp, (ready) => tcp.listen(this.port, address, ready));
  }

  /** `hang` and `drop` are the same to who asks by UDP; with `refuse` the port is shut. */
  public async setOutage(outage: Outage | undefined): Promise<void> {
    const before = this.outage.kind;
    this.outage.kind = outage;
    if ((before === 'drop') !== (outage === 'drop')) {
      await dropPackets(this.address, outage === 'drop');
    }
    if (outage === 'refuse') {
      this.close();
    } else if (before === 'refuse') {
      await this.listen(this.address, this.port);
    }
  }

  public close(): void {
    this.udp?.close();
    this.tcp?.close();
  }

  private answer(message: Buffer): Buffer | undefined {
    if (this.outage.kind === 'hang' || message.length < 12 || (message[2] & 0x80) !== 0) {
      return undefined;
    }
    const labels: string[] = [];
    let at = 12;
    while (at < message.length && message[at] !== 0) {
      const length = message[at];
      labels.push(message.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const end = at + 5;
    if (end > message.length) {
      return undefined;
    }
    const type = message.readUInt16BE(at + 1);
    const address = this.names.get(labels.join('.').toLowerCase());
    const found = address !== undefined && type === 1;
    const header = Buffer.alloc(12);
    message.copy(header, 0, 0, 2);
    // An answer to a recursive question; a name that there is not is NXDOMAIN.
    header.writeUInt16BE(0x8180 | (address === undefined ? 3 : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(found ? 1 : 0, 6);
    const record = Buffer.from([
      ...[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4],
      ...(found ? address.split('.').map(Number) : []),
    ]);
    return Buffer.concat([header, message.subarray(12, end), ...(found ? [record] : [])]);
  }
}

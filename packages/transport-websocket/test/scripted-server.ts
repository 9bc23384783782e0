import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** What came to it: one opening handshake, and all bytes behind it. */
export interface Caller {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly socket: Duplex;
}

/** The server's side of WebSocket by hand, so that it can also be done wrong. It goes with its test. */
export class ScriptedServer implements AsyncDisposable {
  readonly #http = createServer();
  readonly #sockets = new Set<Duplex>();
  readonly #callers: Caller[] = [];
  readonly #waiting: ((caller: Caller) => void)[] = [];

  /** @param answers whether handshakes are answered at all */
  static async open(answers = true): Promise<ScriptedServer> {
    const server = new ScriptedServer(answers);
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  private constructor(answers: boolean) {
    this.#http.on('upgrade', ({ url, headers }, socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      // Who has upgraded may end one direction alone; nobody wants that here.
      socket.on('end', () => socket.end());
      if (answers) socket.write(switching(headers['sec-websocket-key'] ?? ''));
      const caller = { url: url ?? '', headers, socket };
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#callers.push(caller);
      else waiting(caller);
    });
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  caller(): Promise<Caller> {
    const caller = this.#callers.shift();
    return caller === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(caller);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;

export function frame(opcode: number, payload: Uint8Array): Uint8Array {
  const header = Buffer.alloc(10);
  header.writeUInt8(0x80 | opcode, 0);
  header.writeUInt8(127, 1);
  header.writeBigUInt64BE(BigInt(payload.length), 2);
  const isShort = payload.length < 126;
  if (isShort) header.writeUInt8(payload.length, 1);
  return Buffer.concat([isShort ? header.subarray(0, 2) : header, payload]);
}

function switching(key: string): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: zookeeper\r\n\r\n`
  );
}

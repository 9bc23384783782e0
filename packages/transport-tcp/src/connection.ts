import type { Socket } from 'node:net';
import type { Address, Connection, ConnectionHandler } from '@corral/transport';
import { toTransportError } from './errors.ts';

export class TcpConnection implements Connection {
  readonly remote: Address;
  readonly local: Address;
  readonly #socket: Socket;
  #handler: ConnectionHandler | undefined;
  #isEnding = false;
  #isDraining = false;
  #error: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.remote = { host: plainIp(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
    this.local = { host: plainIp(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
    // Kept before anything else: a socket without this listener would take the process down.
    socket.on('error', (error) => (this.#error ??= error));
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    const socket = this.#socket;
    socket.on('data', (chunk: Buffer) => {
      if (!this.#isEnding) handler.onData(chunk);
    });
    socket.on('end', () => this.end());
    socket.on('close', () => {
      this.#handler = undefined;
      handler.onClose(
        this.#error &&
          toTransportError(this.#error, `connection with ${this.remote.host}:${this.remote.port}`),
      );
    });
  }

  /** Nobody wants it. */
  refuse(): void {
    this.#socket.destroy();
  }

  write(bytes: Uint8Array): boolean {
    const socket = this.#socket;
    if (this.#isEnding || socket.destroyed) return true;
    socket.write(bytes);
    if (socket.writableLength === 0) return true;
    if (!this.#isDraining) {
      this.#isDraining = true;
      // An empty write is called back when all before it has gone; 'drain' comes only above the high-water mark.
      socket.write(NOTHING, this.#drained);
    }
    return false;
  }

  readonly #drained = (error?: Error | null): void => {
    this.#isDraining = false;
    if (error || this.#socket.destroyed || this.#isEnding) return;
    if (this.#socket.writableLength === 0) this.#handler?.onDrain();
    else {
      this.#isDraining = true;
      this.#socket.write(NOTHING, this.#drained);
    }
  };

  get unsent(): number {
    return this.#socket.writableLength;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#socket.resume();
    this.#socket.end();
  }

  destroy(): void {
    this.#isEnding = true;
    this.#socket.destroy();
  }
}

/** IPv4 as IPv4, also where the listener is one for both families (`::ffff:10.0.0.1`). */
function plainIp(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

const NOTHING = new Uint8Array(0);

import type { Socket } from 'node:net';
import type { Address, Connection, ConnectionHandler } from '@corral/transport';
import { Lingering } from './lingering.ts';
import { plainIp, toTransportError } from './system.ts';

/**
 * A connection over a socket. It exists before its socket, because a socket must be told at its birth where reads
 * go: `attach` gives it, and `start`, in the same turn, the handler; nothing is read before that turn is over.
 */
export class TcpConnection implements Connection {
  remote: Address = NOWHERE;
  #local: Address | undefined = undefined;
  #socket!: Socket;
  #handler: ConnectionHandler | undefined = undefined;
  #isPaused = false;
  #isEnding = false;
  #isClosed = false;
  #isDraining = false;
  /** Where it lingers; -1: it does not. */
  #lingersAt = -1;
  #error: Error | undefined = undefined;

  /** Hands on what was read. */
  readonly take = (bytes: Uint8Array): void => {
    if (!this.#isEnding) this.#handler?.onData(bytes);
  };

  attach(socket: Socket): void {
    this.#socket = socket;
    this.remote = { host: plainIp(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
    // Before anything else: an error that nobody listens for takes the process down.
    socket.on('error', (error) => {
      // After an end of either side it is over anyway.
      if (!this.#isEnding) this.#error = error;
      this.#isEnding = true;
    });
    socket.on('end', () => this.end());
    socket.on('close', () => this.#closed());
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    if (!this.#isPaused) this.#socket.resume();
  }

  /** Asked of the system when somebody wants to know, so not after the end. */
  get local(): Address {
    const socket = this.#socket;
    return (this.#local ??= { host: plainIp(socket.localAddress ?? ''), port: socket.localPort ?? 0 });
  }

  /**
   * Node writes at once what the system takes, and lets go of the buffer: nothing is left over then. What is left
   * over it keeps by reference.
   */
  write(bytes: Uint8Array): boolean {
    if (this.#isEnding) return true;
    this.#socket.write(bytes);
    if (this.#socket.writableLength === 0) return true;
    this.#awaitDrain();
    return false;
  }

  get unsent(): number {
    return this.#isClosed ? 0 : this.#socket.writableLength;
  }

  pause(): void {
    if (this.#isEnding) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#socket.resume();
  }

  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const socket = this.#socket;
    // To close with bytes unread is answered by the system with a reset, which can take the last reply away from the
    // other side. So what still comes is read and thrown away until the other side ends too, but not for ever.
    if (this.#isPaused) socket.resume();
    socket.end();
    if (socket.writableLength === 0) this.#linger();
    else socket.once('finish', () => this.#linger());
  }

  destroy(): void {
    this.#isEnding = true;
    this.#socket.destroy();
  }

  #linger(): void {
    if (!this.#isClosed) this.#lingersAt = lingering.add(this.#socket);
  }

  /** 'drain' comes only after a write above the high-water mark. An empty write is called back when all before it went. */
  #awaitDrain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#socket.write(NOTHING, this.#drained);
  }

  readonly #drained = (error?: Error | null): void => {
    this.#isDraining = false;
    if (error || this.#isEnding) return;
    if (this.#socket.writableLength > 0) this.#awaitDrain();
    else this.#handler?.onDrain();
  };

  #closed(): void {
    this.#isEnding = true;
    this.#isClosed = true;
    if (this.#lingersAt >= 0) lingering.remove(this.#lingersAt);
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.onClose(
      this.#error && toTransportError(this.#error, `connection with ${this.remote.host}:${this.remote.port}`),
    );
  }
}

const NOWHERE: Address = { host: '', port: 0 };
const NOTHING = new Uint8Array(0);
const lingering = new Lingering();

import type { Socket } from 'node:net';
import { type Address, type Connection, type ConnectionHandler, TransportError } from '@corral/transport';
import { plainIp, toTransportError } from '@corral/transport-tcp';
import type { RawData, WebSocket } from 'ws';

/** A connection over a WebSocket that was accepted. Flow is that of the socket below it. */
export class WebSocketLink implements Connection {
  readonly remote: Address;
  readonly local: Address;
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #onGone: () => void;
  #handler: ConnectionHandler | undefined = undefined;
  /** What came out of the same read as the message during which it was paused. */
  readonly #in: Uint8Array[] = [];
  #delivery: NodeJS.Immediate | undefined = undefined;
  #isPaused = false;
  #isEnding = false;
  #isClosed = false;
  #isDraining = false;
  #isDrainOwed = false;
  #linger: NodeJS.Timeout | undefined = undefined;
  /** Something came since the last ping. */
  #isHeard = true;
  #error: TransportError | undefined = undefined;

  constructor(webSocket: WebSocket, socket: Socket, onGone: () => void) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#onGone = onGone;
    this.remote = { host: plainIp(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
    this.local = { host: plainIp(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
    webSocket.on('message', (data, isBinary) => this.#take(data, isBinary));
    webSocket.on('pong', () => (this.#isHeard = true));
    webSocket.on('error', (error) => this.#fail(toTransportError(error, this.#what), PROTOCOL_ERROR));
    webSocket.on('close', (code) => this.#closed(code));
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#isWritable || bytes.length === 0) return true;
    this.#webSocket.send(bytes, BINARY);
    if (this.#socket.writableLength === 0) return true;
    this.#isDrainOwed = true;
    this.#awaitDrain();
    return false;
  }

  get unsent(): number {
    return this.#isClosed ? 0 : this.#socket.writableLength;
  }

  pause(): void {
    if (this.#isEnding) return;
    this.#isPaused = true;
    this.#webSocket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#isHeard = true;
    if (this.#in.length > 0 || this.#isClosed) this.#deliverLater();
    else this.#webSocket.resume();
  }

  end(): void {
    if (this.#isEnding) return;
    this.#finish(NORMAL);
  }

  destroy(): void {
    this.#isEnding = true;
    this.#error = undefined;
    this.#in.length = 0;
    this.resume();
    this.#webSocket.terminate();
  }

  /** Asked in regular turns. Nobody can answer while we do not read, or what we wrote before is still under way. */
  ping(): void {
    if (this.#isPaused || this.#isEnding || this.#socket.writableLength > 0) return;
    if (this.#isHeard) {
      this.#isHeard = false;
      this.#webSocket.ping();
      return;
    }
    this.destroy();
    this.#error = new TransportError('TIMEOUT', `${this.#what}: no answer to a ping`);
  }

  get #what(): string {
    return `WebSocket with ${this.remote.host}:${this.remote.port}`;
  }

  /** Neither side has said that it ends. */
  get #isWritable(): boolean {
    return !this.#isEnding && this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  #take(data: RawData, isBinary: boolean): void {
    if (this.#isEnding) return;
    this.#isHeard = true;
    if (!isBinary)
      return this.#fail(
        new TransportError('RESET', `${this.#what}: a text where bytes were to come`),
        BYTES_ONLY,
      );
    const bytes = data as Buffer;
    if (bytes.length === 0) return;
    if (this.#isPaused || this.#in.length > 0) this.#in.push(bytes);
    else this.#handler?.onData(bytes);
  }

  #deliverLater(): void {
    if (this.#delivery === undefined) this.#delivery = setImmediate(this.#deliver);
  }

  readonly #deliver = (): void => {
    this.#delivery = undefined;
    while (!this.#isPaused && this.#in.length > 0) this.#handler?.onData(this.#in.shift()!);
    if (this.#isPaused) return;
    if (!this.#isClosed) return this.#webSocket.resume();
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.onClose(this.#error);
  };

  /** An empty write is called back when all before it went. It adds nothing to what is sent. */
  #awaitDrain(): void {
    if (this.#isDraining || this.#socket.writableEnded) return;
    this.#isDraining = true;
    this.#socket.write(NOTHING, this.#drained);
  }

  readonly #drained = (): void => {
    this.#isDraining = false;
    if (this.#isClosed) return;
    if (this.#socket.writableLength > 0) return this.#awaitDrain();
    if (this.#isEnding) return this.#waitForClose();
    if (!this.#isDrainOwed) return;
    this.#isDrainOwed = false;
    this.#handler?.onDrain();
  };

  #fail(error: TransportError, code: number): void {
    if (this.#isEnding) return;
    this.#error = error;
    this.#finish(code);
  }

  /** Closes behind all that is to be sent, and reads on, for the other side's close. */
  #finish(code: number): void {
    this.#isEnding = true;
    this.#in.length = 0;
    this.resume();
    this.#webSocket.close(code);
    if (this.#socket.writableLength > 0) this.#awaitDrain();
    else this.#waitForClose();
  }

  #waitForClose(): void {
    if (!this.#isClosed) this.#linger ??= setTimeout(() => this.#webSocket.terminate(), LINGER_MS).unref();
  }

  #closed(code: number): void {
    const isBroken = code === NOT_SAID;
    if (isBroken && !this.#isEnding)
      this.#error = new TransportError('RESET', `${this.#what}: gone without a close`);
    this.#isClosed = true;
    clearTimeout(this.#linger);
    this.#onGone();
    // Whoever has paused until what it wrote is gone waits for what will not be.
    if (isBroken || this.#isDrainOwed) {
      this.#in.length = 0;
      this.#isPaused = false;
    }
    this.#deliverLater();
  }
}

const BINARY = { binary: true };
const NOTHING = new Uint8Array(0);
/** Milliseconds for the other side to close too, once everything was sent. */
const LINGER_MS = 1000;
// RFC 6455, 7.4.1.
const NORMAL = 1000;
const PROTOCOL_ERROR = 1002;
const BYTES_ONLY = 1003;
const NOT_SAID = 1006;

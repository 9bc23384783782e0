import {
  type Address,
  type Connection,
  type ConnectionHandler,
  TransportError,
  type TransportErrorCode,
} from '@corral/transport';

/**
 * A connection over the platform's WebSocket, which copies what it is given, tells nothing of what it has sent but a number,
 * cannot be paused, and cannot be cut. So it is given little at a time, the number is looked at while something waits, what
 * comes during a pause waits here, and a destroyed connection is not listened to any more.
 */
export class WebSocketConnection implements Connection {
  /** As it was dialled: a page is not told more. */
  readonly remote: Address;
  readonly local: Address = NOWHERE;
  readonly #socket: WebSocket;
  #handler: ConnectionHandler | undefined = undefined;
  /** What the WebSocket has not been given yet, the first from `#outAt` on. */
  readonly #out: Uint8Array[] = [];
  #outAt = 0;
  #outBytes = 0;
  #isDrainOwed = false;
  #pump: Timer | undefined = undefined;
  /** What came during a pause. */
  readonly #in: Uint8Array[] = [];
  #inBytes = 0;
  #delivery: Timer | undefined = undefined;
  #isPaused = false;
  #isEnding = false;
  /** The WebSocket is closed, or nobody listens to it any more. */
  #isClosed = false;
  #error: TransportError | undefined = undefined;

  constructor(socket: WebSocket, remote: Address) {
    this.#socket = socket;
    this.remote = remote;
    socket.addEventListener('message', this.#onMessage);
    socket.addEventListener('close', this.#onClose);
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isEnding || this.#isClosed || bytes.length === 0) return true;
    this.#out.push(bytes);
    this.#outBytes += bytes.length;
    this.#send();
    if (this.#outBytes === 0) return true;
    this.#isDrainOwed = true;
    this.#awaitRoom();
    return false;
  }

  get unsent(): number {
    return this.#isClosed ? 0 : this.#outBytes + this.#socket.bufferedAmount;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#in.length > 0 || this.#isClosed) this.#deliverLater();
  }

  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#forgetReceived();
    if (this.#isClosed) this.resume();
    else this.#finish();
  }

  destroy(): void {
    this.#isEnding = true;
    this.#error = undefined;
    this.#forgetReceived();
    if (this.#isClosed) this.resume();
    else this.#leave();
  }

  /** No more than the WebSocket is to hold at a time. */
  #send(): void {
    const socket = this.#socket;
    while (this.#outBytes > 0 && socket.bufferedAmount < IN_FLIGHT_MAX) {
      const first = this.#out[0]!;
      const end = Math.min(first.length, this.#outAt + MESSAGE_MAX);
      socket.send(first.subarray(this.#outAt, end) as Uint8Array<ArrayBuffer>);
      this.#outBytes -= end - this.#outAt;
      this.#outAt = end;
      if (end < first.length) continue;
      this.#out.shift();
      this.#outAt = 0;
    }
  }

  #awaitRoom(): void {
    this.#pump ??= setTimeout(this.#onRoom, LOOK_MS);
  }

  readonly #onRoom = (): void => {
    this.#pump = undefined;
    if (this.#isClosed) return;
    this.#send();
    if (this.#isEnding) return this.#finish();
    if (this.unsent > 0) return this.#awaitRoom();
    if (!this.#isDrainOwed) return;
    this.#isDrainOwed = false;
    this.#handler?.onDrain();
  };

  /** Closes behind all that is to be sent, and waits for the other side's close, but not for ever. */
  #finish(): void {
    if (this.#outBytes === 0) this.#socket.close(NORMAL);
    if (this.unsent > 0) this.#awaitRoom();
    else this.#pump ??= setTimeout(this.#leave, LINGER_MS);
  }

  readonly #leave = (): void => {
    this.#socket.removeEventListener('message', this.#onMessage);
    this.#socket.removeEventListener('close', this.#onClose);
    this.#socket.close(NORMAL);
    this.#close();
  };

  readonly #onMessage = ({ data }: { readonly data: unknown }): void => {
    if (this.#isEnding) return;
    if (!(data instanceof ArrayBuffer)) return this.#fail('RESET', 'a text where bytes were to come');
    if (data.byteLength === 0) return;
    const bytes = new Uint8Array(data);
    if (!this.#isPaused && this.#in.length === 0) {
      this.#handler?.onData(bytes);
      return;
    }
    this.#in.push(bytes);
    this.#inBytes += bytes.length;
    if (this.#inBytes > HELD_MAX) this.#fail('EXHAUSTED', `${HELD_MAX} bytes came while nobody wanted any`);
  };

  #deliverLater(): void {
    if (this.#delivery === undefined) this.#delivery = setTimeout(this.#deliver, 0);
  }

  readonly #deliver = (): void => {
    this.#delivery = undefined;
    while (!this.#isPaused && this.#in.length > 0) {
      const bytes = this.#in.shift()!;
      this.#inBytes -= bytes.length;
      this.#handler?.onData(bytes);
    }
    if (!this.#isClosed || this.#in.length > 0) return;
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.onClose(this.#error);
  };

  #forgetReceived(): void {
    this.#in.length = 0;
    this.#inBytes = 0;
  }

  /** Whatever code the other side closes with, it has ended in order. */
  readonly #onClose = ({ code }: { readonly code: number }): void => {
    if (code === NOT_SAID && !this.#isEnding) this.#error = this.#errorOf('RESET', 'gone without a close');
    this.#close();
  };

  #fail(code: TransportErrorCode, what: string): void {
    this.destroy();
    this.#error = this.#errorOf(code, what);
  }

  #errorOf(code: TransportErrorCode, what: string): TransportError {
    return new TransportError(code, `WebSocket with ${this.remote.host}:${this.remote.port}: ${what}`);
  }

  /** Told in a later turn, behind what came before. */
  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#pump);
    this.#out.length = 0;
    this.#outBytes = 0;
    this.#deliverLater();
  }
}

type Timer = ReturnType<typeof setTimeout>;

const NOWHERE: Address = { host: '', port: 0 };
/** Bytes that the WebSocket is given and has not sent. */
const IN_FLIGHT_MAX = 1024 * 1024;
/** Longer writes go in several messages: a server bounds what it takes for one. */
const MESSAGE_MAX = 64 * 1024;
/** Bytes that may come during one pause. */
const HELD_MAX = 64 * 1024 * 1024;
/** Milliseconds between two looks at what is left to send. */
const LOOK_MS = 4;
/** Milliseconds for the other side to close too. */
const LINGER_MS = 2000;
const NORMAL = 1000;
/** What `code` says where the connection broke (RFC 6455, 7.1.5). */
const NOT_SAID = 1006;

import type { Clock, Timer } from '@corral/runtime';
import { TransportError } from '../error.ts';
import type { Address, Connection, ConnectionHandler } from '../transport.ts';
import type { Host } from './host.ts';
import type { Pipe } from './pipe.ts';

/** One end of a connection in memory. The members below `Connection`'s are the network's. */
export class MemoryConnection implements Connection {
  readonly local: Address;
  readonly remote: Address;
  readonly host: Host;
  readonly out: Pipe;
  readonly #in: Pipe;
  readonly #clock: Clock;
  readonly #forget: (connection: MemoryConnection) => void;
  #handler: ConnectionHandler | undefined;
  #isPaused = false;
  #owesDrain = false;
  #isEnding = false;
  #isGone = false;
  #hasSentEnd = false;
  #hasReadEnd = false;
  #lingering: Timer | undefined;

  constructor(ends: ConnectionEnds, forget: (connection: MemoryConnection) => void) {
    this.local = ends.local;
    this.remote = ends.remote;
    this.host = ends.host;
    this.out = ends.out;
    this.#in = ends.in;
    this.#clock = ends.clock;
    this.#forget = forget;
  }

  get unsent(): number {
    return this.out.unsent;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isEnding || this.out.write(bytes)) return true;
    this.#owesDrain = true;
    return false;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#in.kick();
  }

  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.out.finish();
    this.#in.kick();
  }

  destroy(): void {
    if (this.#isGone) return;
    this.out.dropUnsent();
    // As TCP does it: to leave bytes unread is an error that the other side hears of.
    if (this.#in.hasUnread) this.out.reset();
    else this.out.finish();
    this.#close();
  }

  /** Its process is gone, or has closed it: it hears nothing any more. */
  get isGone(): boolean {
    return this.#isGone;
  }

  get isReading(): boolean {
    return this.#handler !== undefined && (!this.#isPaused || this.#isEnding);
  }

  get peer(): Host {
    return this.out.reader.host;
  }

  /** The way may be free again. */
  kick(): void {
    this.out.kick();
    this.#in.kick();
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#in.kick();
  }

  onChunk(chunk: Uint8Array): void {
    if (!this.#isEnding) this.#handler?.onData(chunk);
  }

  /** All that was unsent has been taken. */
  onTaken(): void {
    this.host.run(() => {
      if (!this.#owesDrain || this.#isEnding || this.out.unsent > 0) return;
      this.#owesDrain = false;
      this.#handler?.onDrain();
    });
  }

  /** The end is on its way, after everything else. */
  onSent(): void {
    this.#hasSentEnd = true;
    if (this.#hasReadEnd) this.#close();
    else if (!this.#isGone) this.#lingering = this.#clock.after(LINGER_MS, () => this.destroy());
  }

  onEnd(): void {
    this.#hasReadEnd = true;
    if (this.#hasSentEnd) this.#close();
    else this.end();
  }

  onReset(): void {
    this.out.dropUnsent();
    const { host, port } = this.remote;
    this.#close(this.#isEnding ? undefined : new TransportError('RESET', `connection with ${host}:${port}`));
  }

  /** The power is cut: no word to anybody, on either side. */
  vanish(): void {
    this.out.dropUnsent();
    this.#release();
    this.#handler = undefined;
  }

  #close(error?: TransportError): void {
    if (this.#isGone) return;
    this.#release();
    this.host.run(() => {
      const handler = this.#handler;
      this.#handler = undefined;
      handler?.onClose(error);
    });
  }

  #release(): void {
    this.#isGone = true;
    this.#isEnding = true;
    this.#lingering?.cancel();
    this.#forget(this);
  }
}

export interface ConnectionEnds {
  readonly local: Address;
  readonly remote: Address;
  readonly host: Host;
  readonly out: Pipe;
  readonly in: Pipe;
  readonly clock: Clock;
}

/** How long an ended connection waits for the other side to end too. */
const LINGER_MS = 1000;

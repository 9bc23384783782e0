import { FrameSplitter, JuteReader, JuteWriter } from '@corral/jute';
import type { Clock } from '@corral/runtime';
import type { Connection, ConnectionHandler, TransportError } from '@corral/transport';

export interface WireOptions {
  readonly clock: Clock;
  /** The longest frame sent, in bytes: a server closes the connection at a longer one (its jute.maxbuffer). */
  readonly requestMax: number;
  /** The longest frame believed, in bytes. */
  readonly replyMax: number;
}

/** What happens on a wire. Nothing comes after `onOver`. */
export interface WireOwner {
  /** A chunk arrived: its frames follow. */
  onHeard(): void;
  /** A frame; the reader stands at its beginning. What it throws ends the connection. */
  onFrame(r: JuteReader): void;
  onSpoke(): void;
  onOver(reason: string): void;
}

/**
 * Frames on one connection. They are encoded straight into one buffer, and leave in one write: at the end of the turn of the
 * event loop in which the first of them was made, so that those of many callers leave together, or at once where it is
 * alone and somebody does nothing but wait for it.
 */
export class Wire implements ConnectionHandler {
  /** Something was written in this turn. */
  isFlushDue = false;
  readonly #connection: Connection;
  readonly #options: WireOptions;
  readonly #owner: WireOwner;
  readonly #splitter: FrameSplitter;
  readonly #reader: JuteReader;
  #writer = new JuteWriter(WRITER_BYTES);
  /** The one that the transport is still reading from, or the spare one. */
  #other = new JuteWriter(WRITER_BYTES);
  #isBlocked = false;
  #isOver = false;
  readonly #flushed: () => void;

  constructor(connection: Connection, options: WireOptions, owner: WireOwner) {
    this.#connection = connection;
    this.#options = options;
    this.#owner = owner;
    this.#splitter = new FrameSplitter({ payloadMax: options.replyMax });
    this.#reader = new JuteReader(undefined, options.replyMax);
    this.#flushed = () => this.#flush();
  }

  /** Begins a frame: write the record into what is returned, then call `end` with its `length` before `begin`. */
  begin(): JuteWriter {
    this.#writer.reserveInt();
    return this.#writer;
  }

  /**
   * Ends the frame that began at `start`.
   *
   * @param isAlone nothing else is on its way: it leaves when the code that runs now has run, not at the end of the turn
   * @throws RangeError where it is longer than the server takes; it is as if it had not been begun
   */
  end(start: number, isAlone = false): void {
    const length = this.#writer.length - start - 4;
    if (length > this.#options.requestMax) {
      this.#writer.truncate(start);
      throw new RangeError(
        `a request of ${length} bytes is more than the ${this.#options.requestMax} that a server takes (jute.maxbuffer)`,
      );
    }
    this.#writer.patchLength(start);
    if (this.#writer.length > WRITER_KEPT_BYTES && !this.#isBlocked) return this.#flush();
    if (this.isFlushDue) return;
    this.isFlushDue = true;
    if (isAlone) void SOON.then(this.#flushed);
    else this.#options.clock.defer(this.#flushed);
  }

  /** A whole frame at once, where there are few of its kind. */
  send(write: (w: JuteWriter) => void): void {
    const start = this.length;
    write(this.begin());
    this.end(start);
  }

  /** Where the next frame begins. */
  get length(): number {
    return this.#writer.length;
  }

  /** Bytes of requests that the network has not taken. */
  get unsent(): number {
    return this.#writer.length + (this.#isBlocked ? this.#other.length : 0);
  }

  /** Takes back what was written from `start` on. */
  truncate(start: number): void {
    this.#writer.truncate(start);
  }

  /** The owner wants nothing more of it, not even `onOver`. */
  drop(): void {
    this.#isOver = true;
    this.#connection.destroy();
  }

  onData(chunk: Uint8Array): void {
    if (this.#isOver) return;
    this.#owner.onHeard();
    try {
      this.#splitter.push(chunk);
      while (!this.#isOver && this.#splitter.next()) {
        const { bytes, start, end } = this.#splitter;
        this.#owner.onFrame(this.#reader.reset(bytes, start, end));
      }
    } catch (error) {
      this.#finish(`the server sent what cannot be read: ${String(error)}`);
      this.#connection.destroy();
    }
  }

  onDrain(): void {
    this.#isBlocked = false;
    this.#other.clear(WRITER_KEPT_BYTES);
    this.#flush();
  }

  onClose(error?: TransportError): void {
    this.#finish(error?.message ?? 'the server closed the connection');
  }

  #finish(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.onOver(reason);
  }

  #flush(): void {
    this.isFlushDue = false;
    if (this.#isOver || this.#isBlocked || this.#writer.length === 0) return;
    const full = this.#writer;
    this.#isBlocked = !this.#connection.write(full.bytes());
    if (this.#isBlocked) {
      this.#writer = this.#other;
      this.#other = full;
    } else full.clear(WRITER_KEPT_BYTES);
    this.#owner.onSpoke();
  }
}

/** What follows it runs before the event loop turns: a tenth of the time of a request that is alone. */
const SOON: Promise<void> = Promise.resolve();
const WRITER_BYTES = 4096;
const WRITER_KEPT_BYTES = 256 * 1024;

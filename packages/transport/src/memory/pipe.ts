import type { MemoryConnection } from './connection.ts';
import { copyOf } from './copies.ts';
import type { Link } from './link.ts';

/**
 * One direction of a connection, as the two systems between its ends would treat it: what was written is taken up to
 * a window, travels in order, and waits while the reader is paused, stalled or cut off.
 *
 * It watches over the contract as well. Bytes that `write` refused to let go are not copied before they are taken, so
 * a caller who overwrites them too early sends garbage; a delivered chunk is spoilt when `onData` returns, so a
 * reader who keeps it without a copy reads garbage.
 */
export class Pipe {
  readonly #link: Link;
  /** The two ends, set once both exist. */
  writer!: MemoryConnection;
  reader!: MemoryConnection;
  /** Taken by the system: travelling, or waiting for the reader. */
  #taken: Segment[] = [];
  #takenBytes = 0;
  /** Not taken yet; still the writer's memory. */
  #unsent: Uint8Array[] = [];
  #unsentBytes = 0;
  #isFinishing = false;
  #hasFinished = false;
  #isReset = false;
  #isScheduled = false;

  constructor(link: Link) {
    this.#link = link;
  }

  get unsent(): number {
    return this.#unsentBytes;
  }

  /** Bytes that arrived, or will, and that nobody has been given. */
  get hasUnread(): boolean {
    return this.#takenBytes > 0;
  }

  write(bytes: Uint8Array): boolean {
    if (bytes.length === 0) return this.#unsentBytes === 0;
    this.#unsent.push(bytes);
    this.#unsentBytes += bytes.length;
    this.#take();
    return this.#unsentBytes === 0;
  }

  /** The end follows what was written. */
  finish(): void {
    this.#isFinishing = true;
    this.#take();
  }

  /** What the system has not taken is lost. */
  dropUnsent(): void {
    this.#unsent = [];
    this.#unsentBytes = 0;
  }

  /** The reader is told that all is over, ahead of what it has not read. */
  reset(): void {
    if (this.#isReset) return;
    this.#isReset = true;
    this.dropUnsent();
    this.#taken = [{ bytes: NO_BYTES, offset: 0, arrival: this.#link.arrival(), isEnd: true }];
    this.#takenBytes = 0;
    this.kick();
  }

  /** Something that may have held up the delivery has changed. */
  kick(): void {
    const first = this.#taken[0];
    if (this.#isScheduled || first === undefined) return;
    this.#isScheduled = true;
    this.#link.at(first.arrival, () => {
      this.#isScheduled = false;
      this.#deliver();
    });
  }

  #take(): void {
    while (this.#unsentBytes > 0) {
      const room = this.#link.windowBytes - this.#takenBytes;
      if (room <= 0) return;
      const first = this.#unsent[0]!;
      const part = first.subarray(0, room);
      this.#travel(copyOf(part), false);
      this.#unsentBytes -= part.length;
      if (part.length === first.length) this.#unsent.shift();
      else this.#unsent[0] = first.subarray(part.length);
    }
    if (this.#isFinishing && !this.#hasFinished) {
      this.#hasFinished = true;
      this.#travel(NO_BYTES, true);
      this.writer.onSent();
    }
  }

  #travel(bytes: Uint8Array, isEnd: boolean): void {
    if (this.#isReset) return;
    this.#taken.push({ bytes, offset: 0, arrival: this.#link.arrival(), isEnd });
    this.#takenBytes += bytes.length;
    this.kick();
  }

  /** One piece a turn. */
  #deliver(): void {
    const first = this.#taken[0];
    if (first === undefined || this.#link.isCut || this.reader.host.isStalled) return;
    if (this.reader.isGone) return this.#bounce();
    if (this.#isReset) {
      this.#taken = [];
      return this.reader.onReset();
    }
    if (!this.reader.isReading) return;
    if (first.isEnd) {
      this.#taken.shift();
      return this.reader.onEnd();
    }
    const chunk = this.#nextChunk();
    this.reader.onChunk(chunk);
    chunk.fill(SPOILT);
    const wasWaiting = this.#unsentBytes > 0;
    this.#take();
    if (wasWaiting && this.#unsentBytes === 0) this.writer.onTaken();
    this.kick();
  }

  /** Where one write ends and another begins is not kept: what has arrived comes as one piece. */
  #nextChunk(): Uint8Array {
    let arrived = 0;
    for (const segment of this.#taken) {
      if (segment.isEnd || !this.#link.hasArrived(segment.arrival)) break;
      arrived += segment.bytes.length - segment.offset;
    }
    const size = this.#link.chunkSize(arrived);
    const { bytes, offset } = this.#taken[0]!;
    if (offset === 0 && bytes.length === size) {
      this.#taken.shift();
      this.#takenBytes -= size;
      return bytes;
    }
    const chunk = new Uint8Array(size);
    for (let at = 0; at < chunk.length;) {
      const segment = this.#taken[0]!;
      const part = segment.bytes.subarray(segment.offset, segment.offset + chunk.length - at);
      chunk.set(part, at);
      at += part.length;
      segment.offset += part.length;
      if (segment.offset === segment.bytes.length) this.#taken.shift();
    }
    this.#takenBytes -= chunk.length;
    return chunk;
  }

  /** Nobody is there any more: bytes are answered with a reset, an end with nothing. */
  #bounce(): void {
    const isAnswered = this.#takenBytes > 0;
    this.#taken = [];
    this.#takenBytes = 0;
    this.dropUnsent();
    if (isAnswered) this.reader.out.reset();
  }
}

interface Segment {
  readonly bytes: Uint8Array;
  offset: number;
  /** Monotonic time at which it can be read, once all before it has been. */
  readonly arrival: number;
  readonly isEnd: boolean;
}

const NO_BYTES = new Uint8Array(0);
const SPOILT = 0xdd;

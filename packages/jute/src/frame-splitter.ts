import { JuteError } from './error.ts';
import { MAX_BUFFER_DEFAULT } from './limits.ts';

/** The longest payload of a frame when nothing sets it, in bytes. */
export const FRAME_PAYLOAD_MAX_DEFAULT: number = MAX_BUFFER_DEFAULT;

export interface FrameLimits {
  /** The longest payload believed, in bytes. Checked as soon as the four length bytes are there. */
  readonly payloadMax: number;
}

/**
 * Cuts a stream of bytes into frames (a big-endian int32 length, then as many bytes).
 *
 *     splitter.push(chunk);
 *     while (splitter.next()) handle(splitter.bytes, splitter.start, splitter.end);
 *
 * A frame that lies whole in one chunk is not copied: `bytes` is then that chunk. Only a frame cut across chunks
 * is collected in a buffer that grows as bytes arrive, never to what was merely promised. The range is valid
 * until `next` is called again; the bytes themselves until the transport uses the chunk again.
 */
export class FrameSplitter {
  bytes: Uint8Array = EMPTY;
  start = 0;
  end = 0;
  readonly #payloadMax: number;
  #chunk: Uint8Array = EMPTY;
  #at = 0;
  #kept: Uint8Array = EMPTY;
  #keptLength = 0;

  constructor(limits: FrameLimits = { payloadMax: FRAME_PAYLOAD_MAX_DEFAULT }) {
    this.#payloadMax = limits.payloadMax;
  }

  /** Bytes held of a frame that is not whole yet. */
  get pending(): number {
    return this.#keptLength + this.#chunk.length - this.#at;
  }

  /** Adds the next bytes. @throws RangeError where `next` has not returned false since the last push */
  push(chunk: Uint8Array): void {
    if (this.#at < this.#chunk.length) throw new RangeError('push before the last chunk was used up');
    this.#chunk = chunk;
    this.#at = 0;
  }

  /**
   * Moves to the next whole frame; false when the bytes at hand hold none, and what is left is then kept.
   * @throws JuteError `BAD_LENGTH` where a length is negative or above `payloadMax`; the stream is lost then.
   */
  next(): boolean {
    if (this.#keptLength > 0) return this.#nextAcrossChunks();
    const chunk = this.#chunk;
    const at = this.#at;
    const left = chunk.length - at;
    if (left >= 4) {
      const length = this.#checked(readInt(chunk, at), at);
      if (left - 4 >= length) {
        this.bytes = chunk;
        this.start = at + 4;
        this.end = this.#at = at + 4 + length;
        return true;
      }
    }
    if (left > 0) this.#keep(left);
    this.#release();
    return false;
  }

  /** Hands out what has not been cut into a frame yet, and forgets it. For streams that change their framing. */
  rest(): Uint8Array {
    const rest = new Uint8Array(this.pending);
    rest.set(this.#kept.subarray(0, this.#keptLength));
    rest.set(this.#chunk.subarray(this.#at), this.#keptLength);
    this.#keptLength = 0;
    this.#at = this.#chunk.length;
    return rest;
  }

  #nextAcrossChunks(): boolean {
    if (!this.#fill(4)) return false;
    const length = this.#checked(readInt(this.#kept, 0), 0);
    if (!this.#fill(4 + length)) return false;
    this.bytes = this.#kept;
    this.start = 4;
    this.end = 4 + length;
    this.#keptLength = 0;
    // The next frame cut across chunks must not overwrite this one while it is read.
    this.#kept = EMPTY;
    return true;
  }

  /** Takes bytes of the chunk until `wanted` are kept; false when there are not enough. */
  #fill(wanted: number): boolean {
    const missing = wanted - this.#keptLength;
    if (missing > 0) this.#keep(Math.min(missing, this.#chunk.length - this.#at));
    if (this.#keptLength >= wanted) return true;
    this.#release();
    return false;
  }

  /** Lets go of a chunk that is used up: a connection that is idle must not hold its last 64 KiB. */
  #release(): void {
    this.bytes = this.#chunk = EMPTY;
    this.start = this.end = this.#at = 0;
  }

  #keep(count: number): void {
    const wanted = this.#keptLength + count;
    if (wanted > this.#kept.length) {
      const larger = new Uint8Array(
        Math.max(wanted, Math.min(this.#kept.length * 2, this.#payloadMax + 4), 64),
      );
      larger.set(this.#kept.subarray(0, this.#keptLength));
      this.#kept = larger;
    }
    this.#kept.set(this.#chunk.subarray(this.#at, this.#at + count), this.#keptLength);
    this.#keptLength = wanted;
    this.#at += count;
  }

  #checked(length: number, at: number): number {
    if (length < 0 || length > this.#payloadMax) {
      throw new JuteError('BAD_LENGTH', at, `a frame of ${length} bytes (at most ${this.#payloadMax})`);
    }
    return length;
  }
}

function readInt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

const EMPTY = new Uint8Array(0);

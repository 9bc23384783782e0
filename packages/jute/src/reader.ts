import { JuteError } from './error.ts';
import { MAX_BUFFER_DEFAULT } from './limits.ts';
import { utf8Decode } from './utf8.ts';

/**
 * A cursor over encoded bytes. Every `read` takes the next value and moves behind it, or throws a
 * {@link JuteError} with the offset at which that value begins.
 *
 * One reader can serve many frames: `reset` points it at the next one. Nothing is copied: the arrays that
 * `readBuffer` returns are views of the input and share its lifetime.
 */
export class JuteReader {
  #bytes: Uint8Array = NO_BYTES;
  /** Made when the first bigint is read: most frames hold none, and a view costs more than all their ints. */
  #view: DataView | undefined = undefined;
  #at = 0;
  #end = 0;
  readonly #valueMax: number;

  /** @param valueMax the longest buffer or string believed, in bytes (ZooKeeper: jute.maxbuffer plus extrasize) */
  constructor(bytes: Uint8Array = NO_BYTES, valueMax: number = MAX_BUFFER_DEFAULT * 2) {
    this.#valueMax = valueMax;
    this.reset(bytes);
  }

  /** Points the reader at `bytes[start, end)`. Offsets in errors and in `offset` count from the start of `bytes`. */
  reset(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = undefined;
    }
    this.#at = start;
    this.#end = end;
    return this;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get offset(): number {
    return this.#at;
  }

  get end(): number {
    return this.#end;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  readBool(): boolean {
    return this.#bytes[this.#take(1)]! !== 0;
  }

  readInt(): number {
    const at = this.#take(4);
    return this.#intAt(at);
  }

  /** The next int, without moving behind it. */
  peekInt(): number {
    const value = this.readInt();
    this.#at -= 4;
    return value;
  }

  /** The next long, exactly. */
  readLong(): bigint {
    const at = this.#take(8);
    const bytes = this.#bytes;
    this.#view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.#view.getBigInt64(at);
  }

  /** The next long as a number; throws `OUT_OF_RANGE` beyond ±(2^53 - 1). For zxids and times of trusted origin. */
  readLongNumber(): number {
    const at = this.#take(8);
    const value = this.#longNumberAt(at);
    if (!Number.isSafeInteger(value)) throw new JuteError('OUT_OF_RANGE', at, 'a long beyond 2^53 - 1');
    return value;
  }

  /** The next long as a number, drawn in to ±(2^53 - 1). For values of clients that are only compared. */
  readLongSaturated(): number {
    const value = this.#longNumberAt(this.#take(8));
    return Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  }

  /** A view of the next buffer, or null where its length is -1. */
  readBuffer(): Uint8Array | null {
    const length = this.readLength();
    if (length < 0) return null;
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** The next string, or null where its length is -1. */
  readString(): string | null {
    const length = this.readLength();
    if (length < 0) return null;
    const at = this.#take(length);
    const text = utf8Decode(this.#bytes, at, at + length);
    if (text === undefined) throw new JuteError('BAD_TEXT', at, 'not UTF-8');
    return text;
  }

  /** The length of the buffer or string that follows; -1 is null. The cursor then stands at its first byte. */
  readLength(): number {
    const at = this.#at;
    const length = this.readInt();
    if (length < -1 || length > this.#valueMax)
      throw new JuteError('BAD_LENGTH', at, `a length of ${length}`);
    if (length > this.#end - this.#at) throw new JuteError('TRUNCATED', at, `${length} bytes promised`);
    return length;
  }

  /**
   * The number of elements of the vector that follows; -1 is null. A count that the remaining bytes cannot
   * hold is refused before anybody loops to it.
   *
   * @param elementMin the fewest bytes one element can take
   */
  readCount(elementMin: number): number {
    const at = this.#at;
    const count = this.readInt();
    if (count < -1) throw new JuteError('BAD_LENGTH', at, `a count of ${count}`);
    if (count * elementMin > this.#end - this.#at)
      throw new JuteError('TRUNCATED', at, `${count} elements promised`);
    return count;
  }

  /** A vector of strings, or null. */
  readStrings(): (string | null)[] | null {
    const count = this.readCount(4);
    if (count < 0) return null;
    const strings: (string | null)[] = [];
    for (let i = 0; i < count; i++) strings.push(this.readString());
    return strings;
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** Throws `TRAILING` where bytes are left. */
  expectEnd(): void {
    if (this.#at !== this.#end)
      throw new JuteError('TRAILING', this.#at, `${this.remaining} bytes left over`);
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#end - at) throw new JuteError('TRUNCATED', at, `${length} bytes wanted`);
    this.#at = at + length;
    return at;
  }

  #intAt(at: number): number {
    const bytes = this.#bytes;
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  #longNumberAt(at: number): number {
    return this.#intAt(at) * 0x1_0000_0000 + (this.#intAt(at + 4) >>> 0);
  }
}

const NO_BYTES = new Uint8Array(0);

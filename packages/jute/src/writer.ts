import { utf8Length, utf8Write } from './utf8.ts';

/**
 * Encodes values one behind the other into a buffer of its own that doubles when full and is kept for the
 * next use. `bytes()` is a view of that buffer: it is valid until the next write or `clear`.
 */
export class JuteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;
  /** What `bytes()` gave last: records of one length follow one another, and a view costs more than small ones. */
  #given: Uint8Array | undefined = undefined;

  /** @param capacity bytes to begin with */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far: also the offset at which the next value will stand. */
  get length(): number {
    return this.#length;
  }

  /** Forgets what was written and keeps the memory, unless it has grown beyond `capacityMax` bytes. */
  clear(capacityMax: number = Number.POSITIVE_INFINITY): this {
    this.#length = 0;
    if (this.#bytes.length > capacityMax) this.#use(new Uint8Array(capacityMax));
    return this;
  }

  /** Takes back everything written from `length` on. */
  truncate(length: number): void {
    this.#length = Math.min(length, this.#length);
  }

  /** What was written from `start` on, as a view. */
  bytes(start = 0): Uint8Array {
    if (start !== 0) return this.#bytes.subarray(start, this.#length);
    if (this.#given?.length === this.#length) return this.#given;
    return (this.#given = this.#bytes.subarray(0, this.#length));
  }

  /** What was written, as a copy that belongs to the caller. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Hands the buffer over to the caller and goes on with a new one. */
  take(): Uint8Array {
    const taken = this.bytes();
    this.#use(new Uint8Array(Math.max(256, Math.min(this.#bytes.length, 1 << 16))));
    this.#length = 0;
    return taken;
  }

  writeBool(value: boolean): void {
    const at = this.#grow(1);
    this.#bytes[at] = value ? 1 : 0;
  }

  writeInt(value: number): void {
    const at = this.#grow(4);
    this.#view.setInt32(at, value);
  }

  writeLong(value: bigint): void {
    const at = this.#grow(8);
    this.#view.setBigInt64(at, value);
  }

  /** @param value an integer within ±(2^53 - 1) */
  writeLongNumber(value: number): void {
    const at = this.#grow(8);
    this.#view.setInt32(at, Math.floor(value / 0x1_0000_0000));
    this.#view.setUint32(at + 4, value >>> 0);
  }

  /** Length and bytes; null is the length -1. */
  writeBuffer(value: Uint8Array | null): void {
    if (value === null) return this.writeInt(-1);
    this.writeInt(value.length);
    this.writeRaw(value);
  }

  writeString(value: string | null): void {
    if (value === null) return this.writeInt(-1);
    const units = value.length;
    // Room for the worst case at once, so that ASCII, the usual case, is written in one pass; but a long text
    // must not leave behind a buffer of three times its size.
    const at = this.#grow(4 + (units > LONG_TEXT ? utf8Length(value) : units * 3));
    const bytes = this.#bytes;
    let i = 0;
    for (; i < units; i++) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80) break;
      bytes[at + 4 + i] = unit;
    }
    const length = i === units ? units : utf8Length(value);
    if (i !== units) utf8Write(value, bytes, at + 4);
    this.#view.setInt32(at, length);
    this.#length = at + 4 + length;
  }

  writeStrings(values: readonly (string | null)[] | null): void {
    if (values === null) return this.writeInt(-1);
    this.writeInt(values.length);
    for (const value of values) this.writeString(value);
  }

  /** The bytes alone, without a length. */
  writeRaw(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
  }

  /** `source[start, end)` alone, without a length and without a view being made. */
  writeRange(source: Uint8Array, start: number, end: number): void {
    const at = this.#grow(end - start);
    const bytes = this.#bytes;
    if (end - start > COPY_BY_LOOP_MAX) bytes.set(source.subarray(start, end), at);
    else for (let i = start, to = at; i < end; i++, to++) bytes[to] = source[i]!;
  }

  /** Leaves room for an int that is known only later; `patchInt` fills it. Returns its offset. */
  reserveInt(): number {
    return this.#grow(4);
  }

  patchInt(at: number, value: number): void {
    this.#view.setInt32(at, value);
  }

  /** Fills the int at `at` with the number of bytes written behind it: the end of a frame or of a nested buffer. */
  patchLength(at: number): void {
    this.#view.setInt32(at, this.#length - at - 4);
  }

  /**
   * Makes room and returns where it begins. Call it in a statement of its own: it may replace the buffer and the
   * view, and `this.#view.setInt32(this.#grow(4), ...)` would take hold of the old view first.
   */
  #grow(size: number): number {
    const at = this.#length;
    const wanted = at + size;
    if (wanted > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#use(larger);
    }
    this.#length = wanted;
    return at;
  }

  #use(bytes: Uint8Array): void {
    this.#given = undefined;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

const LONG_TEXT = 1024;
const COPY_BY_LOOP_MAX = 64;

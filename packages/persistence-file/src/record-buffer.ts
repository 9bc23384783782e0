import { ENTRY_ZXID_AT } from '@corral/persistence';
import { toZxid, type Zxid } from '@corral/protocol';
import { adler32 } from './adler32.ts';
import { RECORD_END, RECORD_HEAD_BYTES, RECORD_OVERHEAD_BYTES } from './log-format.ts';

/** Gathers encoded records one behind the other. Grows as needed; after a large batch it shrinks back. */
export class RecordBuffer {
  #bytes: Uint8Array = new Uint8Array(CAPACITY_BYTES);
  #view: DataView = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(entry: Uint8Array): void {
    const at = this.#length;
    const entryAt = at + RECORD_HEAD_BYTES;
    this.#reserve(at + entry.length + RECORD_OVERHEAD_BYTES);
    this.#bytes.set(entry, entryAt);
    const entryEnd = entryAt + entry.length;
    this.#view.setInt32(at, 0);
    this.#view.setUint32(at + 4, adler32(this.#bytes, entryAt, entryEnd));
    this.#view.setInt32(at + 8, entry.length);
    this.#bytes[entryEnd] = RECORD_END;
    this.#length = entryEnd + 1;
  }

  /** The zxid of the first entry. */
  firstZxid(): Zxid {
    return toZxid(Number(this.#view.getBigInt64(RECORD_HEAD_BYTES + ENTRY_ZXID_AT)));
  }

  /** A view of what was gathered, valid until the next `append` or `clear`. */
  bytes(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, end);
  }

  /** Where a record ends, at most `bytesMax` behind `start`, but at least one record behind it. */
  boundary(start: number, bytesMax: number): number {
    let end = start;
    do {
      const next = end + this.#view.getInt32(end + 8) + RECORD_OVERHEAD_BYTES;
      if (end > start && next - start > bytesMax) return end;
      end = next;
    } while (end < this.#length);
    return end;
  }

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > CAPACITY_KEPT_BYTES) this.#use(new Uint8Array(CAPACITY_BYTES));
  }

  #reserve(wanted: number): void {
    if (wanted <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#use(larger);
  }

  #use(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

const CAPACITY_BYTES = 1 << 14;
const CAPACITY_KEPT_BYTES = 1 << 22;

import { zxidOf, type Zxid } from '@corral/protocol';
import type { SnapshotBody } from '@corral/persistence';

/** An entry as real ones look to a log: a TxnHeader that names its zxid, then bytes that tell it from all others. */
export function entry(zxid: Zxid, length = 60, salt = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 32; i < length; i++) bytes[i] = (zxid * 31 + salt * 17 + i * 7 + 1) & 0xff;
  new DataView(bytes.buffer).setBigInt64(12, BigInt(zxid));
  return bytes;
}

export function at(counter: number, epoch = 0): Zxid {
  return zxidOf(epoch, counter);
}

export function range(first: number, last: number, epoch = 0): Zxid[] {
  return Array.from({ length: last - first + 1 }, (_, i) => at(first + i, epoch));
}

export function sampleBody(length: number, salt = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 13 + (i >> 8) * 7 + salt) & 0xff);
}

/** A parser that knows how long its body is, and keeps it. */
export class CountedBody implements SnapshotBody {
  readonly bytes: Uint8Array;
  #length = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
  }

  get ended(): boolean {
    return this.#length === this.bytes.length;
  }

  push(chunk: Uint8Array): number {
    const count = Math.min(chunk.length, this.bytes.length - this.#length);
    this.bytes.set(chunk.subarray(0, count), this.#length);
    this.#length += count;
    return count;
  }
}

import { counterOf, epochOf, type Zxid, ZXID_NONE } from '@corral/protocol';

export interface CommittedLogOptions {
  /** How many transactions are kept (`commitLogCount`). Default 500; zoo.cfg cannot ask for less. */
  readonly count?: number;
  /** How many bytes of transactions are kept at most, whatever their number. The newest is always kept. */
  readonly bytesMax?: number;
}

/**
 * The last committed transactions with their bytes, from which learners that missed a few are brought up to date
 * (ZKDatabase.java, `committedLog`). One for the life of a server: whatever its role, everything it commits is added, in
 * whichever phase (a learner that left out what it committed while synchronising handed the hole on to others when it
 * came to lead: ZOOKEEPER-4925).
 *
 * Invariant: no transaction is missing between `min` and `max`. Where one would be, all before it are forgotten.
 */
export class CommittedLog {
  readonly #count: number;
  readonly #bytesMax: number;
  /** A ring: the oldest at `#first`. */
  readonly #zxids: Zxid[];
  readonly #entries: (Uint8Array | undefined)[];
  #first = 0;
  #size = 0;
  #bytes = 0;

  constructor({ count = COUNT_DEFAULT, bytesMax = BYTES_MAX_DEFAULT }: CommittedLogOptions = {}) {
    this.#count = count;
    this.#bytesMax = bytesMax;
    this.#zxids = Array.from({ length: this.#count }, () => ZXID_NONE);
    this.#entries = Array.from({ length: this.#count }, () => undefined);
  }

  get size(): number {
    return this.#size;
  }

  /** Of all transactions kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The oldest transaction kept; 0 where there is none. */
  get min(): Zxid {
    return this.#size === 0 ? ZXID_NONE : this.zxidAt(0);
  }

  /** The newest; 0 where there is none. */
  get max(): Zxid {
    return this.#size === 0 ? ZXID_NONE : this.zxidAt(this.#size - 1);
  }

  /**
   * The next committed transaction. `entry` is kept, not copied. One that repeats the zxid before it is left out: Apache
   * logs such errors, for requests it could not read, and they change nothing.
   *
   * @throws RangeError where `zxid` is below the one before
   */
  add(zxid: Zxid, entry: Uint8Array): void {
    if (this.#size > 0) {
      if (zxid === this.max) return;
      if (zxid < this.max) throw new RangeError(`zxid ${zxid} comes behind ${this.max}`);
      if (!isSuccessor(zxid, this.max)) this.clear();
    }
    if (this.#size === this.#count) this.#forgetOldest();
    const at = this.#slot(this.#size);
    this.#zxids[at] = zxid;
    this.#entries[at] = entry;
    this.#size += 1;
    this.#bytes += entry.byteLength;
    while (this.#bytes > this.#bytesMax && this.#size > 1) this.#forgetOldest();
  }

  /** Forgets what is above `zxid`: a leader had it cut from the log. */
  truncate(zxid: Zxid): void {
    while (this.#size > 0 && this.max > zxid) {
      const at = this.#slot(this.#size - 1);
      this.#bytes -= this.#entries[at]!.byteLength;
      this.#entries[at] = undefined;
      this.#size -= 1;
    }
  }

  /** Forgets everything: the tree came from elsewhere. */
  clear(): void {
    this.#entries.fill(undefined);
    this.#first = 0;
    this.#size = 0;
    this.#bytes = 0;
  }

  /** How many transactions are at or below `zxid`: the index of the first one above it. */
  indexAbove(zxid: Zxid): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.zxidAt(middle) <= zxid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  zxidAt(index: number): Zxid {
    return this.#zxids[this.#slot(index)]!;
  }

  entryAt(index: number): Uint8Array {
    return this.#entries[this.#slot(index)]!;
  }

  #slot(index: number): number {
    const at = this.#first + index;
    return at < this.#count ? at : at - this.#count;
  }

  #forgetOldest(): void {
    this.#bytes -= this.#entries[this.#first]!.byteLength;
    this.#entries[this.#first] = undefined;
    this.#first = this.#slot(1);
    this.#size -= 1;
  }
}

/** Whether nothing can lie between: the next counter of an epoch, or the first of a later one. */
export function isSuccessor(zxid: Zxid, previous: Zxid): boolean {
  return zxid === previous + 1 || (counterOf(zxid) === 1 && epochOf(zxid) > epochOf(previous));
}

const COUNT_DEFAULT = 500;
const BYTES_MAX_DEFAULT = 64 * 1024 * 1024;

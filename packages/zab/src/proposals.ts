import { type Zxid, ZXID_NONE } from '@corral/protocol';

/**
 * The proposals that are not committed, contiguous: from the one behind `committed` to `last`. As many as the host
 * admits requests.
 */
export class Proposals {
  #entries: Uint8Array[] = [];
  #head = 0;
  #committed: Zxid = ZXID_NONE;

  /** An epoch begins at `zxid`, which no transaction has. */
  begin(zxid: Zxid): void {
    this.#committed = zxid;
  }

  get committed(): Zxid {
    return this.#committed;
  }

  get last(): Zxid {
    return (this.#committed + this.size) as Zxid;
  }

  get size(): number {
    return this.#entries.length - this.#head;
  }

  push(entry: Uint8Array): void {
    this.#entries.push(entry);
  }

  /** One that is not committed. */
  entryOf(zxid: Zxid): Uint8Array {
    return this.#entries[this.#head + zxid - this.#committed - 1]!;
  }

  /** Commits the next one. */
  take(): Uint8Array {
    const entry = this.#entries[this.#head]!;
    this.#head += 1;
    this.#committed = (this.#committed + 1) as Zxid;
    // What is done is let go of in pieces: a shift per proposal would move all that is in flight.
    if (this.#head === this.#entries.length) {
      this.#entries.length = 0;
      this.#head = 0;
    } else if (this.#head >= DONE_MAX) {
      this.#entries.splice(0, this.#head);
      this.#head = 0;
    }
    return entry;
  }
}

/** Committed entries are held on to here at most this long; the committed log holds on to them anyway. */
const DONE_MAX = 256;

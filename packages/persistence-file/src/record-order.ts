import { ZXID_NONE, type Zxid } from '@corral/protocol';

/**
 * Tells an entry that goes forward from a repeated one and from one that goes backwards. A record that was read
 * before and comes again, byte for byte, changes nothing: Apache warns and appends it anyway (FileTxnLog.append), so
 * sound logs of learners can hold it. So can an error behind the entry whose zxid it has: Apache 3.9 logs a request
 * that it cannot read under the last zxid, as a transaction that changes nothing (PrepRequestProcessor.pRequestHelper).
 * Anything else with a zxid that was read before is another history.
 */
export class RecordOrder {
  #last: Zxid = ZXID_NONE;
  /** The latest zxids and their checksums, by the zxid's remainder. */
  readonly #zxids: Float64Array = new Float64Array(REPEATS_MAX);
  readonly #checksums: Uint32Array = new Uint32Array(REPEATS_MAX);

  /** @param isError whether the entry is the error of a request that failed */
  next(zxid: Zxid, checksum: number, isError: boolean): 'forward' | 'repeat' | 'backwards' {
    const slot = zxid % REPEATS_MAX;
    if (zxid <= this.#last) {
      if (isError && zxid === this.#last) return 'repeat';
      return this.#zxids[slot] === zxid && this.#checksums[slot] === checksum ? 'repeat' : 'backwards';
    }
    this.#last = zxid;
    this.#zxids[slot] = zxid;
    this.#checksums[slot] = checksum;
    return 'forward';
  }
}

/** How far back a repeated record is recognised. */
const REPEATS_MAX = 4096;

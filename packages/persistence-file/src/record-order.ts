import { ZXID_NONE, type Zxid } from '@corral/protocol';

/**
 * Tells an entry that goes forward from a repeated one and from one that goes backwards. A record that was read
 * before and comes again, byte for byte, changes nothing: Apache warns and appends it anyway (FileTxnLog.append), so
 * sound logs of learners can hold it. The same zxid with other bytes is another history.
 */
export class RecordOrder {
  #last: Zxid = ZXID_NONE;
  /** The latest zxids and their checksums, by the zxid's remainder. */
  readonly #zxids: Float64Array = new Float64Array(REPEATS_MAX);
  readonly #checksums: Uint32Array = new Uint32Array(REPEATS_MAX);

  next(zxid: Zxid, checksum: number): 'forward' | 'repeat' | 'backwards' {
    const slot = zxid % REPEATS_MAX;
    if (zxid <= this.#last) {
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

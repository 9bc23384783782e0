import type { Zxid } from '@corral/protocol';

/**
 * When the latest proposals were made. What is older than the last few thousand is forgotten: then something else is wrong
 * than that a figure is missing.
 */
export class ProposalTimes {
  readonly #zxids: Float64Array = new Float64Array(KEPT);
  readonly #times: Float64Array = new Float64Array(KEPT);

  /** @param time in the caller's milliseconds */
  note(zxid: Zxid, time: number): void {
    const at = zxid % KEPT;
    this.#zxids[at] = zxid;
    this.#times[at] = time;
  }

  /** Undefined where it is not known. */
  of(zxid: number): number | undefined {
    const at = zxid % KEPT;
    return this.#zxids[at] === zxid ? this.#times[at] : undefined;
  }

  /** The first of those up to `zxid`, above `after`, that may be known. */
  first(after: number, zxid: number): number {
    return Math.max(after + 1, zxid - KEPT + 1);
  }
}

/** 64 KiB. */
const KEPT = 4096;

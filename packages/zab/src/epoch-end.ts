import { counterOf, type Zxid } from '@corral/protocol';

/** When a leader should make an end of its epoch by itself. Times are beats. */
export class EpochEnd {
  readonly #initLimit: number;
  #proposedAt = 0;
  /** The latest epoch that a voter has accepted which therefore cannot follow, and when the first such came; 0: none. */
  #strandedEpoch = 0;
  #strandedSince = 0;

  /** @param initLimit in ticks */
  constructor(initLimit: number) {
    this.#initLimit = initLimit;
  }

  /** When something was proposed last. */
  get proposedAt(): number {
    return this.#proposedAt;
  }

  proposed(beat: number): void {
    this.#proposedAt = beat;
  }

  strands(epoch: number, beat: number): void {
    if (this.#strandedEpoch === 0) this.#strandedSince = beat;
    this.#strandedEpoch = Math.max(this.#strandedEpoch, epoch);
  }

  /**
   * Whether, with nothing in flight, this is the moment: long before the counter ends (ZOOKEEPER-1277), and the nearer it
   * is, the shorter a pause will do.
   */
  isCounterDue(lastProposed: Zxid, beat: number): boolean {
    const counter = counterOf(lastProposed);
    return counter >= COUNTER_VERY_SOON || (counter >= COUNTER_SOON && beat - this.#proposedAt >= 2);
  }

  /** The epoch to leave behind, once a voter has been unable to follow for `initLimit`; twice that under load. */
  takeStranded(beat: number, isIdle: boolean): number | undefined {
    const epoch = this.#strandedEpoch;
    if (epoch === 0 || beat - this.#strandedSince < this.#initLimit * (isIdle ? 2 : 4)) return undefined;
    this.#strandedEpoch = 0;
    return epoch;
  }
}

/** The last counter is never given to a transaction. */
export function isBeyondCounter(zxid: Zxid): boolean {
  return counterOf(zxid) >= 0xffff_ffff;
}

/** From here on a new epoch is begun as soon as nothing was proposed for a tick. */
const COUNTER_SOON = 0xf000_0000;
/** From here on, as soon as nothing is in flight when a beat comes. */
const COUNTER_VERY_SOON = 0xff00_0000;

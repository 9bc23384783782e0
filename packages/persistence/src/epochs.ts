import { EPOCH_MAX } from '@corral/protocol';

/**
 * The two numbers a voter must never forget (ZAB; Apache's files `acceptedEpoch` and `currentEpoch`). A standalone
 * server leaves them alone.
 */
export interface Epochs {
  /** The epoch last promised to a prospective leader, or undefined when none was ever written. */
  readonly accepted: number | undefined;
  /** The epoch last established, or undefined. At most `accepted`. */
  readonly current: number | undefined;
  /**
   * Resolves when durable and atomic: after a crash either the old or the new value is read. One at a time.
   * Rejects with `RangeError` where the epoch would decrease.
   */
  setAccepted(epoch: number): Promise<void>;
  /** As `setAccepted`; moreover rejects with `RangeError` where `epoch` is above `accepted`. */
  setCurrent(epoch: number): Promise<void>;
}

/** For adapters: the rules both setters obey. @throws RangeError where one is broken */
export function requireEpoch(epoch: number, lowest: number | undefined, highest: number | undefined): void {
  const isInRange = epoch >= (lowest ?? 0) && epoch <= (highest ?? EPOCH_MAX);
  if (!Number.isInteger(epoch) || !isInRange) {
    throw new RangeError(`epoch ${epoch} is not within ${lowest ?? 0} to ${highest ?? EPOCH_MAX}`);
  }
}

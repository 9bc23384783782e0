/**
 * The two numbers a voter must never forget (ZAB; Apache's files `acceptedEpoch` and `currentEpoch`). A standalone
 * server leaves them alone.
 */
export interface Epochs {
  /** The epoch last promised to a prospective leader, or undefined when none was ever written. */
  readonly accepted: number | undefined;
  /** The epoch last established, or undefined. At most `accepted`. */
  readonly current: number | undefined;
  /** Resolves when durable and atomic: after a crash either the old or the new value is read. Never decreases. */
  setAccepted(epoch: number): Promise<void>;
  setCurrent(epoch: number): Promise<void>;
}

/**
 * Who has a vote, and which of them are enough (flexible/QuorumVerifier.java). A value: a reconfiguration makes
 * another one. `QuorumConfig` is the one that configuration texts describe.
 */
export interface QuorumVerifier {
  /** The zxid of the transaction that made this configuration; 0 for one that only stands in a file. */
  readonly version: number;
  /** Server ids with a vote, those of weight 0 included. */
  readonly voters: ReadonlySet<number>;
  /** Server ids without. */
  readonly observers: ReadonlySet<number>;
  /** A voter of weight 0 never leads, and counts for nothing. */
  weightOf(sid: number): number;
  /** Whether these are enough. Ids without a vote among them count for nothing. */
  containsQuorum(sids: ReadonlySet<number>): boolean;
  /** The text that NEWLEADER and notifications carry; ends with the line `version=<hex>`, without a line end. */
  toString(): string;
}

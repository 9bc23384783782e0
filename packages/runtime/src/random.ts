/** A source of randomness. `/node`'s cannot be predicted; `/simulated`'s repeats itself from its seed. */
export interface Random {
  /** Fresh bytes that belong to the caller. */
  bytes(length: number): Uint8Array;
  /** An integer, 0 or more and less than `bound` (1 to 2^32). */
  below(bound: number): number;
}

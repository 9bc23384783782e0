/** Milliseconds from one host to another: always the same, or drawn for each piece (order is kept all the same). */
export type Latency = number | { readonly minMs: number; readonly maxMs: number };

/** How the network treats its guests at all times. Cuts are made on the network itself, while it runs. */
export interface NetworkFaults {
  /** Default 0: bytes arrive in the next turn. */
  readonly latency?: Latency;
  /** The longest piece that is delivered at once; each has a random length up to it. Default: as it was written. */
  readonly chunkBytesMax?: number;
  /** Bytes that the system takes of one direction before `write` says false. Default 64 KiB. */
  readonly windowBytes?: number;
}

import type { Address } from '@corral/transport';

/** What is loaded, and how. */
export interface Options {
  readonly servers: readonly Address[];
  readonly connections: number;
  /** Requests each connection keeps in flight. */
  readonly depth: number;
  /** Of node data. */
  readonly bytes: number;
  /** Nodes that reads and writes are spread over. */
  readonly keys: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Of `mixed`. */
  readonly readPercent: number;
  /** Of `snapshot-pause`. */
  readonly writesPerSecond: number;
}

import type { Stat } from './stat.ts';

/**
 * Data as the caller has it; text is written as UTF-8 without a buffer between. Leave the bytes alone until the promise is
 * settled: they are read when they are sent, and that waits for a connection.
 */
export type Data = Uint8Array | string;

/** `null` is no data at all, which ZooKeeper keeps apart from empty data. */
export type NodeData = Data | null;

export interface Got<T> {
  readonly data: T;
  readonly stat: Stat;
}

export interface Created {
  /** The name it got: of a sequential node, with its number. */
  readonly path: string;
  readonly stat: Stat;
}

export interface Children {
  readonly names: string[];
  readonly stat: Stat;
}

export interface Identity {
  readonly scheme: string;
  readonly id: string;
}

/** Called when a request is over, with what went wrong. */
export type Done = (error?: unknown) => void;

/** A client library, connected. Calls are made in the way that costs it least. */
export interface Contender {
  get(path: string, done: Done): void;
  set(path: string, data: Uint8Array, done: Done): void;
  create(path: string, data: Uint8Array, done: Done): void;
  close(): Promise<void>;
}

export const contenderNames = ['corral', 'node-zookeeper-client', 'zookeeper'] as const;
export type ContenderName = (typeof contenderNames)[number];

export const contestNames = ['get', 'set', 'create'] as const;
export type ContestName = (typeof contestNames)[number];

/** One run of one contender: what its process is told. */
export interface Contest {
  readonly contender: ContenderName;
  /** Where its package is looked for: a folder with `node_modules` in it. */
  readonly packages: string;
  readonly server: string;
  /** The node below which it plays; it holds `keys` nodes, named by number. */
  readonly root: string;
  readonly keys: number;
  readonly contest: ContestName;
  readonly inFlight: number;
  readonly bytes: number;
  /** Of the CPU time of its process. */
  readonly seconds: number;
  readonly warmupSeconds: number;
}

/** What it says in the end. */
export interface Score {
  readonly requests: number;
  readonly errors: number;
  readonly seconds: number;
  /** CPU time of its process meanwhile, all threads. */
  readonly cpuSeconds: number;
}

/** How long a contender that mostly waits may take for a second of CPU time, in seconds. */
export const WAITING_MAX = 10;

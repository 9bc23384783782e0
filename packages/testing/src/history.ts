/**
 * What clients did and saw: the seam between whoever runs a workload (this simulator, or clients of real servers) and
 * whoever judges it. One record for each request and each event, and one for each connection that stood.
 *
 * All times are of one monotonic clock that no fault touches, in milliseconds: `invokedAt` is taken before the request
 * is written, `returnedAt` after its reply was read. `arrival` numbers all that arrived, over all clients: on one
 * connection it is the order in which the server sent it.
 */
export type HistoryRecord = ConnectedRecord | DisconnectedRecord | RequestRecord | EventRecord;

interface OnConnection {
  /** Which client; its sessions come one after another. */
  readonly client: number;
  /** Counts the connections of all clients. */
  readonly connection: number;
  readonly arrival: number;
}

/** A session stands on a connection: opened, or taken along from another. */
export interface ConnectedRecord extends OnConnection {
  readonly kind: 'connected';
  readonly server: string;
  readonly session: bigint;
  /** Opened just now. */
  readonly isNew: boolean;
  /** Negotiated, in milliseconds. */
  readonly timeoutMs: number;
  /** What the client said it had seen. */
  readonly lastZxidSeen: number;
  readonly invokedAt: number;
  readonly returnedAt: number;
}

/** A connection is over, or was never to be had. */
export interface DisconnectedRecord extends OnConnection {
  readonly kind: 'disconnected';
  /** 0: it never had one. */
  readonly session: bigint;
  /** The server said that the session has expired: it will never come back. */
  readonly isExpired: boolean;
  readonly returnedAt: number;
}

export interface RequestRecord extends OnConnection {
  readonly kind: 'request';
  readonly session: bigint;
  readonly xid: number;
  readonly operation: Operation;
  readonly invokedAt: number;
  /** When the reply was read; of an unknown outcome, when the connection ended. */
  readonly returnedAt: number;
  /** `unknown`: the connection ended before the reply. A write may have happened, and may still happen later. */
  readonly outcome: 'ok' | 'error' | 'unknown';
  /** The reply header's; 0 where there was no reply. Of a write, its own; of a read, of the state it saw. */
  readonly zxid: number;
  /** ZooKeeper's code; 0 where it went well, or where nothing is known. */
  readonly error: number;
  readonly result: OperationResult | undefined;
}

export interface EventRecord extends OnConnection {
  readonly kind: 'event';
  readonly session: bigint;
  readonly returnedAt: number;
  /** The header's: of the transaction that caused it; -1 where a registration found that it had missed it. */
  readonly zxid: number;
  readonly type: number;
  readonly state: number;
  readonly path: string;
}

/** A write that stands for itself, or in a multi. Every value written is unique in a history. */
export type WriteOperation =
  | {
      readonly op: 'create';
      readonly path: string;
      readonly value: string;
      /** `CreateMode`. */
      readonly mode: number;
    }
  | { readonly op: 'delete'; readonly path: string; readonly version: number }
  | { readonly op: 'setData'; readonly path: string; readonly value: string; readonly version: number }
  | { readonly op: 'check'; readonly path: string; readonly version: number };

export type Operation =
  | WriteOperation
  | { readonly op: 'multi'; readonly operations: readonly WriteOperation[] }
  | { readonly op: 'getData'; readonly path: string; readonly watch: boolean }
  | { readonly op: 'exists'; readonly path: string; readonly watch: boolean }
  | { readonly op: 'getChildren'; readonly path: string; readonly watch: boolean }
  | { readonly op: 'sync'; readonly path: string }
  | { readonly op: 'reconfig'; readonly joining: string; readonly leaving: string }
  | { readonly op: 'closeSession' };

/** What a reply held beside its header. */
export interface OperationResult {
  /** The name a node was given. */
  readonly path?: string;
  readonly value?: string;
  readonly stat?: StatRecord;
  readonly children?: readonly string[];
  /** Of a multi: for each operation, also where it failed as a whole. */
  readonly results?: readonly (OperationResult & { readonly error: number })[];
}

/** All of a Stat. */
export interface StatRecord {
  readonly czxid: number;
  readonly mzxid: number;
  readonly ctime: number;
  readonly mtime: number;
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  readonly ephemeralOwner: bigint;
  readonly dataLength: number;
  readonly numChildren: number;
  readonly pzxid: number;
}

/** Takes records as they come: one that checks at once, writes a file, or keeps them all. */
export type HistorySink = (record: HistoryRecord) => void;

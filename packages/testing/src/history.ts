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
  readonly operation: Operation | FurtherOperation;
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
      /** Absent: everybody may do everything. */
      readonly acl?: readonly AclRecord[];
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

/** What a checker understands, and a workload need not do. */
export type FurtherOperation =
  | { readonly op: 'multiRead'; readonly operations: readonly PartialRead[] }
  | {
      readonly op: 'setACL';
      readonly path: string;
      readonly acl: readonly AclRecord[];
      readonly version: number;
    }
  | { readonly op: 'getACL' | 'getEphemerals' | 'getAllChildrenNumber'; readonly path: string }
  /** `AddWatchMode`. */
  | { readonly op: 'addWatch'; readonly path: string; readonly mode: number }
  /** `WatcherType`. */
  | { readonly op: 'checkWatches' | 'removeWatches'; readonly path: string; readonly type: number }
  /** Also the older form, whose last two lists are empty. */
  | {
      readonly op: 'setWatches';
      readonly relativeZxid: number;
      readonly data: readonly string[];
      readonly exist: readonly string[];
      readonly child: readonly string[];
      readonly persistent: readonly string[];
      readonly recursive: readonly string[];
    }
  /** The identity as ACLs name it (`digest`, `user:hash`), not the secret that was sent. */
  | { readonly op: 'auth'; readonly scheme: string; readonly identity: string }
  | { readonly op: 'ping' };

export interface PartialRead {
  readonly op: 'getData' | 'getChildren';
  readonly path: string;
}

export interface AclRecord {
  readonly perms: number;
  readonly scheme: string;
  readonly id: string;
}

/** What a reply held beside its header. */
export interface OperationResult {
  /** The name a node was given. */
  readonly path?: string;
  readonly value?: string;
  readonly stat?: StatRecord;
  /** Names, in any order; of getEphemerals, paths. */
  readonly children?: readonly string[];
  readonly acl?: readonly AclRecord[];
  /** Of getAllChildrenNumber. */
  readonly count?: number;
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

import { DataTree } from '@corral/datatree';
import {
  type Acl,
  decodeTxn,
  OpCode,
  Perms,
  QuorumConfig,
  type SetDataTxn,
  type Txn,
  type Zxid,
} from '@corral/protocol';
import type { LoggedEntry } from './durable-record.ts';

export interface CommittedTxn {
  readonly zxid: Zxid;
  readonly hash: number;
  /** The tree's, after it. */
  readonly digest: bigint;
  /** When it was first committed anywhere, in the world's time. */
  readonly at: number;
}

/**
 * The one history that all members share, built by the simulator from what leaders commit, and the tree that it gives:
 * what everything else is compared with.
 */
export class CommittedHistory {
  /** Changed by nobody but `append`. */
  readonly tree: DataTree = new DataTree({
    digestEnabled: true,
    extendedTypesEnabled: false,
    emulate353TTLNodes: false,
    hashSeed: [1, 2],
  });
  /** In force as far as transactions say. */
  config: QuorumConfig;
  count = 0;
  readonly #recent: CommittedTxn[] = [];
  /** Logged by anybody, and not committed yet: a leader may have some of them in a snapshot only. */
  readonly #candidates: Map<number, LoggedEntry> = new Map();
  /** What is logged below it is of a leader that has been replaced without knowing it. */
  #offersAbove = 0;
  #newestLogged: LoggedEntry | undefined = undefined;
  readonly #guarded: Set<string> = new Set();
  readonly #lastChange: Map<string, number> = new Map();
  readonly #lastChildChange: Map<string, number> = new Map();

  constructor(config: QuorumConfig, startZxid: Zxid) {
    this.config = config;
    this.tree.lastProcessedZxid = startZxid;
  }

  get lastZxid(): Zxid {
    return this.tree.lastProcessedZxid;
  }

  get newest(): CommittedTxn | undefined {
    return this.#recent.at(-1);
  }

  /** Undefined where there is none, or where it is long ago. */
  find(zxid: number): CommittedTxn | undefined {
    const index = this.#indexAtOrBelow(zxid);
    const found = this.#recent[index];
    return found?.zxid === zxid ? found : undefined;
  }

  /** The newest at or below `zxid`, where it is not too long ago. */
  atOrBelow(zxid: number): CommittedTxn | undefined {
    return this.#recent[this.#indexAtOrBelow(zxid)];
  }

  /** So far back `find` knows everything. */
  get oldestKnown(): number {
    return this.#recent[0]?.zxid ?? Number.POSITIVE_INFINITY;
  }

  offer(entry: LoggedEntry): void {
    if (entry.zxid > Math.max(this.lastZxid, this.#offersAbove)) this.#candidates.set(entry.zxid, entry);
  }

  /** What was committed last, or may be still, under that zxid: somebody has it in a log. */
  logged(zxid: number): LoggedEntry | undefined {
    return this.#candidates.get(zxid) ?? (this.#newestLogged?.zxid === zxid ? this.#newestLogged : undefined);
  }

  /** A later epoch has begun without them: they will never be committed. */
  forgetOffers(zxid: number): void {
    this.#offersAbove = Math.max(this.#offersAbove, zxid);
    for (const offered of this.#candidates.keys()) if (offered < zxid) this.#candidates.delete(offered);
  }

  /** What is to be committed where a leader's history ends with `zxid`, of which its log has `logged`. */
  upTo(zxid: number, logged: readonly LoggedEntry[]): LoggedEntry[] {
    const first = logged[0]?.zxid ?? zxid + 1;
    const before = [...this.#candidates.values()].filter((entry) => entry.zxid < first && entry.zxid <= zxid);
    return [...before.toSorted((a, b) => a.zxid - b.zxid), ...logged].filter(
      (entry) => entry.zxid > this.lastZxid && entry.zxid <= zxid,
    );
  }

  append(entry: LoggedEntry, at: number): { readonly committed: CommittedTxn; readonly txn: Txn } {
    const txn = decodeTxn(entry.bytes.slice());
    this.tree.apply(txn, this.#observer);
    if (txn.header.type === OpCode.reconfig) this.#reconfigure(txn.record as SetDataTxn);
    const committed: CommittedTxn = { zxid: entry.zxid, hash: entry.hash, digest: this.tree.digest, at };
    this.#recent.push(committed);
    this.count++;
    this.#candidates.delete(entry.zxid);
    this.#newestLogged = entry;
    if (this.#recent.length > KEPT * 2) this.#recent.splice(0, KEPT);
    return { committed, txn };
  }

  /**
   * The zxid at which a data watch on `path` fired last, or would have; 0 where nothing happened. Of a node that not
   * everybody may read, nothing is said: who may not is not told of what happens to it.
   */
  lastChangeOf(path: string): number {
    if (this.#guarded.has(path)) return 0;
    return this.#lastChange.get(path) ?? 0;
  }

  /** The same for a watch of its children. */
  lastChildChangeOf(path: string): number {
    if (this.#guarded.has(path)) return 0;
    return this.#lastChildChange.get(path) ?? 0;
  }

  readonly #observer = {
    isIdle: false,
    created: (path: string, zxid: Zxid): void => {
      if (!this.tree.acl(this.tree.find(path)).some(isOpen)) this.#guarded.add(path);
      this.#lastChange.set(path, zxid);
      this.#lastChildChange.set(parentOf(path), zxid);
    },
    deleted: (path: string, zxid: Zxid): void => {
      this.#lastChange.set(path, zxid);
      this.#lastChildChange.set(path, zxid);
      this.#lastChildChange.set(parentOf(path), zxid);
    },
    dataChanged: (path: string, zxid: Zxid): void => {
      this.#lastChange.set(path, zxid);
    },
  };

  #reconfigure({ data }: SetDataTxn): void {
    let text = '';
    for (const byte of data ?? []) text += String.fromCharCode(byte);
    this.config = QuorumConfig.parse(text);
  }

  #indexAtOrBelow(zxid: number): number {
    const recent = this.#recent;
    let low = 0;
    let high = recent.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (recent[middle]!.zxid <= zxid) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function isOpen({ perms, scheme, id }: Acl): boolean {
  return (perms & Perms.READ) !== 0 && scheme === 'world' && id === 'anyone';
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1));
}

const KEPT = 20_000;

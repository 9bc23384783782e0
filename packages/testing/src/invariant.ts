import type { DataTree } from '@corral/datatree';
import type { QuorumConfig, Txn } from '@corral/protocol';
import type { EventRecord, HistoryRecord } from './history.ts';
import type { CommittedHistory, CommittedTxn } from './world/committed-history.ts';
import type { DurableRecord, LoggedEntry } from './world/durable-record.ts';

/** Something that must always hold. Its name and its sentence are printed with what broke it. */
export interface Invariant {
  readonly name: string;
  /** One sentence. */
  readonly says: string;
  /** Begins to watch a world: returns what is to be called. A check that finds something calls `world.violated`. */
  watch(world: WatchedWorld): Checks;
}

/** What a check may look at; nothing in it may be changed. */
export interface WatchedWorld {
  /** Monotonic milliseconds of the world, which no fault touches. */
  readonly now: () => number;
  /** A member that neither leads a quorum nor follows a leader serves for so long at most. Absent: that is not watched. */
  readonly leaderlessMaxMs?: number;
  /** Every transaction that was ever committed, in order, and the tree they give. */
  readonly committed: CommittedHistory;
  readonly members: ReadonlyMap<number, MemberEvidence>;
  readonly clients: readonly ClientEvidence[];
  violated(message: string): void;
}

/** One server, over all lives of its process. */
export interface MemberEvidence {
  readonly sid: number;
  readonly durable: DurableRecord;
  /** Its process lives. */
  readonly isUp: boolean;
  /** Its process stands still. */
  readonly isStopped: boolean;
  /** Clients are served; undefined while it looks for a leader or is dead. */
  readonly serving:
    | { readonly role: MemberRole; readonly epoch: number; readonly tree: DataTree }
    | undefined;
}

export type MemberRole = 'leader' | 'follower' | 'observer';

export interface ClientEvidence {
  readonly client: number;
  /** 0: it has none. */
  readonly session: bigint;
  readonly sessionTimeoutMs: number;
  /**
   * When it was heard of for certain, in the world's time, oldest first: its last handshake, and the last few requests that
   * were answered on the connection that stands.
   */
  readonly answeredRequestsAt: readonly number[];
  /** What it has shown to be, as ACLs name it: `digest:user:hash`. */
  readonly identity: string | undefined;
  /** It asked for the end of its session. */
  readonly isClosing: boolean;
  /** Registered on the connection that stands, and not fired. */
  readonly watches: ReadonlyMap<string, WatchRegistration>;
}

export interface WatchRegistration {
  readonly kind: 'data' | 'children';
  readonly path: string;
  /** The state it was registered at. */
  readonly zxid: number;
}

/** Each is called when what it says has just happened, in the middle of a step of the member or client. */
export interface Checks {
  onLooking?(member: MemberEvidence, tree: DataTree, lastZxid: number | undefined, epoch: number): void;
  /** A leader broadcasts. */
  onProposed?(member: MemberEvidence, zxid: number): void;
  onAcknowledged?(member: MemberEvidence, zxid: number, isNewLeader: boolean): void;
  /** For the first time anywhere. */
  onCommitted?(txn: CommittedTxn, decoded: Txn, by: MemberEvidence, config: QuorumConfig): void;
  /** A member that serves learned of a commit. */
  onDelivered?(member: MemberEvidence, entry: LoggedEntry | undefined, zxid: number): void;
  /** A learner has been brought up to its leader's history, and will serve soon. */
  onSynchronised?(member: MemberEvidence, by: 'DIFF' | 'TRUNC' | 'SNAP'): void;
  onServing?(member: MemberEvidence, role: MemberRole, epoch: number, tree: DataTree): void;
  /** A log was cut. */
  onForgotten?(member: MemberEvidence, entries: readonly LoggedEntry[]): void;
  onEpoch?(member: MemberEvidence): void;
  /** A process has begun a new life with what its disk has. */
  onReopened?(
    member: MemberEvidence,
    before: { readonly syncedZxid: number; readonly snapshotZxid: number },
  ): void;
  /** Its disk was replaced by an empty one. */
  onWiped?(member: MemberEvidence): void;
  /** From time to time, for each member that serves. */
  onSample?(member: MemberEvidence, tree: DataTree): void;
  onRecord?(record: HistoryRecord, client: ClientEvidence): void;
  /** Before its watch is taken off the list. */
  onEvent?(record: EventRecord, client: ClientEvidence): void;
  /** All faults are over, everybody serves and has everything. */
  onCalm?(): void;
}

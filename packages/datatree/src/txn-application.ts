import {
  CheckVersionTxn,
  CloseSessionTxn,
  CONTAINER_EPHEMERAL_OWNER,
  CreateContainerTxn,
  CreateSessionTxn,
  type CreateTTLTxn,
  CreateTxn,
  DeleteTxn,
  EphemeralType,
  ErrorCode,
  ErrorTxn,
  isTtlValue,
  MultiTxn,
  OpCode,
  SetACLTxn,
  SetDataTxn,
  type SubTxn,
  ttlToEphemeralOwner,
  type Txn,
  type TxnHeader,
  type TxnRecord,
} from '@corral/protocol';
import type { ChangeObserver } from './change-observer.ts';
import { Birth, type Changes } from './changes.ts';
import { Outcome } from './outcome.ts';
import type { TreeState } from './tree-state.ts';

/** Takes transactions apart into changes (DataTree.processTxn). */
export class TxnApplication {
  readonly #state: TreeState;
  readonly #changes: Changes;
  readonly #sessions: Map<bigint, number>;
  readonly #birth: Birth = new Birth();
  readonly #outcome: Outcome = new Outcome();

  constructor(state: TreeState, changes: Changes, sessions: Map<bigint, number>) {
    this.#state = state;
    this.#changes = changes;
    this.#sessions = sessions;
  }

  apply(txn: Txn, observer: ChangeObserver | undefined): Outcome {
    const outcome = this.#outcome;
    this.#applyRecord(txn.header, txn.header.type, txn.record, outcome, observer);
    return outcome;
  }

  #applyRecord(
    header: TxnHeader,
    type: number,
    record: TxnRecord | SubTxn['record'] | null,
    outcome: Outcome,
    observer: ChangeObserver | undefined,
  ): void {
    outcome.begin(type);
    if (record instanceof CreateTxn) this.#create(header, type, record, outcome, observer);
    else if (record instanceof SetDataTxn) this.#setData(header, record, outcome, observer);
    else if (record instanceof DeleteTxn) {
      outcome.path = record.path;
      outcome.error = this.#changes.delete(record.path, header.zxid, observer);
    } else if (record instanceof MultiTxn) this.#multi(header, record, outcome, observer);
    else if (record instanceof ErrorTxn) outcome.error = record.err;
    else if (record instanceof SetACLTxn) {
      outcome.path = record.path;
      outcome.error = this.#changes.setAcl(record.path, record.acl, record.version);
      this.#keepStat(outcome);
    } else if (record instanceof CreateSessionTxn) this.#sessions.set(header.clientId, record.timeOut);
    else if (record === null || record instanceof CloseSessionTxn) {
      if (type === OpCode.closeSession) this.#closeSession(header, record, observer);
    } else if (record instanceof CheckVersionTxn) outcome.path = record.path;
    else this.#createSpecial(header, record, outcome, observer);
  }

  #create(
    header: TxnHeader,
    type: number,
    record: CreateTxn,
    outcome: Outcome,
    observer: ChangeObserver | undefined,
  ): void {
    const birth = this.#birthAt(header, record.parentCVersion);
    birth.owner = record.ephemeral ? header.clientId : 0n;
    outcome.path = record.path;
    const kind = birth.owner === 0n ? EphemeralType.VOID : this.#state.kindOf(birth.owner, this.#sessions);
    if (kind === undefined) {
      // An id that no session can have: no snapshot with such a node would load.
      outcome.error = ErrorCode.BADARGUMENTS;
      return;
    }
    birth.kind = kind;
    outcome.error = this.#changes.create(record.path, record.data, record.acl, birth, observer);
    if (type === OpCode.create2) this.#keepStat(outcome);
  }

  #createSpecial(
    header: TxnHeader,
    record: CreateContainerTxn | CreateTTLTxn,
    outcome: Outcome,
    observer: ChangeObserver | undefined,
  ): void {
    const birth = this.#birthAt(header, record.parentCVersion);
    if (record instanceof CreateContainerTxn) {
      birth.kind = EphemeralType.CONTAINER;
      birth.owner = CONTAINER_EPHEMERAL_OWNER;
    } else if (isTtlValue(record.ttl)) {
      birth.owner = ttlToEphemeralOwner(record.ttl);
      birth.kind = EphemeralType.TTL;
    } else {
      // Apache has logged this and died of it; a node that stays is the only harmless reading.
      birth.kind = EphemeralType.VOID;
      birth.owner = 0n;
    }
    outcome.path = record.path;
    outcome.error = this.#changes.create(record.path, record.data, record.acl, birth, observer);
    this.#keepStat(outcome);
  }

  #setData(
    header: TxnHeader,
    record: SetDataTxn,
    outcome: Outcome,
    observer: ChangeObserver | undefined,
  ): void {
    outcome.path = record.path;
    if (header.type === OpCode.reconfig) outcome.config = record.data;
    outcome.error = this.#changes.setData(
      record.path,
      record.data,
      record.version,
      header.zxid,
      header.time,
      observer,
    );
    this.#keepStat(outcome);
  }

  #closeSession(
    header: TxnHeader,
    record: CloseSessionTxn | null,
    observer: ChangeObserver | undefined,
  ): void {
    this.#sessions.delete(header.clientId);
    this.#changes.closeSession(header.clientId, record?.paths2Delete, header.zxid, observer);
  }

  /** All parts or, where one is an error, none: those before it then report 0, those behind it that they were not tried. */
  #multi(header: TxnHeader, record: MultiTxn, outcome: Outcome, observer: ChangeObserver | undefined): void {
    const { txns } = record;
    const failure = txns.findIndex((txn) => txn.type === OpCode.error);
    const results: Outcome[] = [];
    for (let i = 0; i < txns.length; i++) {
      const txn = txns[i]!;
      const result = new Outcome();
      if (failure < 0 || txn.type === OpCode.error) {
        this.#applyRecord(header, txn.type, txn.record, result, observer);
        result.copyStat();
      } else {
        result.begin(OpCode.error);
        result.error = i < failure ? ErrorCode.OK : ErrorCode.RUNTIMEINCONSISTENCY;
      }
      if (outcome.error === ErrorCode.OK) outcome.error = result.error;
      results.push(result);
    }
    outcome.results = results;
  }

  #keepStat(outcome: Outcome): void {
    if (outcome.error === ErrorCode.OK) outcome.showStat(this.#state.store, this.#changes.node);
  }

  #birthAt(header: TxnHeader, parentCVersion: number): Birth {
    const birth = this.#birth;
    birth.parentCVersion = parentCVersion;
    birth.zxid = header.zxid;
    birth.time = header.time;
    return birth;
  }
}

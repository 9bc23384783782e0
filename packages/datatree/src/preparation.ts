import {
  CheckVersionRequest,
  CloseSessionTxn,
  CreateRequest,
  CreateSessionTxn,
  CreateTTLRequest,
  DeleteContainerRequest,
  DeleteRequest,
  ErrorCode,
  ErrorTxn,
  type Identity,
  type MultiOp,
  MultiTxn,
  OpCode,
  type ReconfigRequest,
  SetACLRequest,
  SetDataRequest,
  SubTxn,
  type SubTxnRecord,
  Txn,
  TxnDigest,
  TxnHeader,
  type TxnRecord,
  type Zxid,
} from '@corral/protocol';
import type { JuteWriter } from '@corral/jute';
import type { AuthProviders } from './auth-providers.ts';
import type { ChangeObserver } from './change-observer.ts';
import type { DataTree } from './data-tree.ts';
import { NodeRequests, type NodeTxn } from './node-requests.ts';
import { PendingChanges } from './pending-changes.ts';
import { NO_ROW } from './pending-rows.ts';
import { DIGEST_VERSION } from './tree-digest.ts';
import type { Outcome } from './outcome.ts';
import { SwiftApplication } from './swift-application.ts';
import { SwiftWrites } from './swift-writes.ts';
import { TxnSize } from './txn-size.ts';

export interface PreparationOptions {
  readonly skipAcl: boolean;
  readonly enforceQuota: boolean;
  /** The paths of its ephemerals stand in the transaction that closes a session (`zookeeper.closeSessionTxn.enabled`). */
  readonly closeSessionTxnEnabled: boolean;
  readonly reconfigEnabled: boolean;
  /** Of a leader. Without it nobody can be reconfigured: a standalone server. */
  readonly reconfigurations?: Reconfigurations | undefined;
  /** The longest transaction that can be read back, in bytes: `jute.maxbuffer` plus extrasize. */
  readonly txnBytesMax: number;
  readonly providers: AuthProviders;
}

/** What the leader of an ensemble makes of requests for another configuration. */
export interface Reconfigurations {
  /** The text of the configuration that a transaction of this zxid would bring, or an `ErrorCode`. Nothing has happened. */
  plan(request: ReconfigRequest, zxid: Zxid): Uint8Array | ErrorCode;
  /** The transaction of what was planned last is about to be proposed. */
  accept(): void;
}

/** Who asks, and what the transaction will be stamped with. One object, filled anew, may serve all requests. */
export interface RequestContext {
  /** 0 is the server itself. */
  readonly sessionId: bigint;
  readonly cxid: number;
  /** Above every zxid before it, and never used for another request. */
  readonly zxid: Zxid;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly identities: readonly Identity[];
  /** What the check of the session says, an `ErrorCode`; 0 is well. Reported where Apache checks it. */
  readonly sessionError: number;
}

/** No ticket: see `Preparation.prepareSwift`. */
export const NOT_SWIFT: number = NO_ROW;

/** Records that become transactions; the operations of a multi; null for closeSession. */
export type PreparableRequest =
  | CreateRequest
  | CreateTTLRequest
  | DeleteRequest
  | DeleteContainerRequest
  | SetDataRequest
  | SetACLRequest
  | CheckVersionRequest
  | ReconfigRequest
  | CreateSessionTxn
  | readonly MultiOp[]
  | null;

/**
 * Turns requests into transactions (PrepRequestProcessor): checks them against the tree and all that is prepared
 * but not yet applied. A request that fails is a transaction too, of type -1 with its code, and leaves no trace.
 *
 * Data is not copied: what a request refers to must stay as it is until its transaction has been applied.
 */
export class Preparation {
  readonly #tree: DataTree;
  readonly #options: PreparationOptions;
  readonly #pending: PendingChanges;
  readonly #size: TxnSize;
  readonly #nodes: NodeRequests;
  readonly #swift: SwiftWrites;
  readonly #swiftApplication: SwiftApplication;

  constructor(tree: DataTree, options: PreparationOptions) {
    this.#tree = tree;
    this.#options = options;
    this.#pending = new PendingChanges(tree);
    this.#size = new TxnSize(options.txnBytesMax);
    this.#nodes = new NodeRequests(tree, this.#pending, this.#size, options);
    this.#swift = new SwiftWrites(tree, this.#pending, options);
    this.#swiftApplication = new SwiftApplication(tree, this.#pending.rows);
  }

  /** Records held for transactions in flight. */
  get pendingCount(): number {
    return this.#pending.count;
  }

  /**
   * @param type the request's `OpCode`
   * @throws TypeError where the request is not one of its type
   */
  prepare(type: number, request: PreparableRequest, context: RequestContext): Txn {
    this.#pending.begin();
    this.#size.begin();
    if (request === null || request instanceof CreateSessionTxn)
      return this.#prepareSession(type, request, context);
    if (isMulti(request)) return this.#prepareMulti(request, context);
    const record = this.#prepareNode(type, request, context);
    if (typeof record === 'number') return this.prepareError(record, context);
    const txn = this.#checked(this.#txn(type, record, context), context);
    if (txn.header.type === OpCode.reconfig) this.#options.reconfigurations?.accept();
    return txn;
  }

  /**
   * The same, and `encodeTxn`, for an ordinary setData or create, from the bytes of the request to those of the
   * entry. Returns a ticket for `applySwift`, or `NOT_SWIFT` where the request is anything but ordinary, one that
   * fails included: nothing has happened then, and `prepare` is to be asked.
   *
   * @param bytes `bytes[start, end)` is the body of the request; it must stay until its transaction has been applied
   * @param entry the entry is appended to it
   */
  prepareSwift(
    type: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    context: RequestContext,
    entry: JuteWriter,
  ): number {
    return this.#swift.prepare(type, bytes, start, end, context, entry);
  }

  /** What `DataTree.apply` does, for what `prepareSwift` has prepared; in its turn, and before it is committed. */
  applySwift(type: number, ticket: number, observer: ChangeObserver | undefined): Outcome {
    return this.#swiftApplication.apply(type, ticket, observer);
  }

  /** The transaction of a request that failed before it could be prepared, undecodable for instance. */
  prepareError(error: number, context: RequestContext): Txn {
    return new Txn(headerOf(OpCode.error, context), new ErrorTxn(error));
  }

  /** Transactions up to `zxid` are in the tree: forgets what was remembered for them. */
  committed(zxid: Zxid): void {
    this.#pending.applied(zxid);
  }

  #prepareNode(
    type: number,
    request: Exclude<PreparableRequest, CreateSessionTxn | readonly MultiOp[] | null>,
    context: RequestContext,
  ): NodeTxn | ErrorCode {
    if (request instanceof CreateRequest || request instanceof CreateTTLRequest) {
      return this.#nodes.create(type, request, context);
    }
    if (request instanceof SetDataRequest) return this.#nodes.setData(request, context);
    if (request instanceof DeleteRequest) return this.#nodes.delete(request, context);
    if (request instanceof SetACLRequest) return this.#nodes.setAcl(request, context);
    if (request instanceof DeleteContainerRequest) return this.#nodes.deleteContainer(request, context);
    // By itself a check has never had an answer; servers before 3.9.3 log it as a transaction nobody can read.
    if (request instanceof CheckVersionRequest) return ErrorCode.UNIMPLEMENTED;
    return this.#reconfig(request, context);
  }

  /** The right to it is asked for last, as in Apache. */
  #reconfig(request: ReconfigRequest, context: RequestContext): NodeTxn | ErrorCode {
    const { reconfigEnabled, reconfigurations } = this.#options;
    if (!reconfigEnabled) return ErrorCode.RECONFIGDISABLED;
    if (context.sessionError !== ErrorCode.OK) return context.sessionError as ErrorCode;
    if (reconfigurations === undefined) return ErrorCode.UNIMPLEMENTED;
    const text = reconfigurations.plan(request, context.zxid);
    return typeof text === 'number' ? text : this.#nodes.setConfig(text, context);
  }

  /**
   * One transaction with one part per operation. When one fails nothing stays pending, and the parts tell the
   * story: those before it as prepared, its own error, and for the rest that they were not tried.
   */
  #prepareMulti(ops: readonly MultiOp[], context: RequestContext): Txn {
    if (ops.some((op) => op.record.path === null))
      return this.prepareError(ErrorCode.MARSHALLINGERROR, context);
    const parts: SubTxn[] = [];
    let isFailed = false;
    for (const op of ops) {
      this.#pending.beginPart();
      const record = isFailed ? ErrorCode.RUNTIMEINCONSISTENCY : this.#prepareOp(op, context);
      if (typeof record !== 'number') {
        parts.push(new SubTxn(op.type, record));
        continue;
      }
      if (record === ErrorCode.MARSHALLINGERROR) {
        this.#pending.rollBack();
        return this.prepareError(record, context);
      }
      if (!isFailed) this.#pending.rollBack();
      isFailed = true;
      parts.push(new SubTxn(OpCode.error, new ErrorTxn(record)));
    }
    return this.#checked(this.#txn(OpCode.multi, new MultiTxn(parts), context), context);
  }

  #prepareOp(op: MultiOp, context: RequestContext): SubTxnRecord | ErrorCode {
    switch (op.type) {
      case OpCode.check:
        return this.#nodes.check(op.record, context);
      case OpCode.getData:
      case OpCode.getChildren:
        // A multi of reads under the opcode for writes.
        return ErrorCode.MARSHALLINGERROR;
      default:
        return this.#prepareNode(op.type, op.record, context);
    }
  }

  #prepareSession(type: number, request: CreateSessionTxn | null, context: RequestContext): Txn {
    if (request !== null && type === OpCode.createSession) return this.#txn(type, request, context);
    if (request !== null || type !== OpCode.closeSession) throw new TypeError(`no request of type ${type}`);
    return this.#closeSession(context);
  }

  /**
   * Where the list of ephemerals would make the transaction too long to be read back, or is switched off, the
   * transaction has no body: every server then deletes what it knows the session to own, which is the same
   * (ZOOKEEPER-4306). It has no digest either, because readers of such a transaction take one for the list.
   */
  #closeSession(context: RequestContext): Txn {
    const paths = [...this.#pending.ephemerals(context.sessionId)];
    for (const path of paths) {
      this.#pending.beginPart();
      const parent = this.#pending.stage(path.slice(0, path.lastIndexOf('/')));
      const node = this.#pending.stage(path);
      if (parent !== NO_ROW && node !== NO_ROW) this.#nodes.removeRows(parent, node, context.zxid);
      this.#size.add(path, null, null);
    }
    if (this.#options.closeSessionTxnEnabled) {
      const txn = this.#txn(OpCode.closeSession, new CloseSessionTxn(paths), context);
      if (!this.#size.isTooLong(txn)) return txn;
    }
    return new Txn(headerOf(OpCode.closeSession, context), null);
  }

  /** Refuses what could be written but not read back. */
  #checked(txn: Txn, context: RequestContext): Txn {
    if (!this.#size.isTooLong(txn)) return txn;
    this.#pending.rollBack();
    return this.prepareError(ErrorCode.MARSHALLINGERROR, context);
  }

  #txn(type: number, record: TxnRecord, context: RequestContext): Txn {
    if (!this.#tree.options.digestEnabled) return new Txn(headerOf(type, context), record);
    return new Txn(
      headerOf(type, context),
      record,
      new TxnDigest(DIGEST_VERSION, this.#pending.digest.value),
    );
  }
}

function headerOf(type: number, context: RequestContext): TxnHeader {
  return new TxnHeader(context.sessionId, context.cxid, context.zxid, context.time, type);
}

function isMulti(request: PreparableRequest): request is readonly MultiOp[] {
  return Array.isArray(request);
}

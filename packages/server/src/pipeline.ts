import {
  type ChangeObserver,
  type DataTree,
  NOT_SWIFT,
  type Outcome,
  type Preparation,
  type RequestContext,
} from '@corral/datatree';
import { JuteWriter } from '@corral/jute';
import {
  encodeTxn,
  ErrorCode,
  ErrorTxn,
  type Identity,
  nextZxid,
  OpCode,
  type Txn,
  type TxnHeader,
  type Zxid,
} from '@corral/protocol';
import type { Clock, Counter, Metrics, Summary } from '@corral/runtime';
import type { Backlog } from './backlog.ts';
import type { CommitListener, CommitPath } from './commit-path.ts';
import type { ClientConnection } from './connection.ts';
import { PendingWrite } from './pending-write.ts';
import type { WriteRequest } from './write-requests.ts';

/** Who is told what became of the writes. */
export interface PipelineListener {
  /**
   * A transaction has been applied and its watch events are written. `outcome` is valid during the call.
   * @param header absent for an ordinary write of a node, of which `write` says enough
   * @param write what it comes from, where it was taken in here
   * @param now monotonic milliseconds
   */
  onApplied(
    header: TxnHeader | undefined,
    write: PendingWrite | undefined,
    outcome: Outcome,
    now: number,
  ): void;
  /** A batch is over: everything to be sent may be sent. */
  onBatchApplied(): void;
  /** The log, or what this server believes of its own state, is broken. It must stop at once. */
  onFatal(cause: unknown): void;
}

/** A transaction on its way from preparation to reply. */
export class PreparedWrite extends PendingWrite {
  /** Absent where the preparation gave a ticket for it. */
  readonly txn: Txn | undefined;
  readonly ticket: number;
  readonly zxid: Zxid;
  /** Of the transaction, wall-clock milliseconds. */
  readonly time: number;
  nextInFlight: PreparedWrite | undefined = undefined;

  constructor(txn: Txn | undefined, ticket: number, type: number, context: WriteContext) {
    super(type, context.cxid, context.connection, context.receivedAt, context.largeBytes);
    this.txn = txn;
    this.ticket = ticket;
    this.zxid = context.zxid;
    this.time = context.time;
  }

  /** Why there is nothing to apply, as an `ErrorCode`; 0 where there is. */
  get error(): number {
    const record = this.txn?.record;
    return record instanceof ErrorTxn ? record.err : ErrorCode.OK;
  }
}

/** Who asks for a write. One object serves all requests, filled in anew for each. */
export class WriteContext implements RequestContext {
  connection: ClientConnection | undefined = undefined;
  sessionId = 0n;
  cxid = 0;
  identities: readonly Identity[] = [];
  sessionError = 0;
  receivedAt = 0;
  largeBytes = 0;
  /** Filled in by the pipeline. */
  zxid: Zxid = 0 as Zxid;
  time = 0;
}

/**
 * The road of every write: prepare, encode once, propose; when committed, apply in order, tell the watchers, answer.
 * Writes are prepared against the tree and everything in flight, so any number may be on the road at once.
 */
export class Pipeline implements CommitListener {
  readonly #tree: DataTree;
  readonly #preparation: Preparation;
  readonly #observer: ChangeObserver;
  readonly #commits: CommitPath;
  readonly #clock: Clock;
  readonly #backlog: Backlog;
  readonly #listener: PipelineListener;
  readonly #prepared: Counter;
  readonly #prepareTime: Summary;
  readonly #closeSessionPrepareTime: Summary;
  readonly #proposeTime: Summary;
  readonly #propagationLatency: Summary;
  readonly #entry: JuteWriter = new JuteWriter(64 * 1024);
  #head: PreparedWrite | undefined = undefined;
  #tail: PreparedWrite | undefined = undefined;
  #lastProposed: Zxid;
  /** When the requests being prepared arrived, and the wall-clock time of all of them. */
  #timedAt = -1;
  #time = 0;
  #isTimed = false;
  #begunAt = 0;
  #prepareMs = 0;
  #proposeMs = 0;
  #hasFailed = false;
  /** What the preparation remembers is not to be believed; the server is about to be told. */
  #isBroken = false;
  #barriers: { readonly zxid: Zxid; readonly passed: () => void }[] = [];

  constructor(
    tree: DataTree,
    preparation: Preparation,
    observer: ChangeObserver,
    commitPath: (listener: CommitListener) => CommitPath,
    clock: Clock,
    backlog: Backlog,
    listener: PipelineListener,
    metrics: Metrics,
  ) {
    this.#prepared = metrics.counter('prep_processor_request_queued');
    this.#prepareTime = metrics.summary('prep_process_time');
    this.#closeSessionPrepareTime = metrics.summary('close_session_prep_time');
    this.#proposeTime = metrics.summary('proposal_process_time');
    this.#propagationLatency = metrics.summary('propagation_latency');
    this.#tree = tree;
    this.#preparation = preparation;
    this.#observer = observer;
    this.#clock = clock;
    this.#backlog = backlog;
    this.#listener = listener;
    this.#lastProposed = tree.lastProcessedZxid;
    this.#commits = commitPath(this);
  }

  get lastProposedZxid(): Zxid {
    return this.#lastProposed;
  }

  /** Prepares a request and sends its transaction on. A request that fails is a transaction too, of type error. */
  submit(type: number, request: WriteRequest, context: WriteContext): PreparedWrite | undefined {
    return this.#propose(type, request, 0, context);
  }

  /** The same for a request that failed before it could be prepared. */
  submitError(type: number, error: number, context: WriteContext): PreparedWrite | undefined {
    return this.#propose(type, null, error, context);
  }

  /**
   * The same for a request whose body is `bytes[start, end)`, which must stay until it is answered, where it is an
   * ordinary one. Otherwise undefined, and nothing has happened: it must be decoded and submitted.
   */
  submitSwift(
    type: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    context: WriteContext,
  ): PreparedWrite | undefined {
    if (this.#hasFailed || this.#isBroken) return undefined;
    this.#begin(context);
    let ticket: number;
    try {
      ticket = this.#preparation.prepareSwift(type, bytes, start, end, context, this.#entry);
    } catch (cause) {
      this.#failPreparation(cause);
      return undefined;
    }
    if (ticket === NOT_SWIFT) return undefined;
    return this.#send(new PreparedWrite(undefined, ticket, type, context));
  }

  /** Calls `passed` once everything proposed so far has been applied: at once where nothing is in flight. */
  whenApplied(passed: () => void): void {
    if (this.#head === undefined) passed();
    else this.#barriers.push({ zxid: this.#lastProposed, passed });
  }

  onCommitted(zxid: Zxid): void {
    if (this.#hasFailed) return;
    const now = this.#clock.monotonic();
    const wallNow = this.#clock.now();
    try {
      for (let write = this.#head; write !== undefined && write.zxid <= zxid; write = this.#head) {
        this.#head = write.nextInFlight;
        if (this.#head === undefined) this.#tail = undefined;
        // Or an old one, long answered, keeps all that came later alive through a collection.
        write.nextInFlight = undefined;
        this.#backlog.size--;
        const outcome = this.#apply(write);
        // Wall clocks, the one of the leader among them: they may disagree, or jump.
        const latency = wallNow - write.time;
        if (latency >= 0) this.#propagationLatency.observe(latency);
        this.#listener.onApplied(write.txn?.header, write, outcome, now);
      }
      this.#preparation.committed(zxid);
      this.#passBarriers(zxid);
    } catch (cause) {
      this.#fail(cause);
      return;
    }
    this.#listener.onBatchApplied();
  }

  onCommitFailed(cause: unknown): void {
    this.#fail(cause);
  }

  #apply(write: PreparedWrite): Outcome {
    const { txn, type, ticket } = write;
    if (txn === undefined) return this.#preparation.applySwift(type, ticket, this.#observer);
    return this.#tree.apply(txn, this.#observer);
  }

  #propose(
    type: number,
    request: WriteRequest,
    error: number,
    context: WriteContext,
  ): PreparedWrite | undefined {
    if (this.#hasFailed || this.#isBroken) return undefined;
    this.#begin(context);
    let txn: Txn;
    try {
      txn =
        error === 0
          ? this.#preparation.prepare(type, request, context)
          : this.#preparation.prepareError(error, context);
      encodeTxn(this.#entry, txn);
    } catch (cause) {
      this.#failPreparation(cause);
      return undefined;
    }
    return this.#send(new PreparedWrite(txn, NOT_SWIFT, type, context));
  }

  /**
   * Stamps what is to be prepared. The clocks are asked once for all requests that arrived together: those after the
   * first have its time, and are taken to cost what it did.
   */
  #begin(context: WriteContext): void {
    this.#entry.clear(ENTRY_CAPACITY_KEPT);
    context.zxid = nextZxid(this.#lastProposed);
    this.#isTimed = context.receivedAt !== this.#timedAt;
    if (this.#isTimed) {
      this.#timedAt = context.receivedAt;
      this.#time = this.#clock.now();
      this.#begunAt = this.#clock.monotonic();
    }
    context.time = this.#time;
  }

  /** Preparation answers every request; where it throws, what it remembers of those in flight is not to be believed. */
  #failPreparation(cause: unknown): void {
    this.#isBroken = true;
    this.#clock.defer(() => this.#fail(cause));
  }

  #send(write: PreparedWrite): PreparedWrite {
    const preparedAt = this.#isTimed ? this.#clock.monotonic() : 0;
    this.#lastProposed = write.zxid;
    if (this.#tail === undefined) this.#head = write;
    else this.#tail.nextInFlight = write;
    this.#tail = write;
    this.#backlog.size++;
    this.#commits.propose(write.zxid, this.#entry.bytes());
    if (this.#isTimed) {
      this.#prepareMs = preparedAt - this.#begunAt;
      this.#proposeMs = this.#clock.monotonic() - preparedAt;
    }
    this.#prepared.add(1);
    this.#prepareTime.observe(this.#prepareMs);
    this.#proposeTime.observe(this.#proposeMs);
    if (write.type === OpCode.closeSession) this.#closeSessionPrepareTime.observe(this.#prepareMs);
    return write;
  }

  #passBarriers(zxid: Zxid): void {
    if (this.#barriers.length === 0) return;
    const passed = this.#barriers.filter((barrier) => barrier.zxid <= zxid);
    if (passed.length === 0) return;
    this.#barriers = this.#barriers.filter((barrier) => barrier.zxid > zxid);
    for (const barrier of passed) barrier.passed();
  }

  #fail(cause: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#listener.onFatal(cause);
  }
}

/** What the writer of entries keeps of the memory a large one made it take, in bytes. */
const ENTRY_CAPACITY_KEPT = 1024 * 1024;

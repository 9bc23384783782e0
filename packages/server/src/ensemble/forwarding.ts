import type { ChangeObserver } from '@corral/datatree';
import { JuteReader, JuteWriter } from '@corral/jute';
import {
  ErrorCode,
  type Identity,
  OpCode,
  QuorumPacket,
  QuorumPacketType,
  type TxnHeader,
  type Zxid,
} from '@corral/protocol';
import type { Clock } from '@corral/runtime';
import type { Answers } from '../answers.ts';
import type { Backlog } from '../backlog.ts';
import type { ClientConnection } from '../connection.ts';
import { PendingWrite } from '../pending-write.ts';
import type { PipelineListener } from '../pipeline.ts';
import { readErrorOf } from '../read-error.ts';
import type { Writes } from '../role.ts';
import type { Sessions } from '../sessions.ts';
import type { Syncs } from '../syncs.ts';
import { isWrite, readWriteRequest } from '../write-requests.ts';
import type { LearnerFigures } from './learner-figures.ts';
import type { Replica } from './replica.ts';

export interface ForwardingOptions {
  readonly replica: Replica;
  readonly observer: ChangeObserver;
  readonly sessions: Sessions;
  readonly answers: Answers;
  readonly backlog: Backlog;
  readonly syncs: Syncs;
  readonly clock: Clock;
  readonly applied: PipelineListener;
  readonly figures: LearnerFigures;
  /** The longest string or buffer believed in a request, in bytes. */
  readonly valueMax: number;
  /** To the leader, in order. */
  readonly send: (packet: QuorumPacket) => void;
}

/**
 * The writes of a learner's clients: each goes to the leader as it came, and is answered when its transaction has been
 * committed and applied here (FollowerRequestProcessor, CommitProcessor). A transaction is known for one's own by its
 * session and the client's number for the request: both come back in its header, in the order they were sent.
 */
export class Forwarding implements Writes {
  readonly #o: ForwardingOptions;
  readonly #reader: JuteReader;
  readonly #out: JuteWriter = new JuteWriter(1024);
  /** By session. One that has nothing under way keeps its place until it is closed: it will write again. */
  readonly #pending = new Map<bigint, PendingWrite[]>();
  #hasApplied = false;

  constructor(options: ForwardingOptions) {
    this.#o = options;
    this.#reader = new JuteReader(undefined, options.valueMax);
  }

  beginTurn(): void {}

  take(
    connection: ClientConnection,
    bytes: Uint8Array,
    start: number,
    end: number,
    xid: number,
    type: number,
    now: number,
    largeBytes: number,
  ): boolean {
    const session = connection.session!;
    if (type === OpCode.sync) {
      if (this.#o.syncs.take(connection, bytes, start, end, xid, now, largeBytes) === undefined) return false;
    } else {
      if (!isWrite(type) || !this.#isReadable(type, bytes, start, end)) return false;
      const write = new PendingWrite(type, xid, connection, now, largeBytes);
      this.#expect(session.id, write);
      this.#o.backlog.size++;
      this.#o.answers.expect(connection, write);
      if (type === OpCode.closeSession) this.#o.sessions.tracker.setClosing(session);
    }
    const body = bytes.subarray(start + REQUEST_HEADER_BYTES, end);
    this.#send(session.id, xid, type, body, connection.identities);
    return true;
  }

  /** Asks the leader to make a session. @param connection waits for it */
  createSession(connection: ClientConnection | undefined, id: bigint, timeoutMs: number, now: number): void {
    this.#expect(id, new PendingWrite(OpCode.createSession, 0, connection, now, 0));
    this.#o.backlog.size++;
    const body = new Uint8Array(4);
    new DataView(body.buffer).setInt32(0, timeoutMs);
    this.#send(id, 0, OpCode.createSession, body, null);
  }

  /** Applies what is committed, and answers whose it is. The answers leave with `flush`. */
  commit(zxid: Zxid): void {
    const { replica, observer, applied, figures, clock } = this.#o;
    const now = clock.monotonic();
    figures.beginCommits();
    for (let txn = replica.takeCommitted(zxid); txn !== undefined; txn = replica.takeCommitted(zxid)) {
      const outcome = replica.tree.apply(txn, observer);
      figures.applied(txn.header);
      applied.onApplied(txn.header, this.#match(txn.header), outcome, now);
    }
    this.#hasApplied = true;
  }

  /** Once for all that was committed together: clients have several requests in flight. */
  flush(): void {
    if (!this.#hasApplied) return;
    this.#hasApplied = false;
    this.#o.applied.onBatchApplied();
  }

  /**
   * What nobody can read is answered here. An Apache leader proposes an error for it under a zxid that may be committed
   * already, and then no server of that ensemble commits anything any more.
   */
  #isReadable(type: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (type === OpCode.multi) return true;
    try {
      readWriteRequest(type, this.#reader.reset(bytes, start + REQUEST_HEADER_BYTES, end), 0);
      return true;
    } catch (cause) {
      return readErrorOf(cause) !== ErrorCode.MARSHALLINGERROR;
    }
  }

  #expect(session: bigint, write: PendingWrite): void {
    const pending = this.#pending.get(session);
    if (pending === undefined) this.#pending.set(session, [write]);
    else pending.push(write);
  }

  #match(header: TxnHeader): PendingWrite | undefined {
    const pending = this.#pending.get(header.clientId);
    if (pending === undefined) return undefined;
    if (header.type === OpCode.closeSession) this.#pending.delete(header.clientId);
    const first = pending[0];
    if (first === undefined || first.xid !== header.cxid) return undefined;
    pending.shift();
    this.#o.backlog.size--;
    return first;
  }

  #send(
    session: bigint,
    xid: number,
    type: number,
    body: Uint8Array,
    identities: readonly Identity[] | null,
  ): void {
    const w = this.#out.clear(OUT_KEPT_BYTES);
    w.writeLong(session);
    w.writeInt(xid);
    w.writeInt(type);
    w.writeRaw(body);
    const authinfo = identities === null ? [] : [...identities];
    this.#o.send(new QuorumPacket(QuorumPacketType.REQUEST, -1, w.bytes(), authinfo));
  }
}

const REQUEST_HEADER_BYTES = 8;
const OUT_KEPT_BYTES = 64 * 1024;

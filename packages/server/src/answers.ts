import type { Outcome } from '@corral/datatree';
import { JuteReader, JuteWriter } from '@corral/jute';
import { ErrorCode, type Identity, OpCode, Xid, type Zxid } from '@corral/protocol';
import type { AuditTrail } from './audit-trail.ts';
import type { Backlog } from './backlog.ts';
import { type ClientConnection, Hold, Phase } from './connection.ts';
import type { ConnectAnswers } from './connect-answers.ts';
import { type LaneItem, WaitingRequest } from './lane.ts';
import type { LargeRequests } from './limits.ts';
import type { PendingWrite } from './pending-write.ts';
import { readErrorOf } from './read-error.ts';
import type { Reads } from './reads.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { RequestWatch } from './request-watch.ts';
import { beginReply, endReply, endReplyWithError, REPLY_HEADER_BYTES, writeHeaderReply } from './reply.ts';
import { PENDING, type SetWatchesWork } from './set-watches.ts';
import { writeReplyBody } from './write-replies.ts';

export interface AnswersOptions {
  readonly reads: Reads;
  readonly setWatches: SetWatchesWork;
  readonly connectAnswers: ConnectAnswers;
  readonly backlog: Backlog;
  readonly largeRequests: LargeRequests;
  readonly refusals: RefusalLog;
  readonly watch: RequestWatch;
  /** Undefined where nobody audits. */
  readonly audit: AuditTrail | undefined;
  readonly now: () => number;
  readonly lastProcessedZxid: () => Zxid;
  /** The longest string or buffer believed in a request, in bytes. */
  readonly valueMax: number;
}

/**
 * The answers of each connection, in the order of its requests.
 *
 * A read is answered at once when nothing of its connection is in front of it; otherwise it waits in the lane. A
 * write lies in the lane from its preparation until it is applied.
 */
export class Answers {
  readonly #o: AnswersOptions;
  readonly #waitingReader: JuteReader;
  readonly #scratch: JuteWriter = new JuteWriter();
  readonly #throttled = new Set<ClientConnection>();
  #joined: ClientConnection[] = [];
  #lastError: number = ErrorCode.OK;

  constructor(options: AnswersOptions) {
    this.#o = options;
    this.#waitingReader = new JuteReader(undefined, options.valueMax);
  }

  /**
   * Answers a request that is no prepared write: now, or when those before it are answered.
   *
   * @param r stands behind the header @param bytes the whole frame is `bytes[start, end)`
   */
  take(
    connection: ClientConnection,
    r: JuteReader,
    xid: number,
    type: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    now: number,
    largeBytes: number,
  ): void {
    const isFirst = connection.lane.head === undefined;
    if (isFirst && this.#serve(connection, r, xid, type, start, connection.identities, now, now)) {
      this.#o.largeRequests.done(largeBytes);
      return;
    }
    const waiting = new WaitingRequest(bytes.slice(start, end), now, connection.identities, largeBytes);
    waiting.isAtWork = isFirst;
    this.#o.backlog.size++;
    this.#line(connection, waiting);
  }

  /** What the last request was answered with that was no write. */
  get lastError(): number {
    return this.#lastError;
  }

  /** A write has been prepared: its answer comes when it is applied. */
  expect(connection: ClientConnection, write: PendingWrite): void {
    this.#o.audit?.expect(write);
    this.#line(connection, write);
  }

  /** @param outcome what applying it came to, valid during the call */
  applied(connection: ClientConnection, write: PendingWrite, outcome: Outcome, now: number): void {
    if (connection.phase > Phase.open) {
      connection.port.stats.staleReplies.add(1);
      return;
    }
    if (connection.phase === Phase.joining) {
      const { out } = connection;
      const at = out.length;
      this.#o.connectAnswers.write(connection, out);
      connection.phase = Phase.open;
      this.#noteUpdate(connection, write, now, out.length - at);
      this.#joined.push(connection);
      return;
    }
    if (hasMoved(outcome)) {
      connection.end();
      return;
    }
    if (connection.lane.head !== write) {
      // A long request is still at work in front of it.
      this.#writeReply(connection, this.#scratch.clear(SCRATCH_KEPT), write, outcome);
      write.reply = this.#scratch.copy();
      return;
    }
    const { out } = connection;
    const at = out.length;
    this.#writeReply(connection, out, write, outcome);
    this.#wroteReply(connection, write, now, out.length - at);
    this.#advance(connection, now);
  }

  /** The replies of a batch have been sent: who waited for room has it now. */
  afterBatch(): void {
    const joined = this.#joined;
    this.#joined = [];
    for (const connection of joined) connection.release(Hold.joining);
    for (const connection of this.#throttled) {
      if (this.#o.backlog.isFull && connection.lane.head !== undefined) continue;
      this.#throttled.delete(connection);
      connection.release(Hold.throttled);
    }
  }

  /** The connection is over: what waits in its lane is forgotten; its writes take their course. */
  forget(connection: ClientConnection): void {
    this.#throttled.delete(connection);
    for (let item = connection.lane.head; item !== undefined; item = connection.lane.head) {
      this.#shift(connection, item);
    }
  }

  #line(connection: ClientConnection, item: LaneItem): void {
    connection.lane.push(item);
    if (!this.#o.backlog.isFull) return;
    connection.hold(Hold.throttled);
    this.#throttled.add(connection);
  }

  #shift(connection: ClientConnection, item: LaneItem): void {
    connection.lane.shift();
    if (item.kind !== 'waiting') return;
    this.#o.backlog.size--;
    this.#o.largeRequests.done(item.largeBytes);
  }

  /** Answers what has been waiting for its turn, until something must wait again. */
  #advance(connection: ClientConnection, now: number): void {
    for (
      let item = connection.lane.head;
      item !== undefined && connection.phase === Phase.open;
      item = connection.lane.head
    ) {
      if (item.kind === 'write') {
        if (item.reply === undefined) return;
        connection.out.writeRaw(item.reply);
        this.#wroteReply(connection, item, now, item.reply.length);
      } else {
        if (item.isAtWork) return;
        const r = this.#waitingReader.reset(item.frame);
        const xid = r.readInt();
        const type = r.readInt();
        if (!this.#serve(connection, r, xid, type, 0, item.identities, item.receivedAt, now)) {
          item.isAtWork = true;
          return;
        }
        this.#served(connection, item, now);
      }
    }
  }

  /** What waited has been answered. */
  #served(connection: ClientConnection, item: WaitingRequest, now: number): void {
    const { watched } = item;
    if (watched !== undefined) {
      watched.error = this.#lastError;
      this.#o.watch.answered(connection, watched, now);
    }
    this.#shift(connection, item);
  }

  /** False where the work goes on in later turns. */
  #serve(
    connection: ClientConnection,
    r: JuteReader,
    xid: number,
    type: number,
    start: number,
    identities: readonly Identity[],
    receivedAt: number,
    now: number,
  ): boolean {
    if (!isKnown(type)) {
      this.#refuseUnknown(connection, xid, type, r.end - start);
      return true;
    }
    if (type === OpCode.setWatches || type === OpCode.setWatches2) {
      return this.#restoreWatches(connection, r, xid, type, start, receivedAt, now);
    }
    const { out } = connection;
    const zxid = this.#o.lastProcessedZxid();
    const at = beginReply(out, type === OpCode.ping ? Xid.ping : xid, zxid);
    let error: number;
    try {
      error = this.#o.reads.answer(connection, type, r, identities, out, at);
    } catch (cause) {
      error = readErrorOf(cause);
    }
    this.#lastError = error;
    if (error === ErrorCode.OK) endReply(out, at);
    else {
      endReplyWithError(out, at, error);
      this.#o.refusals.note(connection, type, r.bytes, start, r.end, error);
    }
    connection.noteRead(type, xid, zxid, receivedAt, now, out.length - at - LENGTH_BYTES);
    return true;
  }

  /** The events of what was missed are written before the reply, hence no reply is begun before they are. */
  #restoreWatches(
    connection: ClientConnection,
    r: JuteReader,
    xid: number,
    type: number,
    start: number,
    receivedAt: number,
    now: number,
  ): boolean {
    let error: number;
    try {
      error = this.#o.setWatches.begin(connection, type, r, () => {
        const later = this.#o.now();
        writeHeaderReply(connection.out, xid, this.#o.lastProcessedZxid(), ErrorCode.OK);
        connection.noteRead(type, xid, this.#o.lastProcessedZxid(), receivedAt, later, HEADER_BYTES);
        this.#lastError = ErrorCode.OK;
        this.#served(connection, connection.lane.head as WaitingRequest, later);
        this.#advance(connection, later);
        connection.port.flush();
        this.afterBatch();
      });
    } catch (cause) {
      error = readErrorOf(cause);
    }
    if (error === PENDING) return false;
    this.#lastError = error;
    const zxid = this.#o.lastProcessedZxid();
    writeHeaderReply(connection.out, xid, zxid, error);
    connection.noteRead(type, xid, zxid, receivedAt, now, HEADER_BYTES);
    if (error !== ErrorCode.OK) this.#o.refusals.note(connection, type, r.bytes, start, r.end, error);
    return true;
  }

  #refuseUnknown(connection: ClientConnection, xid: number, type: number, size: number): void {
    const reason = 'request of a type that no client may send, closing the connection';
    this.#o.refusals.noteFatal(connection, type, size, ErrorCode.UNIMPLEMENTED, reason);
    writeHeaderReply(connection.out, xid, ZXID_OF_UNKNOWN, ErrorCode.UNIMPLEMENTED);
    connection.end();
  }

  #writeReply(connection: ClientConnection, out: JuteWriter, write: PendingWrite, outcome: Outcome): void {
    const hasFailed =
      outcome.type === OpCode.error || (outcome.error !== ErrorCode.OK && write.type !== OpCode.multi);
    if (write.watched !== undefined) write.watched.error = outcome.error;
    if (write.type === OpCode.createSession && !hasFailed) {
      this.#o.connectAnswers.write(connection, out);
      return;
    }
    const at = beginReply(out, write.xid, this.#o.lastProcessedZxid());
    if (hasFailed) endReplyWithError(out, at, outcome.error);
    else {
      writeReplyBody(out, write.type, outcome);
      endReply(out, at);
    }
  }

  #wroteReply(connection: ClientConnection, write: PendingWrite, now: number, frameBytes: number): void {
    this.#noteUpdate(connection, write, now, frameBytes);
    if (write.watched !== undefined) this.#o.watch.answered(connection, write.watched, now);
    connection.lane.shift();
    if (write.type === OpCode.closeSession) connection.end();
  }

  #noteUpdate(connection: ClientConnection, write: PendingWrite, now: number, frameBytes: number): void {
    const zxid = this.#o.lastProcessedZxid();
    connection.noteUpdate(write.type, write.xid, zxid, write.receivedAt, now, frameBytes - LENGTH_BYTES);
  }
}

/**
 * The leader has seen the session elsewhere since. That need not be where its client is: a slow claim of a connection that
 * was given up can come last. Only another connection brings both together again (ZOOKEEPER-710), so no answer is given.
 */
function hasMoved({ error, results }: Outcome): boolean {
  return (
    error === ErrorCode.SESSIONMOVED ||
    results?.some((part) => part.error === ErrorCode.SESSIONMOVED) === true
  );
}

/** Types a client may send, other than those that never come here (auth, sasl). `check` stands in multis only. */
function isKnown(type: number): boolean {
  if (type >= 0 && type < KNOWN.length) return KNOWN[type] === 1;
  return type === OpCode.createSession || type === OpCode.closeSession;
}

/** By type. A table, because every read asks it. */
const KNOWN: Uint8Array = new Uint8Array(128);
for (const type of [
  OpCode.create,
  OpCode.delete,
  OpCode.exists,
  OpCode.getData,
  OpCode.setData,
  OpCode.getACL,
  OpCode.setACL,
  OpCode.getChildren,
  OpCode.sync,
  OpCode.ping,
  OpCode.getChildren2,
  OpCode.multi,
  OpCode.create2,
  OpCode.reconfig,
  OpCode.checkWatches,
  OpCode.removeWatches,
  OpCode.createContainer,
  OpCode.deleteContainer,
  OpCode.createTTL,
  OpCode.multiRead,
  OpCode.setWatches,
  OpCode.getEphemerals,
  OpCode.getAllChildrenNumber,
  OpCode.setWatches2,
  OpCode.addWatch,
  OpCode.whoAmI,
]) {
  KNOWN[type] = 1;
}
/** What Apache answers with where it does not know the operation. */
const ZXID_OF_UNKNOWN = -1;
/** What stands before a frame and is not counted with it. */
const LENGTH_BYTES = 4;
const HEADER_BYTES: number = REPLY_HEADER_BYTES - LENGTH_BYTES;
const SCRATCH_KEPT = 64 * 1024;

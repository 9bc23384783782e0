import { JuteReader } from '@corral/jute';
import {
  CreateSessionTxn,
  ErrorCode,
  type Identity,
  OpCode,
  QuorumPacket,
  QuorumPacketType,
} from '@corral/protocol';
import type { Clock } from '@corral/runtime';
import { type Pipeline, WriteContext } from '../pipeline.ts';
import { readErrorOf } from '../read-error.ts';
import type { SessionOwner, Sessions } from '../sessions.ts';
import { isWrite, readWriteRequest } from '../write-requests.ts';
import { createsEphemeral } from './creates-ephemeral.ts';

/** A learner, as the place where clients are attached. Whoever takes a session away from it need not tell it: it will ask. */
export class LearnerOwner implements SessionOwner {
  end(): void {}
}

export interface LearnerRequestsOptions {
  readonly pipeline: Pipeline;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly multiOperationsMax: number;
  /** The longest string or buffer believed in a request, in bytes. */
  readonly valueMax: number;
  /** Learners have sessions that are known to nobody else (`localSessionsEnabled`). */
  readonly hasLocalSessions: boolean;
  /** This server's id, which its own sessions bear in the top byte of theirs. */
  readonly sid: number;
}

/** What learners bring before the leader on behalf of their clients (LearnerHandler, Leader.submitLearnerRequest). */
export class LearnerRequests {
  readonly #o: LearnerRequestsOptions;
  readonly #reader: JuteReader;
  readonly #bodies: JuteReader;
  readonly #context: WriteContext = new WriteContext();

  constructor(options: LearnerRequestsOptions) {
    this.#o = options;
    this.#reader = new JuteReader(undefined, options.valueMax);
    this.#bodies = new JuteReader(undefined, options.valueMax);
  }

  /**
   * A client's write; its data belongs to this from here on. False where it is a sync: nothing is proposed for one.
   *
   * @throws JuteError, RangeError where it is no request that a learner may forward
   */
  submit(packet: QuorumPacket, owner: LearnerOwner): boolean {
    const data = packet.data ?? NOTHING;
    const r = this.#reader.reset(data, 0, data.length);
    const sessionId = r.readLong();
    const cxid = r.readInt();
    const type = r.readInt();
    if (type === OpCode.sync) return false;
    if (!isWrite(type)) throw new RangeError(`a forwarded request of type ${type}`);
    const { pipeline, clock, multiOperationsMax } = this.#o;
    const context = this.#context;
    context.connection = undefined;
    context.sessionId = sessionId;
    context.cxid = cxid;
    context.identities = packet.authinfo ?? NOBODY;
    context.receivedAt = clock.monotonic();
    context.largeBytes = 0;
    context.sessionError = ErrorCode.OK;
    try {
      if (type !== OpCode.createSession && type !== OpCode.closeSession)
        context.sessionError = this.#errorOf(sessionId, owner, type, data, r.offset);
      if (pipeline.submitSwift(type, data, r.offset, data.length, context) !== undefined) return true;
      const request = readWriteRequest(type, r, multiOperationsMax);
      if (request instanceof CreateSessionTxn) this.#track(sessionId, request.timeOut, owner);
      else if (type === OpCode.closeSession) this.#close(sessionId);
      pipeline.submit(type, request, context);
    } catch (cause) {
      // The learner waits for a transaction of this request, so there must be one.
      pipeline.submitError(type, readErrorOf(cause), context);
    } finally {
      context.sessionError = ErrorCode.OK;
    }
    return true;
  }

  /** Whether the session lives; from now on it is attached to that learner. @throws JuteError where it cannot be read */
  revalidate({ data }: QuorumPacket, owner: LearnerOwner): QuorumPacket {
    const bytes = data ?? NOTHING;
    const r = this.#reader.reset(bytes, 0, bytes.length);
    const id = r.readLong();
    const timeoutMs = r.readInt();
    const { tracker } = this.#o.sessions;
    const session = tracker.get(id);
    const isValid = session !== undefined && !session.isClosing;
    if (isValid) {
      if (session.owner !== owner) session.owner?.end();
      session.owner = owner;
      session.timeoutMs = timeoutMs;
      tracker.touch(session, this.#o.clock.monotonic());
    }
    const answer = new Uint8Array(9);
    new DataView(answer.buffer).setBigInt64(0, id);
    answer[8] = isValid ? 1 : 0;
    return new QuorumPacket(QuorumPacketType.REVALIDATE, -1, answer, null);
  }

  /** The learner tells whom it has heard of. @throws JuteError where it cannot be read */
  touch({ data }: QuorumPacket): void {
    if (data === null) return;
    const r = this.#reader.reset(data, 0, data.length);
    const now = this.#o.clock.monotonic();
    const { tracker } = this.#o.sessions;
    while (r.remaining > 0) {
      const session = tracker.get(r.readLong());
      r.readInt();
      if (session !== undefined) tracker.touch(session, now);
    }
  }

  #track(id: bigint, timeoutMs: number, owner: LearnerOwner): void {
    const session = this.#o.sessions.tracker.add(id, timeoutMs, this.#o.clock.monotonic());
    session.owner = owner;
  }

  #close(id: bigint): void {
    const session = this.#o.sessions.tracker.get(id);
    if (session !== undefined) this.#o.sessions.tracker.setClosing(session);
  }

  #errorOf(id: bigint, owner: LearnerOwner, type: number, data: Uint8Array, bodyAt: number): number {
    const session = this.#o.sessions.tracker.get(id);
    if (session === undefined)
      return this.#maybeLocal(id, type, data, bodyAt) ? ErrorCode.OK : ErrorCode.SESSIONEXPIRED;
    if (session.isClosing) return ErrorCode.SESSIONEXPIRED;
    return session.claim(owner) ? ErrorCode.OK : ErrorCode.SESSIONMOVED;
  }

  /** Only the learner knows; but nothing that ends with a session may belong to one that nobody here would see end. */
  #maybeLocal(id: bigint, type: number, data: Uint8Array, bodyAt: number): boolean {
    const { hasLocalSessions, sid, multiOperationsMax } = this.#o;
    if (!hasLocalSessions || BigInt.asUintN(64, id) >> SERVER_ID_SHIFT === BigInt(sid)) return false;
    return !createsEphemeral(type, this.#bodies.reset(data, bodyAt, data.length), multiOperationsMax);
  }
}

const SERVER_ID_SHIFT = 56n;

const NOBODY: readonly Identity[] = [];
const NOTHING = new Uint8Array(0);

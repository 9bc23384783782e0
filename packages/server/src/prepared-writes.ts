import { JuteReader } from '@corral/jute';
import { CreateSessionTxn, ErrorCode, OpCode } from '@corral/protocol';
import type { Answers } from './answers.ts';
import type { ClientConnection } from './connection.ts';
import { FrameArena } from './frame-arena.ts';
import { type Pipeline, WriteContext } from './pipeline.ts';
import { readErrorOf } from './read-error.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { Writes } from './role.ts';
import type { Sessions } from './sessions.ts';
import { isWrite, readWriteRequest } from './write-requests.ts';

export interface PreparedWritesOptions {
  readonly pipeline: Pipeline;
  readonly answers: Answers;
  readonly sessions: Sessions;
  readonly refusals: RefusalLog;
  /** What a client gets that asks for a session timeout, in milliseconds. */
  readonly negotiate: (timeoutMs: number) => number;
  readonly multiOperationsMax: number;
  /** The longest string or buffer believed in a request, in bytes. */
  readonly valueMax: number;
}

/** Writes of clients of a server that prepares them itself: it stands alone, or leads. */
export class PreparedWrites implements Writes {
  readonly #o: PreparedWritesOptions;
  readonly #reader: JuteReader;
  readonly #arena: FrameArena = new FrameArena();
  readonly #context: WriteContext = new WriteContext();

  constructor(options: PreparedWritesOptions) {
    this.#o = options;
    this.#reader = new JuteReader(undefined, options.valueMax);
  }

  beginTurn(): void {
    this.#arena.begin();
  }

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
    if (!isWrite(type)) return false;
    const { pipeline, answers, refusals, sessions } = this.#o;
    const session = connection.session!;
    const context = this.#context;
    context.connection = connection;
    context.sessionId = session.id;
    context.cxid = xid;
    context.identities = connection.identities;
    context.receivedAt = now;
    context.largeBytes = largeBytes;
    // The transaction outlives the turn, and what it holds are views of these bytes.
    const at = this.#arena.keep(bytes, start, end);
    const kept = this.#arena.bytes;
    const bodyAt = at + REQUEST_HEADER_BYTES;
    const keptEnd = at + (end - start);
    let write = pipeline.submitSwift(type, kept, bodyAt, keptEnd, context);
    if (write !== undefined) {
      answers.expect(connection, write);
      return true;
    }
    const r = this.#reader.reset(kept, bodyAt, keptEnd);
    try {
      const request = readWriteRequest(type, r, this.#o.multiOperationsMax);
      if (request instanceof CreateSessionTxn) request.timeOut = this.#o.negotiate(request.timeOut);
      write = pipeline.submit(type, request, context);
    } catch (cause) {
      const error = readErrorOf(cause);
      // As in Apache: what cannot be read takes no zxid, unless it is a multi.
      if (type !== OpCode.multi && error !== ErrorCode.BADARGUMENTS) return false;
      write = pipeline.submitError(type, error, context);
    }
    // Undefined: the server is failing, and answers nobody any more.
    if (write === undefined) return true;
    if (type === OpCode.closeSession) sessions.tracker.setClosing(session);
    if (write.error !== ErrorCode.OK) refusals.note(connection, type, bytes, start, end, write.error);
    answers.expect(connection, write);
    return true;
  }
}

const REQUEST_HEADER_BYTES = 8;

import { JuteReader, utf8Decode } from '@corral/jute';
import { errorName, ErrorCode, OpCode, opName } from '@corral/protocol';
import type { Logger } from '@corral/runtime';
import type { ClientConnection } from './connection.ts';
import type { ServerStats } from './stats.ts';

/**
 * A line for every refused request: who, what, where, how large. What is an everyday answer (no such node, it is
 * there already, another version) is a line of `debug` only.
 */
export class RefusalLog {
  readonly #logger: Logger;
  readonly #stats: ServerStats;

  constructor(logger: Logger, stats: ServerStats) {
    this.#logger = logger;
    this.#stats = stats;
  }

  /** @param start where the request's frame lies in `bytes`, header included */
  note(
    connection: ClientConnection,
    type: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    error: number,
  ): void {
    const isEveryday = EVERYDAY.has(error);
    if (!isEveryday) this.#stats.requestsRefused.add(1);
    if (!this.#logger.isEnabled(isEveryday ? 'debug' : 'info')) return;
    const fields = {
      client: connection.client,
      operation: opName(type),
      opcode: type,
      path: pathIn(type, bytes, start, end),
      size: end - start,
      error: errorName(error),
    };
    if (isEveryday) this.#logger.debug(fields, 'request answered with an error');
    else this.#logger.info(fields, 'request refused');
  }

  /** What ends the connection with it. */
  noteFatal(connection: ClientConnection, type: number, size: number, error: number, reason: string): void {
    this.#stats.requestsRefused.add(1);
    this.#logger.warn(
      {
        client: connection.client,
        operation: opName(type),
        opcode: type,
        size,
        error: errorName(error),
      },
      reason,
    );
  }
}

/** The path of a request, where it begins with one. For the log only: cut, and never a reason to fail. */
function pathIn(type: number, bytes: Uint8Array, start: number, end: number): string | undefined {
  if (PATHLESS.has(type) || end - start < REQUEST_HEADER_BYTES + 4) return undefined;
  const length = new JuteReader().reset(bytes, start + REQUEST_HEADER_BYTES, end).readInt();
  const at = start + REQUEST_HEADER_BYTES + 4;
  if (length < 0 || length > end - at) return undefined;
  return utf8Decode(bytes, at, at + Math.min(length, PATH_SHOWN_MAX));
}

const EVERYDAY: ReadonlySet<number> = new Set<number>([
  ErrorCode.NONODE,
  ErrorCode.NODEEXISTS,
  ErrorCode.BADVERSION,
  ErrorCode.NOTEMPTY,
  ErrorCode.NOWATCHER,
  ErrorCode.NOCHILDRENFOREPHEMERALS,
]);
const PATHLESS: ReadonlySet<number> = new Set<number>([
  OpCode.multi,
  OpCode.multiRead,
  OpCode.setWatches,
  OpCode.setWatches2,
  OpCode.reconfig,
  OpCode.createSession,
  OpCode.closeSession,
  OpCode.ping,
  OpCode.whoAmI,
]);
const REQUEST_HEADER_BYTES = 8;
const PATH_SHOWN_MAX = 256;

import { errorName, ErrorCode, opName } from '@corral/protocol';
import type { Clock, Logger } from '@corral/runtime';
import type { ClientConnection } from './connection.ts';
import { LineBudget } from './line-budget.ts';
import { requestPath } from './request-path.ts';
import type { ServerStats } from './stats.ts';

/**
 * A line for every refused request: who, what, where, how large. What is an everyday answer (no such node, it is
 * there already, another version) is a line of `debug` only. So many in a second, and no more.
 */
export class RefusalLog {
  readonly #logger: Logger;
  readonly #stats: ServerStats;
  readonly #lines: LineBudget;

  constructor(logger: Logger, stats: ServerStats, clock: Clock) {
    this.#logger = logger;
    this.#stats = stats;
    this.#lines = new LineBudget(clock, LINES_PER_SECOND);
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
    const unlogged = this.#lines.take();
    if (unlogged === undefined) return;
    const fields = {
      client: connection.client,
      operation: opName(type),
      opcode: type,
      path: requestPath(type, bytes, start, end),
      size: end - start,
      error: errorName(error),
      ...(unlogged > 0 && { unlogged }),
    };
    if (isEveryday) this.#logger.debug(fields, 'request answered with an error');
    else this.#logger.info(fields, 'request refused');
  }

  /** What ends the connection with it. */
  noteFatal(connection: ClientConnection, type: number, size: number, error: number, reason: string): void {
    this.#stats.requestsRefused.add(1);
    const unlogged = this.#lines.take();
    if (unlogged === undefined) return;
    this.#logger.warn(
      {
        client: connection.client,
        operation: opName(type),
        opcode: type,
        size,
        error: errorName(error),
        ...(unlogged > 0 && { unlogged }),
      },
      reason,
    );
  }
}

const EVERYDAY: ReadonlySet<number> = new Set<number>([
  ErrorCode.NONODE,
  ErrorCode.NODEEXISTS,
  ErrorCode.BADVERSION,
  ErrorCode.NOTEMPTY,
  ErrorCode.NOWATCHER,
  ErrorCode.NOCHILDRENFOREPHEMERALS,
]);
const LINES_PER_SECOND = 50;

import { Outcome } from '@corral/datatree';
import { ErrorCode, OpCode } from '@corral/protocol';
import type { Answers } from './answers.ts';
import type { ClientConnection } from './connection.ts';
import { PendingWrite } from './pending-write.ts';
import type { PipelineListener } from './pipeline.ts';

/** Answers to requests that are for all servers elsewhere, and are settled here without a transaction: each in its turn. */
export class Untransacted {
  readonly #answers: Answers;
  readonly #applied: PipelineListener;
  readonly #outcome: Outcome = new Outcome();

  constructor(answers: Answers, applied: PipelineListener) {
    this.#answers = answers;
    this.#applied = applied;
  }

  answer(
    connection: ClientConnection,
    type: number,
    xid: number,
    error: ErrorCode,
    now: number,
    largeBytes: number,
  ): void {
    const write = new PendingWrite(type, xid, connection, now, largeBytes);
    this.#answers.expect(connection, write);
    this.#outcome.begin(error === ErrorCode.OK ? type : OpCode.error);
    this.#outcome.error = error;
    this.#applied.onApplied(undefined, write, this.#outcome, now);
  }
}

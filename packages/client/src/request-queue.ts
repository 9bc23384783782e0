import { ErrorCode } from '@corral/protocol';
import { ConnectionLossError, OutcomeUnknownError } from './errors.ts';
import type { Operation } from './operation.ts';
import { OperationRing } from './operation-ring.ts';

/** Who waits for what: requests on their way, and requests that wait for a connection. */
export class RequestQueue {
  /** Sent and not answered, in the order of the replies to come. */
  readonly #inFlight = new OperationRing();
  /** Cut off reads that go first, and then what was asked for while there was no connection. */
  #waiting: Operation<unknown>[] = [];

  /** Asked for and not answered. */
  get length(): number {
    return this.#inFlight.length + this.#waiting.length;
  }

  /** The one whose reply comes next. */
  get oldest(): Operation<unknown> | undefined {
    return this.#inFlight.peek();
  }

  /** Whether there is room for one more, when those that nobody waits for are gone. */
  hasRoom(max: number): boolean {
    if (this.length < max) return true;
    this.#waiting = this.#waiting.filter(({ isSettled }) => !isSettled);
    return this.length < max;
  }

  wait(operation: Operation<unknown>): void {
    this.#waiting.push(operation);
  }

  sent(operation: Operation<unknown>): void {
    this.#inFlight.push(operation);
  }

  /** @throws Error where the reply is to none that is expected: then the stream is not what it should be */
  takeAnswered(xid: number): Operation<unknown> {
    const operation = this.#inFlight.peek();
    if (operation?.xid !== xid)
      throw new Error(`a reply to request ${xid} in the place of ${operation?.xid}`);
    this.#inFlight.shift();
    return operation;
  }

  takeOldest(): Operation<unknown> | undefined {
    return this.#inFlight.shift();
  }

  /** Those that waited for a connection and that somebody still waits for, in order. */
  takeWaiting(): Operation<unknown>[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting.filter(({ isSettled }) => !isSettled);
  }

  /** The connection is over: reads wait for the next one, in front; of writes nobody knows what became. */
  cutOff(reason: string, isRepeated: boolean): void {
    const again: Operation<unknown>[] = [];
    for (const operation of this.#inFlight.takeAll()) {
      if (operation.isSettled) continue;
      if (isRepeated && operation.isRepeatable && operation.resends < RESENDS_MAX) {
        operation.resends++;
        again.push(operation);
      } else operation.fail(lossOf(operation, reason));
    }
    if (again.length > 0) this.#waiting = [...again, ...this.#waiting];
  }

  failWaiting(errorOf: (operation: Operation<unknown>) => unknown): void {
    for (const operation of this.takeWaiting()) operation.fail(errorOf(operation));
  }
}

function lossOf(operation: Operation<unknown>, reason: string): Error {
  const ErrorClass = operation.isRepeatable ? ConnectionLossError : OutcomeUnknownError;
  return new ErrorClass(ErrorCode.CONNECTIONLOSS, operation.op, operation.path, { detail: reason });
}

/** A read that ends its connection each time, because its reply is too large, must not do so for ever. */
const RESENDS_MAX = 3;

import type { JuteReader, JuteWriter } from '@corral/jute';
import { type OpCode, opName } from '@corral/protocol';
import { onAbort, type Signal } from './abort-signal.ts';
import { zkError } from './errors.ts';
import type { ObservedRequest, RequestObserver } from './observer.ts';

/**
 * A request from the call to its reply: the record on the wire, the promise of the caller and the place in the queue
 * are one object of a fixed shape, for there may be thousands in flight.
 */
export abstract class Operation<T> implements ObservedRequest {
  readonly type: OpCode;
  /** As the caller wrote it. */
  readonly path: string | undefined;
  readonly result: Promise<T>;
  xid = 0;
  /** How often it was cut off by the end of a connection and sent again. */
  resends = 0;
  /** When it was sent, roughly: the time of its turn. */
  sentAt = 0;
  isSettled = false;
  observer: RequestObserver | undefined = undefined;
  /** Of `T`; said so loosely that operations of any result stand in one queue. */
  #resolve!: (value: unknown) => void;
  #reject!: (reason: unknown) => void;
  #stopListening: (() => void) | undefined = undefined;

  constructor(type: OpCode, path: string | undefined) {
    this.type = type;
    this.path = path;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve as (value: unknown) => void;
      this.#reject = reject;
    });
  }

  get op(): string {
    return opName(this.type);
  }

  /** Cut off by the end of a connection, it may be sent again: it changes nothing, or nothing twice. */
  abstract readonly isRepeatable: boolean;

  /** The record, without its header. */
  abstract write(w: JuteWriter): void;

  /** The body of a reply without an error. */
  abstract read(r: JuteReader): T;

  /** A reply with an error, where that is an answer too. Throws what the caller gets. */
  readError(code: number): T {
    throw this.error(code);
  }

  error(code: number, detail?: string): Error {
    return zkError(code, this.op, this.path, detail === undefined ? {} : { detail });
  }

  /** Rejects when `signal` aborts. */
  obey(signal: Signal | undefined): void {
    if (signal !== undefined) this.#stopListening = onAbort(signal, () => this.fail(signal.reason));
  }

  /** Takes the reply in. @throws what the bytes are guilty of; the connection is useless then */
  answer(code: number, r: JuteReader): void {
    // Its caller is gone: nobody would take a value, or the event of a watch.
    if (this.isSettled) return;
    let value: T;
    try {
      value = code === 0 ? this.read(r) : this.readError(code);
    } catch (error) {
      this.fail(error);
      if (code === 0 && isUnreadable(error)) throw error;
      return;
    }
    this.succeed(value);
  }

  succeed(value: T): void {
    if (!this.#settle()) return;
    this.#resolve(value);
    this.observer?.ended?.(undefined);
  }

  fail(reason: unknown): void {
    if (!this.#settle()) return;
    this.#reject(reason);
    this.observer?.ended?.(reason);
  }

  #settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    this.#stopListening?.();
    this.#stopListening = undefined;
    return true;
  }
}

function isUnreadable(error: unknown): boolean {
  return error instanceof Error && (error.name === 'JuteError' || error.name === 'ProtocolError');
}

import { onAbort, type Signal } from './abort-signal.ts';
import type { Session } from './session.ts';
import type { SessionState } from './session-machine.ts';

/** The states of a session, one behind the other. Nobody misses one; a reader that never reads gets the last ones. */
export class StateQueue implements AsyncIterableIterator<SessionState> {
  #states: SessionState[];
  #takers: PromiseWithResolvers<IteratorResult<SessionState>>[] = [];
  #isOver = false;
  #abortion: { reason: unknown } | undefined = undefined;
  readonly #stop: () => void;

  constructor(session: Session, signal: Signal | undefined) {
    this.#states = [session.state];
    const unlisten = session.onState((state) => this.#put(state));
    const stopObeying = onAbort(signal, () => this.#abort(signal?.reason));
    this.#stop = () => {
      unlisten();
      stopObeying();
    };
    if (signal?.aborted === true) this.#abort(signal.reason);
    if (session.state === 'closed') this.#end();
  }

  next(): Promise<IteratorResult<SessionState>> {
    const state = this.#states.shift();
    if (state !== undefined) return Promise.resolve({ done: false, value: state });
    if (this.#abortion !== undefined) return Promise.reject(this.#abortion.reason);
    if (this.#isOver) return Promise.resolve(DONE);
    const taker = Promise.withResolvers<IteratorResult<SessionState>>();
    this.#takers.push(taker);
    return taker.promise;
  }

  return(): Promise<IteratorResult<SessionState>> {
    this.#states = [];
    this.#end();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #put(state: SessionState): void {
    const taker = this.#takers.shift();
    if (taker !== undefined) taker.resolve({ done: false, value: state });
    else this.#states.push(state);
    if (this.#states.length > STATES_KEPT_MAX) this.#states.shift();
    if (state === 'closed') this.#end();
  }

  #abort(reason: unknown): void {
    this.#abortion = { reason };
    this.#stop();
    for (const taker of this.#takers) taker.reject(reason);
    this.#takers = [];
  }

  #end(): void {
    this.#isOver = true;
    this.#stop();
    for (const taker of this.#takers) taker.resolve(DONE);
    this.#takers = [];
  }
}

const STATES_KEPT_MAX = 1000;
const DONE: IteratorResult<SessionState> = { done: true, value: undefined };

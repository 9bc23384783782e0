import type { Client, Op } from '@corral/client';
import { newAbort, type PlatformSignal, until } from './abort.ts';
import type { LeaderOptions } from './leader-latch.ts';
import type { Lease } from './lease.ts';
import { type Lock, mutex, type MutexOptions } from './mutex.ts';
import { isPassing } from './outcome.ts';
import type { Participant } from './participant.ts';
import { RecipeError } from './recipe-error.ts';
import { pause, type WaitOptions, within } from './wait.ts';

export interface SelectorOptions extends LeaderOptions, Pick<MutexOptions, 'naming'> {
  /**
   * Leads until it returns. `signal` aborts when the lead is lost, interrupted, or the selector is closed: whatever the
   * leader does is to stop then, for the next one begins as soon as this has returned or the session is over.
   */
  readonly lead: (term: Lease, signal: PlatformSignal) => void | Promise<void>;
  /** Stands again after it has led. Default true. */
  readonly isRequeued?: boolean;
  /** What `lead` threw, but for the reason of its signal: to stop with that is no error. It is over then, as if it had returned. */
  readonly onError?: (error: unknown) => void;
}

/** Curator's LeaderSelector, kazoo's Election: leads while a function runs, then lets the next one lead. */
export function leaderSelector(client: Client, path: string, options: SelectorOptions): LeaderSelector {
  return new LeaderSelector(client, path, options);
}

export class LeaderSelector implements AsyncDisposable {
  readonly path: string;
  readonly #client: Client;
  readonly #lock: Lock;
  readonly #options: SelectorOptions;
  readonly #closing = newAbort();
  #running: Promise<void> | undefined = undefined;
  #leading: { readonly term: Lease; readonly interrupt: (reason: unknown) => void } | undefined = undefined;

  constructor(client: Client, path: string, options: SelectorOptions) {
    if (typeof options?.lead !== 'function') throw new TypeError('lead is not a function');
    const { id = '', lead: _lead, isRequeued: _isRequeued, onError: _onError, ...lock } = options;
    this.path = path;
    this.#client = client;
    this.#lock = mutex(client, path, { ...lock, data: id });
    this.#options = options;
  }

  /** Stands for election from now on. */
  start(): this {
    this.#running ??= this.#stand();
    this.#running.catch(doNothing);
    return this;
  }

  /** Resolves when it stands no more: closed, or not requeued. Rejects with what the session ended with. */
  get ended(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  get isLeader(): boolean {
    return this.#leading?.term.isHeld === true;
  }

  /** Who leads, and then who would. */
  participants(op: Op = {}): Promise<Participant[]> {
    return this.#lock.participants(op);
  }

  /** Asks the leader here to stop leading; it stands again if it is to. */
  interrupt(): void {
    this.#leading?.interrupt(new RecipeError('LOST', this.path, 'the lead was interrupted'));
  }

  /**
   * Asks the leader here to stop, and waits for it, by default as long as the session's timeout: who goes on for longer
   * loses the lead none the less.
   */
  async close(options: WaitOptions = {}): Promise<void> {
    const reason = new RecipeError('CLOSED', this.path, 'the selector was closed');
    this.#closing.abort(reason);
    this.#leading?.interrupt(reason);
    try {
      await within(
        this.#client,
        this.path,
        { timeoutMs: this.#client.sessionTimeout, ...options },
        ({ signal }) => until(signal, this.ended.catch(doNothing)),
      );
    } finally {
      await this.#leading?.term.release();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #stand(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#lock.run((term) => this.#lead(term), { signal });
        if (this.#options.isRequeued === false) return;
      } catch (error) {
        if (signal.aborted) return;
        if (!isPassing(this.#client, error)) throw error;
        await pause(this.#client, AGAIN_MS, signal).catch(doNothing);
      }
    }
  }

  async #lead(term: Lease): Promise<void> {
    const abort = newAbort();
    const interrupt = (reason: unknown): void => abort.abort(reason);
    term.lost.addEventListener('abort', () => interrupt(term.lost.reason));
    this.#leading = { term, interrupt };
    if (!term.isHeld) interrupt(term.lost.reason);
    else if (this.#closing.signal.aborted) interrupt(this.#closing.signal.reason);
    try {
      await this.#options.lead(term, abort.signal);
    } catch (error) {
      const { signal } = abort;
      if (!signal.aborted || error !== signal.reason) this.#options.onError?.(error);
    } finally {
      this.#leading = undefined;
    }
  }
}

function doNothing(): void {}

const AGAIN_MS = 100;

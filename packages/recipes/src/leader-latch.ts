import type { Client, Data, Op } from '@corral/client';
import { newAbort, until } from './abort.ts';
import { EventSource } from './event-stream.ts';
import type { Lease, LeaseOptions } from './lease.ts';
import { type Lock, QueuedLock } from './mutex.ts';
import { isPassing } from './outcome.ts';
import type { Participant } from './participant.ts';
import { RecipeError } from './recipe-error.ts';
import { pause, type WaitOptions, within } from './wait.ts';

export interface LeaderOptions extends LeaseOptions {
  /** What others read of who leads. */
  readonly id?: Data;
}

/**
 * Curator's LeaderLatch: stands for election until it is closed. When the lead is lost (the session is over, the connection
 * was away for too long, somebody deleted the node) it stands again, at the end of the queue.
 */
export function leaderLatch(client: Client, path: string, options: LeaderOptions = {}): LeaderLatch {
  const { id = '', ...lease } = options;
  return new LeaderLatch(client, new QueuedLock(client, path, LATCH, { ...lease, data: id }));
}

export class LeaderLatch implements AsyncDisposable {
  readonly path: string;
  readonly #client: Client;
  readonly #lock: Lock;
  readonly #closing = newAbort();
  readonly #terms = new EventSource<Lease | undefined>();
  #running: Promise<void> | undefined = undefined;
  #term: Lease | undefined = undefined;
  #failure: { readonly reason: unknown } | undefined = undefined;

  constructor(client: Client, lock: Lock) {
    this.path = lock.path;
    this.#client = client;
    this.#lock = lock;
  }

  /** Stands for election from now on. */
  start(): this {
    this.#running ??= this.#stand();
    return this;
  }

  get isLeader(): boolean {
    return this.term !== undefined;
  }

  /** The lead, while it is held. */
  get term(): Lease | undefined {
    return this.#term?.isHeld === true ? this.#term : undefined;
  }

  /**
   * The lead that is held, or the next. Rejects when there will be none: the session is over, this is closed, or was not
   * started (`TypeError`).
   */
  leadership(options: WaitOptions = {}): Promise<Lease> {
    if (this.#running === undefined)
      return Promise.reject(new TypeError(`${this.path}: the latch was not started`));
    return within(this.#client, this.path, options, async ({ signal }) => {
      if (this.term !== undefined) return this.term;
      const { promise, resolve, reject } = Promise.withResolvers<Lease>();
      const settle = (): void => {
        if (this.term !== undefined) resolve(this.term);
        else if (this.#failure !== undefined) reject(this.#failure.reason);
      };
      settle();
      const unlisten = this.onChange(settle);
      return until(signal, promise).finally(unlisten);
    });
  }

  /** Called with each term when it begins, with undefined when it is over, and when no other will come. @returns how to stop */
  onChange(listener: (term: Lease | undefined) => void): () => void {
    return this.#terms.listen(listener);
  }

  /** Who leads, and then who would. */
  participants(op: Op = {}): Promise<Participant[]> {
    return this.#lock.participants(op);
  }

  async leader(op: Op = {}): Promise<Participant | undefined> {
    return (await this.participants(op))[0];
  }

  /** Gives up the lead, and the place in the queue. */
  async close(): Promise<void> {
    this.#failure ??= { reason: new RecipeError('CLOSED', this.path, 'the latch was closed') };
    this.#closing.abort(this.#failure.reason);
    await this.#running;
    this.#tell();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #stand(): Promise<void> {
    while (this.#failure === undefined) {
      try {
        const lease = await this.#lock.acquire({ signal: this.#closing.signal });
        try {
          await this.#lead(lease);
        } finally {
          await lease.release();
        }
      } catch (error) {
        if (isPassing(this.#client, error))
          await pause(this.#client, AGAIN_MS, this.#closing.signal).catch(doNothing);
        else {
          this.#failure ??= { reason: error };
          this.#tell();
        }
      }
    }
  }

  async #lead(lease: Lease): Promise<void> {
    const over = Promise.withResolvers<void>();
    lease.lost.addEventListener('abort', () => over.resolve());
    if (!lease.isHeld) return;
    this.#term = lease;
    this.#tell();
    await until(this.#closing.signal, over.promise).catch(doNothing);
    this.#term = undefined;
    this.#tell();
  }

  #tell(): void {
    this.#terms.tell(this.term);
  }
}

function doNothing(): void {}

const LATCH = { curator: 'latch-', kazoo: undefined };
const AGAIN_MS = 100;

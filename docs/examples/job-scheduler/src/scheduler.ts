import type { Client } from '@corral/client';
import { type LeaderSelector, leaderSelector, RecipeError, simpleQueue } from '@corral/recipes';
import { jobsOf, type Run, runCodec, RUNS, TAKEN } from './job.ts';
import { plan } from './planner.ts';

/** Does a run. It stops when the signal aborts: another does the run then, from the beginning. */
export type Work = (run: Run, signal: AbortSignal) => Promise<void>;

export async function addJob(zk: Client, name: string, everyMs: number): Promise<void> {
  const nextAt = zk.clock.now() + everyMs;
  await jobsOf(zk).create({ name }, { everyMs, nextAt });
}

/**
 * One process of several that are all the same. Each works, and one of them leads, which is to say when what is to be done.
 * Runs are done at least once: a process that is lost in the middle of one cannot tell how far it came.
 */
export class Scheduler implements AsyncDisposable {
  readonly #zk: Client;
  readonly #work: Work;
  readonly #onError: (error: unknown) => void;
  readonly #stop = new AbortController();
  readonly #selector: LeaderSelector;
  readonly #working: Promise<void>;

  constructor(zk: Client, name: string, work: Work, onError: (error: unknown) => void = () => {}) {
    this.#zk = zk;
    this.#work = work;
    this.#onError = onError;
    this.#selector = leaderSelector(zk, '/scheduler/leader', {
      id: name,
      lead: (term, signal) => plan(zk, term, signal),
      onError,
    }).start();
    this.#working = this.#takeRuns();
  }

  get isLeader(): boolean {
    return this.#selector.isLeader;
  }

  /** Gives up the lead, and the run that is under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#working;
    await this.#selector.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #takeRuns(): Promise<void> {
    const { signal } = this.#stop;
    const runs = simpleQueue(this.#zk, RUNS, runCodec, { lockPath: TAKEN, onBadItem: this.#onError });
    while (!signal.aborted) {
      try {
        for await (const run of runs.consume({ signal })) {
          await this.#work(run.value, AbortSignal.any([signal, run.lost]));
          await run.done();
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#onError(error);
        // Lost to another, or what the work threw: the next one. All else may take a while.
        if (!(error instanceof RecipeError)) await this.#pause();
      }
    }
  }

  #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#zk.clock.after(PAUSE_MS, resolve);
    this.#stop.signal.addEventListener('abort', () => resolve());
    return promise.finally(() => timer.cancel());
  }
}

const PAUSE_MS = 1000;

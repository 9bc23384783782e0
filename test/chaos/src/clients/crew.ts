import {
  digestIdentity,
  RandomWorkload,
  type Recorder,
  RecordingClient,
  type Server,
} from '@corral-test/history';
import { Dice } from '@corral-test/oracle';
import { later } from '../arena.ts';

export interface CrewOptions {
  readonly seed: number;
  readonly recorder: Recorder;
  readonly servers: readonly Server[];
  readonly clients: number;
  readonly timeoutMs: number;
  /** Requests of all of them in a second, where the servers keep up. */
  readonly rate: number;
  readonly oneWatchMode: boolean;
}

/** Recording clients, each of which asks at random, loses its connection, and takes its session to another server. */
export class Crew {
  readonly #o: CrewOptions;
  readonly #users: readonly string[];
  readonly #begun = performance.now();
  #era: { readonly number: number; readonly workload: RandomWorkload } | undefined;
  #isOver = false;

  constructor(options: CrewOptions) {
    this.#o = options;
    this.#users = [digestIdentity(USER)];
  }

  /** Resolves when it has been told to stop and all have gone. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: this.#o.clients }, (_, i) => this.#work(i)));
  }

  stop(): void {
    this.#isOver = true;
  }

  async #work(number: number): Promise<void> {
    const { recorder, timeoutMs, seed, servers, clients, rate } = this.#o;
    const dice = new Dice(seed * 100 + number);
    const client = new RecordingClient(
      recorder,
      number,
      timeoutMs,
      number % 2 === 0 ? this.#users[0] : undefined,
    );
    const patienceMs = (timeoutMs * 2) / 3;
    let era = -1;
    let nextAt = performance.now();
    while (!this.#isOver) {
      if (!client.isConnected) {
        await client.lose();
        if (!(await client.connect(dice.pick(servers)))) await later(dice.between(10, 200));
        continue;
      }
      const { number: eraNow, workload } = this.#eraNow();
      if (era !== eraNow) {
        era = eraNow;
        for (const request of workload.foundations()) client.ask(request);
      }
      if (dice.chance(0.004)) {
        await client.lose();
        if (dice.chance(0.1)) await later(timeoutMs * 2);
      } else if (dice.chance(0.002)) await client.close();
      else {
        client.ask(workload.next());
        await client.until(dice.below(6), patienceMs);
      }
      nextAt = Math.max(nextAt + (2 * dice.below(1000) * clients) / rate, performance.now() - BEHIND_MAX_MS);
      await later(Math.max(0, nextAt - performance.now()));
    }
    await client.until(0, patienceMs);
    await client.lose();
  }

  /**
   * Every so often all go on under another root: what an unanswered write leaves open at a path, and the checker has to
   * take as it comes, stays behind there.
   */
  #eraNow(): { readonly number: number; readonly workload: RandomWorkload } {
    const number = Math.floor((performance.now() - this.#begun) / ERA_MS);
    if (this.#era?.number !== number) {
      const { seed, oneWatchMode } = this.#o;
      const workload = new RandomWorkload({
        seed: seed * 1000 + number,
        users: this.#users,
        oneWatchMode,
        root: `/h${number}`,
      });
      this.#era = { number, workload };
    }
    return this.#era;
  }
}

export const USER = 'ann';
const ERA_MS = 20_000;
/** Whoever has waited makes up for that much, and no more. */
const BEHIND_MAX_MS = 200;

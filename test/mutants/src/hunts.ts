import type { Command } from './command-line.ts';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';
import { runHunt } from './run-hunt.ts';

/** One mutant after the other is hunted; what noticed it is printed, and the sum of them all. */
export class Hunts {
  readonly #o: Command;
  readonly #soundSeeds: Map<number, Promise<boolean>> = new Map();
  readonly #results: Result[] = [];

  constructor(command: Command) {
    this.#o = command;
  }

  /** Returns the exit code. */
  async run(): Promise<number> {
    const waiting = this.#o.mutants.values();
    await Promise.all(Array.from({ length: this.#o.jobs }, () => this.#work(waiting)));
    const share = summary(this.#results);
    if (this.#o.isTable) console.log(table(this.#results));
    return share >= SHARE_WANTED ? 0 : 1;
  }

  async #work(waiting: Iterable<Mutant>): Promise<void> {
    for (const mutant of waiting) {
      const result = await this.#hunt(mutant);
      this.#results.push(result);
      const { by, message, seed, cpuSeconds } = result;
      const seconds = `${cpuSeconds.toFixed(1)} CPU seconds`;
      if (by === undefined)
        console.log(`${mutant.name}: SURVIVES seeds ${this.#o.firstSeed} to ${seed}, ${seconds}`);
      else console.log(`${mutant.name}: ${by}, seed ${seed}, ${seconds}\n  ${message?.split('\n')[0]}`);
    }
  }

  async #hunt(mutant: Mutant): Promise<Result> {
    const cpuSecondsMax = this.#o.cpuSeconds;
    let cpuSeconds = 0;
    for (let seed = this.#o.firstSeed; ; seed++) {
      const quarry = await runHunt({ mutant: mutant.name, seed, cpuSeconds: cpuSecondsMax - cpuSeconds });
      const { finding, lastSeed } = quarry;
      cpuSeconds += quarry.cpuSeconds;
      seed = lastSeed;
      const { by, message } = finding !== undefined && (await this.#isSound(seed)) ? finding : {};
      if (by !== undefined || cpuSeconds >= cpuSecondsMax) return { mutant, by, message, seed, cpuSeconds };
    }
  }

  #isSound(seed: number): Promise<boolean> {
    let sound = this.#soundSeeds.get(seed);
    if (sound === undefined) this.#soundSeeds.set(seed, (sound = this.#runUnmutated(seed)));
    return sound;
  }

  async #runUnmutated(seed: number): Promise<boolean> {
    const { finding } = await runHunt({ seed, seeds: 1, cpuSeconds: this.#o.cpuSeconds });
    if (finding !== undefined)
      console.log(`seed ${seed} without a mutant: ${finding.by}: ${finding.message}`);
    return finding === undefined;
  }
}

/** Prints it. Returns which part was noticed. */
function summary(results: readonly Result[]): number {
  const killed = results.filter(({ by }) => by !== undefined);
  const times = killed.map(({ cpuSeconds }) => cpuSeconds).toSorted((a, b) => a - b);
  const share = killed.length / results.length;
  const median = times[times.length >> 1];
  const half = median === undefined ? '' : `; half of them within ${median.toFixed(1)} CPU seconds`;
  console.log(`${killed.length} of ${results.length} noticed (${(share * 100).toFixed(1)} %)${half}`);
  return share;
}

function table(results: readonly Result[]): string {
  const order = new Map(mutants.map((mutant, at) => [mutant, at]));
  const rows = results
    .toSorted((a, b) => order.get(a.mutant)! - order.get(b.mutant)!)
    .map(({ mutant: { name, breaks, issue = '' }, by = '**nobody**', seed, cpuSeconds }) =>
      [`\`${name}\``, breaks, issue, by, seed, cpuSeconds.toFixed(1)].join(' | '),
    );
  const head = [
    'mutant | what is wrong | kin to | noticed by | seed | CPU seconds',
    '--- | --- | --- | --- | --- | ---',
  ];
  return [...head, ...rows].map((row) => `| ${row} |`).join('\n');
}

interface Result {
  readonly mutant: Mutant;
  /** Undefined: nothing has noticed it. */
  readonly by: string | undefined;
  readonly message: string | undefined;
  /** The last that was run. */
  readonly seed: number;
  readonly cpuSeconds: number;
}

/** Of all mutants. Less is a failure. */
const SHARE_WANTED = 0.95;

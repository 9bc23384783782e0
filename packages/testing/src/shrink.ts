import { simulate, type SimulationOptions, type SimulationResult } from './simulate.ts';
import { faultNames } from './storm.ts';

export interface ShrinkOptions {
  /** How a simulation is run and judged. Default: `simulate`. */
  readonly run?: (options: SimulationOptions) => Promise<SimulationResult>;
  /** Simulations at most. Default 60. */
  readonly runsMax?: number;
  /** Called for each that has failed in the same way, being smaller. */
  readonly progress?: (smaller: SimulationOptions, runs: number) => void;
}

export interface Shrunk {
  /** The smallest that was found. */
  readonly options: SimulationOptions;
  readonly result: SimulationResult;
  readonly runs: number;
}

/**
 * Of a simulation that breaks an invariant, a smaller one that breaks the same: shorter, with fewer clients, servers and
 * kinds of faults, and of the faults only those that it takes. Each smaller one is another run, which may go another way:
 * what is kept is what still fails. Deterministic.
 *
 * @throws RangeError where nothing is broken
 */
export async function shrink(options: SimulationOptions, settings: ShrinkOptions = {}): Promise<Shrunk> {
  const shrinking = new Shrinking(settings);
  await shrinking.begin(options);
  await shrinking.shorten();
  await shrinking.takeFewer('clients', 8);
  await shrinking.takeFewer('observers', 0);
  await shrinking.takeFewer('servers', 3);
  await shrinking.leaveOutKinds();
  await shrinking.leaveOutFaults();
  await shrinking.shorten();
  return shrinking.smallest;
}

class Shrinking {
  readonly #run: (options: SimulationOptions) => Promise<SimulationResult>;
  readonly #runsMax: number;
  readonly #progress: (smaller: SimulationOptions, runs: number) => void;
  #options!: SimulationOptions;
  #result!: SimulationResult;
  #runs = 0;

  constructor({ run = simulate, runsMax = RUNS_MAX, progress = () => {} }: ShrinkOptions) {
    this.#run = run;
    this.#runsMax = runsMax;
    this.#progress = progress;
  }

  get smallest(): Shrunk {
    return { options: this.#options, result: this.#result, runs: this.#runs };
  }

  async begin(options: SimulationOptions): Promise<void> {
    this.#options = options;
    this.#result = await this.#run(options);
    this.#runs++;
    if (this.#result.violation === undefined) throw new RangeError(`seed: ${options.seed} breaks nothing`);
  }

  /** Nothing that comes behind the violation has brought it about. */
  async shorten(): Promise<void> {
    const hours = this.#options.hours ?? HOURS;
    const violatedAt = this.#result.violation!.atMs / HOUR_MS;
    if (violatedAt < hours && (await this.#accepts({ hours: rounded(violatedAt) }))) return;
    for (let shorter = hours / 2; shorter > HOURS_MIN; shorter /= 2)
      if (!(await this.#accepts({ hours: rounded(shorter) }))) return;
  }

  async takeFewer(what: 'clients' | 'observers' | 'servers', usual: number): Promise<void> {
    const least = what === 'observers' ? 0 : 1;
    for (const fewer of COUNTS)
      if (fewer < (this.#options[what] ?? usual) && fewer >= least)
        if (!(await this.#accepts({ [what]: fewer }))) return;
  }

  async leaveOutKinds(): Promise<void> {
    if (!(await this.#accepts({ onlyFaults: this.#result.struck }))) return;
    for (const name of faultNames) {
      const others = this.#struck.filter((id) => !id.startsWith(`${name}:`));
      if (others.length < this.#struck.length) await this.#accepts({ onlyFaults: others });
    }
  }

  /** Half of them, quarters, single ones: what can be left out is. */
  async leaveOutFaults(): Promise<void> {
    for (let size = Math.ceil(this.#struck.length / 2); size >= 1 && !this.#isOver; size = size >> 1)
      for (let at = 0; at < this.#struck.length && !this.#isOver;) {
        const others = this.#struck.toSpliced(at, size);
        if (!(await this.#accepts({ onlyFaults: others }))) at += size;
      }
  }

  get #struck(): readonly string[] {
    return this.#result.struck;
  }

  get #isOver(): boolean {
    return this.#runs >= this.#runsMax;
  }

  async #accepts(change: Partial<SimulationOptions>): Promise<boolean> {
    if (this.#isOver) return false;
    const options = { ...this.#options, ...change };
    const result = await this.#run(options);
    this.#runs++;
    if (result.violation?.invariant !== this.#result.violation!.invariant) return false;
    this.#options = options;
    this.#result = result;
    this.#progress(options, this.#runs);
    return true;
  }
}

/** Upwards, to a second: as it is written down. */
function rounded(hours: number): number {
  return Math.ceil(hours * 3600) / 3600;
}

const HOUR_MS = 3_600_000;
const HOURS = 0.1;
const HOURS_MIN = 5 / 3600;
const RUNS_MAX = 60;
const COUNTS = [5, 4, 3, 2, 1, 0];

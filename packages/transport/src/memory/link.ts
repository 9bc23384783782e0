import type { Clock, Random } from '@corral/runtime';
import type { NetworkFaults } from './faults.ts';
import type { Host } from './host.ts';

/** The way from one host to another. */
export class Link {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #faults: NetworkFaults;
  readonly #cuts: ReadonlySet<string>;
  readonly #delays: ReadonlyMap<string, number>;
  readonly #name: string;
  readonly windowBytes: number;

  constructor(
    clock: Clock,
    random: Random,
    faults: NetworkFaults,
    cuts: ReadonlySet<string>,
    delays: ReadonlyMap<string, number>,
    from: Host,
    to: Host,
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#faults = faults;
    this.#cuts = cuts;
    this.#delays = delays;
    this.#name = linkName(from, to);
    this.windowBytes = faults.windowBytes ?? WINDOW_BYTES;
  }

  get isCut(): boolean {
    return this.#cuts.has(this.#name);
  }

  /** When something sent now arrives. */
  arrival(): number {
    return this.#clock.monotonic() + this.#latencyMs();
  }

  hasArrived(time: number): boolean {
    return time <= this.#clock.monotonic();
  }

  /** Runs in a later turn, not before `time`. */
  at(time: number, task: () => void): void {
    const delay = time - this.#clock.monotonic();
    if (delay > 0) this.#clock.after(delay, task);
    else this.#clock.defer(task);
  }

  chunkSize(available: number): number {
    const max = this.#faults.chunkBytesMax;
    return max === undefined ? available : Math.min(available, 1 + this.#random.below(max));
  }

  #latencyMs(): number {
    const delayMs = this.#delays.size === 0 ? undefined : this.#delays.get(this.#name);
    return delayMs === undefined ? this.#usualMs() : this.#usualMs() + this.#random.below(delayMs + 1);
  }

  #usualMs(): number {
    const latency = this.#faults.latency ?? 0;
    if (typeof latency === 'number') return latency;
    return latency.minMs + this.#random.below(latency.maxMs - latency.minMs + 1);
  }
}

export function linkName(from: Host, to: Host): string {
  return `${from.ip} ${to.ip}`;
}

const WINDOW_BYTES = 64 * 1024;

import { PersistenceError } from '@corral/persistence';
import type { Random } from '@corral/runtime';
import type { SimulatedClock } from '@corral/runtime/simulated';
import type { SimulatedProcess } from './process.ts';

/** How a server's disk behaves for the moment. Every effect on it waits here first, which is also where crashes fall between two effects. */
export class DiskWeather {
  /** Of ordinary effects, in milliseconds. */
  latencyMaxMs = 3;
  /** Added to each effect while the disk is slow. */
  slownessMs = 0;
  /** So many of the next syncs fail; what they should have made durable is gone. */
  syncsToFail = 0;
  /** Syncs say that they are done, and have done nothing. */
  isLying = false;
  /** There is no room for anything more. */
  isFull = false;
  /** The process dies at the effect that counts this down to 0; below 0 it does not. */
  effectsToCrash = -1;
  onCrash: () => void = () => {};
  /** Effects so far. */
  effects = 0;
  process: SimulatedProcess | undefined = undefined;
  readonly #clock: SimulatedClock;
  readonly #random: Random;

  constructor(clock: SimulatedClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** @returns a promise that never resolves where the process dies at this point */
  effect(): Promise<void> {
    this.effects++;
    if (this.effectsToCrash >= 0 && this.effectsToCrash-- === 0) {
      this.onCrash();
      return new Promise(() => {});
    }
    const { process } = this;
    if (process === undefined) return Promise.resolve();
    if (process.isDead) return new Promise(() => {});
    const waitMs = this.#random.below(this.latencyMaxMs * 4) / 4 + this.slownessMs;
    return new Promise((resolve) => this.#clock.after(waitMs, () => process.run(resolve)));
  }

  /** Of a sync: whether this one is to fail. */
  takesFailure(): boolean {
    if (this.syncsToFail === 0) return false;
    this.syncsToFail--;
    return true;
  }

  /** It is as good a disk as it ever was. */
  clear(): void {
    this.slownessMs = this.syncsToFail = 0;
    this.isFull = this.isLying = false;
    this.effectsToCrash = -1;
  }
}

export function noSpace(): PersistenceError {
  return new PersistenceError('NO_SPACE', 'the simulated disk is full');
}

export function failedSync(): PersistenceError {
  return new PersistenceError('IO', 'the simulated disk failed');
}

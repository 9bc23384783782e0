import { requireEpoch, type Epochs } from '../epochs.ts';
import type { MemoryMedium } from './memory-medium.ts';

export class MemoryEpochs implements Epochs {
  readonly #medium: MemoryMedium;
  readonly #guard: () => void;

  constructor(medium: MemoryMedium, guard: () => void) {
    this.#medium = medium;
    this.#guard = guard;
  }

  get accepted(): number | undefined {
    return this.#medium.durable.accepted;
  }

  get current(): number | undefined {
    return this.#medium.durable.current;
  }

  async setAccepted(epoch: number): Promise<void> {
    this.#guard();
    requireEpoch(epoch, this.accepted, undefined);
    await this.#medium.beforeSync();
    this.#guard();
    this.#medium.durable.accepted = epoch;
  }

  async setCurrent(epoch: number): Promise<void> {
    this.#guard();
    requireEpoch(epoch, this.current, this.accepted ?? -1);
    await this.#medium.beforeSync();
    this.#guard();
    this.#medium.durable.current = epoch;
  }
}

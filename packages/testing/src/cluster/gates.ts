import { failedSync } from '../world/disk-weather.ts';

/** What a disk makes durable, each by itself. */
export type DiskEffect = 'log' | 'truncation' | 'snapshot' | 'acceptedEpoch' | 'currentEpoch';

/** Where the effects of one server's disk wait as long as they are held, and fail where they are to. */
export class Gates {
  readonly #held: Map<DiskEffect, (() => void)[]> = new Map();
  readonly #failures: Map<DiskEffect, number> = new Map();

  hold(effect: DiskEffect): void {
    if (!this.#held.has(effect)) this.#held.set(effect, []);
  }

  release(effect: DiskEffect): void {
    const waiting = this.#held.get(effect) ?? [];
    this.#held.delete(effect);
    for (const go of waiting) go();
  }

  /** Effects that wait now. */
  waiting(effect: DiskEffect): number {
    return this.#held.get(effect)?.length ?? 0;
  }

  /** The next `times` effects of this kind fail. */
  fail(effect: DiskEffect, times: number): void {
    this.#failures.set(effect, times);
  }

  async pass(effect: DiskEffect): Promise<void> {
    const waiting = this.#held.get(effect);
    if (waiting !== undefined) await new Promise<void>((go) => waiting.push(go));
    const failures = this.#failures.get(effect) ?? 0;
    if (failures === 0) return;
    this.#failures.set(effect, failures - 1);
    throw failedSync();
  }

  /** Who waited is dead, and nothing is held any more. */
  open(): void {
    this.#held.clear();
    this.#failures.clear();
  }
}

import { type Arena, later } from './arena.ts';
import type { Fault } from './faults/fault.ts';

/** Breaks things, one after another and some at once, as the dice say; and mends them all. */
export class Nemesis {
  readonly #arena: Arena;
  readonly #faults: readonly Fault[];
  readonly #everyMs: number;
  readonly #running = new Set<Promise<void>>();
  #isOver = false;

  constructor(arena: Arena, faults: readonly Fault[], everyMs: number) {
    this.#arena = arena;
    this.#faults = faults;
    this.#everyMs = everyMs;
  }

  /** Resolves when it has been told to stop and all is mended. */
  async run(): Promise<void> {
    const { dice } = this.#arena;
    const choices = this.#faults.map((fault) => [fault.weight, fault] as const);
    if (choices.length === 0) return;
    while (!this.#isOver) {
      await later(dice.between(0, 2 * this.#everyMs));
      this.#tend();
      const fault = dice.weighted(choices);
      this.#arena.takenMax = dice.chance(ALL_CHANCE) ? this.#arena.members.length : this.#arena.minority;
      if (this.#isOver) break;
      if (fault.isAlone === true) await this.#alone(fault);
      else this.#begin(fault);
    }
    await this.#calm();
  }

  stop(): void {
    this.#isOver = true;
  }

  #begin(fault: Fault): void {
    const done = fault
      .run(this.#arena)
      .catch((error: unknown) => this.#arena.trouble(`${fault.name}: ${String(error)}`))
      .finally(() => this.#running.delete(done));
    this.#running.add(done);
  }

  async #alone(fault: Fault): Promise<void> {
    await this.#calm();
    this.#tend();
    this.#begin(fault);
    await this.#calm();
  }

  async #calm(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Whoever has ended while nobody did anything to it should not have. */
  #tend(): void {
    for (const member of this.#arena.members) {
      if (member.isRunning || this.#arena.isTaken(member)) continue;
      this.#arena.trouble(`${member.name} has ended by itself (${member.exitText}): see ${member.logPath}`);
      member.launch();
    }
  }
}

/** Mostly a majority is left alone. */
const ALL_CHANCE = 0.2;

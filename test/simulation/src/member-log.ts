import type { SimulationOptions } from '@corral/testing';

type Entry = Parameters<NonNullable<SimulationOptions['log']>>;

/** What servers said last; put into words only where somebody reads it. */
export class MemberLog {
  readonly #entries: Entry[] = [];
  readonly #kept: number;

  constructor(kept: number) {
    this.#kept = kept;
  }

  readonly write = (...entry: Entry): void => {
    const [, level] = entry;
    if (level === 'debug' || level === 'trace') return;
    this.#entries.push(entry);
    if (this.#entries.length > 2 * this.#kept) this.#entries.splice(0, this.#kept);
  };

  get lines(): string[] {
    return this.#entries
      .slice(-this.#kept)
      .map(([sid, level, message, fields]) => `s${sid} ${level} ${message} ${textOf(fields)}`);
  }
}

function textOf(fields: object): string {
  return JSON.stringify(fields, (_, value: unknown) => {
    if (value instanceof Error) return value.stack;
    return typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
  });
}

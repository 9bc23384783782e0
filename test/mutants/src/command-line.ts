import { parseArgs } from 'node:util';
import type { Mutant } from './mutant.ts';
import { mutantCalled, mutants } from './mutants.ts';

export interface Command {
  readonly mutants: readonly Mutant[];
  /** For each, at most. */
  readonly cpuSeconds: number;
  readonly firstSeed: number;
  readonly jobs: number;
  readonly isTable: boolean;
  readonly isHelp: boolean;
}

/** @throws RangeError or TypeError that names the option */
export function readCommandLine(words: readonly string[]): Command {
  const { values } = parseArgs({ args: [...words], options: OPTIONS });
  return {
    mutants: values.only === undefined ? mutants : values.only.split(',').map(requireMutant),
    cpuSeconds: numberOf('minutes', values.minutes, 0.01, 1e6) * 60,
    firstSeed: wholeOf('seed', values.seed, 0, 2 ** 39),
    jobs: wholeOf('jobs', values.jobs, 1, 64),
    isTable: values.table,
    isHelp: values.help,
  };
}

export const HELP = `pnpm mutants [options]: switches each seeded bug on in turn, and runs storms until something notices it

  --only A,B     these mutants; their names are in docs/RELIABILITY.md
  --minutes M    so much processor time for each at most (5)
  --seed N       the first seed; the others follow it (1)
  --jobs N       processes (1)
  --table        prints the results as a table, too

Exit codes: 0 at least 95 of a hundred were noticed, 1 fewer, 2 an option makes no sense.`;

const OPTIONS = {
  only: { type: 'string' },
  minutes: { type: 'string', default: '5' },
  seed: { type: 'string', default: '1' },
  jobs: { type: 'string', default: '1' },
  table: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

function requireMutant(name: string): Mutant {
  try {
    return mutantCalled(name);
  } catch (cause) {
    throw new RangeError(`--only ${name}: it is no mutant`, { cause });
  }
}

function numberOf(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max))
    throw new RangeError(`--${name} ${text}: it is no number from ${min} to ${max}`);
  return value;
}

function wholeOf(name: string, text: string, min: number, max: number): number {
  const value = numberOf(name, text, min, max);
  if (!Number.isInteger(value)) throw new RangeError(`--${name} ${text}: it is no integer`);
  return value;
}

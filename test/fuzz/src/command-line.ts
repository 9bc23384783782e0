import { parseArgs } from 'node:util';
import type { Target } from './target.ts';

export interface Command {
  readonly targets: readonly Target[];
  /** Over all targets, by their weight. */
  readonly inputs: number;
  readonly seed: number;
  /** The index of the first. */
  readonly from: number;
  /** Of processor time, the same for each target; no more inputs then. */
  readonly minutes: number;
  readonly isHelp: boolean;
}

/** @throws RangeError or TypeError that names the option */
export function readCommandLine(words: readonly string[], targets: readonly Target[]): Command {
  const { values } = parseArgs({
    args: [...words],
    options: {
      inputs: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      only: { type: 'string' },
      from: { type: 'string', default: '0' },
      minutes: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    targets:
      values.only === undefined ? targets : values.only.split(',').map((name) => called(name, targets)),
    inputs: wholeOf('inputs', values.inputs, 1, 1e12),
    seed: wholeOf('seed', values.seed, 0, 2 ** 31),
    from: wholeOf('from', values.from, 0, 2 ** 31),
    minutes:
      values.minutes === undefined
        ? Number.POSITIVE_INFINITY
        : numberOf('minutes', values.minutes, 0.001, 1e6),
    isHelp: values.help,
  };
}

export function helpText(targets: readonly Target[]): string {
  return `npm run -s fuzz -- [options]: feeds every decoder with what nobody should send

  --inputs N     so many over all targets, by their weight (1000000)
  --minutes M    and so much processor time at most, the same for each target
  --seed N       everything random follows from it (the time)
  --only A,B     these targets:
                 ${targets
                   .map(({ name }) => name)
                   .join(', ')
                   .replace(/(.{60,75}?) /g, '$1\n                 ')}
  --from N       begins at a later input of the seed; --inputs 1 --from N repeats one

What finds something is kept in test/fuzz/cases, and tried again by every test run.
Exit codes: 0 nothing was found, 1 something was, 2 an option makes no sense.`;
}

function called(name: string, targets: readonly Target[]): Target {
  const target = targets.find((one) => one.name === name);
  if (target === undefined)
    throw new RangeError(`--only ${name}: it is none of ${targets.map((one) => one.name).join(', ')}`);
  return target;
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

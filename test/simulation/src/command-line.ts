import { parseArgs } from 'node:util';
import { faultNames, standardStorm } from '@corral/testing';
import { requireFaults, type Spec } from './spec.ts';
import { type StorageName, storages } from './storages.ts';

/** What the command is to do. */
export interface Command {
  /** The first simulation; the others differ by their seed. */
  readonly spec: Spec;
  readonly seedsMax: number;
  /** Of processor time, over all jobs. */
  readonly minutes: number;
  readonly lines: number;
  readonly mode: 'run' | 'shrink' | 'audit' | 'verify' | 'help';
  readonly jobs: number;
  /** Every fourth seed on files, the others in memory. */
  readonly isMixed: boolean;
  readonly manifest: string | undefined;
  readonly verify: string | undefined;
  /** Of a manifest, how many of a hundred seeds are run again. */
  readonly part: number;
  readonly runsMax: number;
}

/** @throws RangeError or TypeError that names the option */
export function readCommandLine(words: readonly string[]): Command {
  const { values } = parseArgs({ args: [...words], options: OPTIONS, allowNegative: true });
  const spec: Spec = {
    seed: numberOf('seed', values.seed, 0, 2 ** 39, true),
    servers: numberOf('servers', values.servers, 1, 31, true),
    observers: numberOf('observers', values.observers, 0, 31, true),
    clients: numberOf('clients', values.clients, 0, 1000, true),
    hours: numberOf('hours', values.hours ?? (values.audit ? '0.3' : '0.5'), 1 / 3600, 100_000),
    storage: storageOf(values.storage),
    storm: stormOf(values.storm),
    onlyFaults: faultsOf(values.only),
    checksHistory: values.history,
  };
  return {
    spec,
    seedsMax:
      values.seeds === undefined ? Number.POSITIVE_INFINITY : numberOf('seeds', values.seeds, 1, 1e9, true),
    minutes: numberOf('minutes', values.minutes, 0, 1e6),
    lines: numberOf('lines', values.lines, 0, 1e6, true),
    mode: modeOf(values),
    jobs: numberOf('jobs', values.jobs, 1, 64, true),
    isMixed: values.storage === 'both',
    manifest: values.manifest,
    verify: values.verify,
    part: numberOf('part', values.part.replace('%', ''), 0, 100),
    runsMax: numberOf('runs', values.runs, 1, 100_000, true),
  };
}

export const HELP = `pnpm simulate [options]: whole ensembles in storms of faults, one seed after another

  --seed N           the first seed; everything random follows from it (1)
  --seeds N          so many seeds at most
  --minutes M        so much processor time at most, over all jobs (1)
  --servers N        voters (5)
  --observers N      (1)
  --clients N        sessions (8)
  --hours H          simulated, of the storm of each seed (0.5; audits 0.3)
  --storage S        memory, file, or both: every fourth seed on files (memory)
  --storm NAME=N     the standard storm, but for this: faults an hour; may be repeated
                     ${faultNames.join(', ').replace(/(.{60,75}?) /g, '$1\n                     ')},
                     nearRolloverPercent, driftPercent, chunkBytesMax
  --only A:1,B:2     of all faults only these strike (deaths:3 is the third death); none: none
  --no-history       what the clients saw is not judged as a whole
  --lines N          of the trace and of the logs that a failure prints (80)

  --shrink           the seed fails: find what of it is enough, print that and how to run it again
  --runs N           so many simulations at most (60)

  --audit            many short seeds, the totals, and every violation
  --jobs N           processes (1)
  --manifest FILE    writes what each seed gave, for --verify
  --verify FILE      runs seeds of a manifest again; the same must come out
  --part P%          how many of them, drawn by chance (1%)

Exit codes: 0 all was well, 1 something was broken or differs, 2 an option makes no sense.`;

const OPTIONS = {
  seed: { type: 'string', default: '1' },
  seeds: { type: 'string' },
  minutes: { type: 'string', default: '1' },
  servers: { type: 'string', default: '5' },
  observers: { type: 'string', default: '1' },
  clients: { type: 'string', default: '8' },
  hours: { type: 'string' },
  storage: { type: 'string', default: 'memory' },
  storm: { type: 'string', multiple: true, default: [] as string[] },
  only: { type: 'string' },
  history: { type: 'boolean', default: true },
  lines: { type: 'string', default: '80' },
  shrink: { type: 'boolean', default: false },
  runs: { type: 'string', default: '60' },
  audit: { type: 'boolean', default: false },
  jobs: { type: 'string', default: '1' },
  manifest: { type: 'string' },
  verify: { type: 'string' },
  part: { type: 'string', default: '1%' },
  help: { type: 'boolean', default: false },
} as const;

interface Modes {
  readonly help: boolean;
  readonly shrink: boolean;
  readonly audit: boolean;
  readonly verify?: string | undefined;
}

function modeOf({ help, shrink, audit, verify }: Modes): Command['mode'] {
  if (help) return 'help';
  if (shrink) return 'shrink';
  if (audit) return 'audit';
  return verify === undefined ? 'run' : 'verify';
}

function numberOf(name: string, text: string, min: number, max: number, isWhole = false): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max) || (isWhole && !Number.isInteger(value)))
    throw new RangeError(
      `--${name} ${text}: it is no ${isWhole ? 'integer' : 'number'} from ${min} to ${max}`,
    );
  return value;
}

function storageOf(text: string): StorageName {
  if (text === 'both') return 'memory';
  if (!(text in storages))
    throw new RangeError(`--storage ${text}: it is none of ${[...Object.keys(storages), 'both'].join(', ')}`);
  return text as StorageName;
}

function stormOf(changes: readonly string[]): Spec['storm'] {
  const storm: Record<string, number> = {};
  for (const change of changes) {
    const [name = '', rate = ''] = change.split('=');
    if (!(name in standardStorm) || name === 'latency')
      throw new RangeError(`--storm ${change}: there is no fault ${name}`);
    storm[name] = numberOf(`storm ${name}`, rate, 0, 1e6);
  }
  return storm;
}

function faultsOf(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const ids = text === 'none' ? [] : text.split(',');
  requireFaults(ids);
  return ids;
}

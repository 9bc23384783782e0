import { parseArgs } from 'node:util';

export interface Options {
  readonly minutes: number;
  readonly servers: number;
  readonly clients: number;
  readonly seed: number;
  /** Names of faults; undefined: all that the machine is able to. */
  readonly faults: readonly string[] | undefined;
  /** Between two faults, on the average. */
  readonly everyMs: number;
  /** Requests a second. */
  readonly rate: number;
  readonly isApache: boolean;
  /** Corral's key `storage`. */
  readonly storage: 'file' | 'level';
  /** The run's folder is kept, whatever comes out. */
  readonly isKept: boolean;
}

export type Command =
  | { readonly word: 'run'; readonly options: Options }
  | { readonly word: 'clean' }
  | { readonly word: 'help' }
  | { readonly word: 'check'; readonly file: string; readonly expirySlackMs: number };

/** @throws RangeError or TypeError that names the option which is wrong */
export function readCommand(words: readonly string[], faultNames: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...words],
    options: {
      minutes: { type: 'string', default: '1' },
      servers: { type: 'string', default: '3' },
      clients: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      faults: { type: 'string' },
      'every-ms': { type: 'string', default: '1000' },
      rate: { type: 'string', default: '300' },
      storage: { type: 'string', default: 'file' },
      apache: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      clean: { type: 'boolean', default: false },
      check: { type: 'string' },
      'expiry-slack-ms': { type: 'string', default: '10000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return { word: 'help' };
  const slack = number('expiry-slack-ms', values['expiry-slack-ms'], 0, 1e9);
  if (values.check !== undefined) return { word: 'check', file: values.check, expirySlackMs: slack };
  if (values.clean) return { word: 'clean' };
  const faults = values.faults?.split(',').filter((name) => name !== '');
  const strange = faults?.find((name) => !faultNames.includes(name));
  if (strange !== undefined)
    throw new RangeError(`--faults ${strange}: it is none of ${faultNames.join(', ')}`);
  if (values.storage !== 'file' && values.storage !== 'level')
    throw new RangeError(`--storage ${values.storage}: it is file or level`);
  const servers = whole('servers', values.servers, 3, 9);
  if (servers % 2 === 0) throw new RangeError(`--servers ${servers}: it is an odd number`);
  return {
    word: 'run',
    options: {
      minutes: number('minutes', values.minutes, 0.1, 24 * 60),
      servers,
      clients: whole('clients', values.clients, 1, 1000),
      seed: whole('seed', values.seed, 0, 2 ** 31),
      faults,
      everyMs: number('every-ms', values['every-ms'], 10, 3_600_000),
      rate: number('rate', values.rate, 1, 1e6),
      isApache: values.apache,
      storage: values.storage,
      isKept: values.keep,
    },
  };
}

export function helpText(faultNames: readonly string[]): string {
  return `pnpm chaos [options]: real servers under faults, and the history checker over what their clients saw

  --minutes M            how long (1)
  --servers N            an odd number from 3 to 9 (3)
  --clients N            (10)
  --seed N               decides the faults that are drawn (the time)
  --faults A,B           these only; else all that the machine is able to:
                         ${faultNames.join(', ').replace(/(.{60,75}?) /g, '$1\n                         ')}
  --every-ms N           between two faults, on the average (1000)
  --rate N               requests a second (300)
  --storage S            file or level (file)
  --apache               Apache ZooKeeper 3.9 in place of Corral
  --keep                 the run's folder stays, whatever comes out

  --check FILE           a kept history before the checker again
  --expiry-slack-ms N    by so much sessions may seem to end too early (10000)
  --clean                what a killed run has left goes

Exit codes: 0 all was well, 1 something was not, 2 an option makes no sense, 130 interrupted.`;
}

function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max))
    throw new RangeError(`--${name} ${text}: it is a number from ${min} to ${max}`);
  return value;
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = number(name, text, min, max);
  if (!Number.isInteger(value)) throw new RangeError(`--${name} ${text}: it is a whole number`);
  return value;
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, StartFailure } from './exit-code.ts';

const words = [
  'start',
  'start-foreground',
  'stop',
  'restart',
  'status',
  'version',
  'print-cmd',
  'print-classpath',
  'check',
  'initialize',
  'ensemble',
] as const;
type Word = (typeof words)[number];

export interface CommandLine {
  readonly word: Word | 'help';
  /** Path of `zoo.cfg`; undefined: the embedded default. */
  readonly config: string | undefined;
  /** `-Dname=value`. */
  readonly flags: ReadonlyMap<string, string>;
  /** Of `ensemble`. */
  readonly ensemble: EnsemblePlan;
  /** Of `initialize`. */
  readonly initialization: Initialization;
}

export interface Initialization {
  readonly myid: number | undefined;
  readonly isForced: boolean;
}

/** An ensemble on this machine, to try one. */
export interface EnsemblePlan {
  /** How many members. */
  readonly size: number;
  /** Where each has a folder. */
  readonly folder: string;
  /** The first member's client port; the others have the next ones. */
  readonly port: number;
}

/**
 * `[-Dname=value]... [--config DIR] WORD [zoo.cfg]`, as `zkServer.sh` has it, or a path alone for
 * `start-foreground`. A name without a directory is looked for in DIR (or `$ZOOCFGDIR`) where one is given.
 *
 * @throws StartFailure with the usage
 */
export function parseCommandLine(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): CommandLine {
  const flags = new Map<string, string>();
  const rest: string[] = [];
  const ensemble = { size: 3, folder: 'ensemble', port: 2181 };
  const initialization = { myid: undefined as number | undefined, isForced: false };
  let named: string | undefined;
  let folder = environment['ZOOCFGDIR'];
  for (let i = 0; i < args.length; i++) {
    const [arg, joined] = split(args[i]!);
    const next = (): string | undefined => joined ?? args[++i];
    if (arg === '--help' || arg === '-h')
      return { word: 'help', config: undefined, flags, ensemble, initialization };
    if (arg === '--config') folder = next() ?? misuse('--config needs a directory');
    else if (arg === '--size') ensemble.size = numberOf(arg, next(), 1, MEMBERS_MAX);
    else if (arg === '--port') ensemble.port = numberOf(arg, next(), 1, PORT_MAX);
    else if (arg === '--dir') ensemble.folder = next() ?? misuse('--dir needs a directory');
    else if (arg === '--configfile') named = next() ?? misuse('--configfile needs a file');
    else if (arg === '--myid') initialization.myid = numberOf(arg, next(), 0, MYID_MAX);
    else if (arg === '--force') initialization.isForced = true;
    else if (arg.startsWith('-D')) addFlag(flags, arg.slice(2));
    else if (arg.startsWith('-')) misuse(`unknown option ${arg}`);
    else rest.push(arg);
  }
  const [first, second, ...more] = rest;
  if (first === undefined) misuse('what shall it do?');
  const word = words.find((each) => each === first);
  if (word === undefined && !isPath(first)) misuse(`unknown word ${first}`);
  if (more.length > 0 || (word === undefined && second !== undefined))
    misuse(`too many arguments: ${rest.join(' ')}`);
  const config = word === undefined ? first : (second ?? named);
  if (word === 'ensemble' && second !== undefined) misuse('an ensemble writes its own zoo.cfg files');
  return {
    word: word ?? 'start-foreground',
    config: locate(config, folder),
    flags,
    ensemble,
    initialization,
  };
}

export const usage = `Usage: corral-server [-Dname=value]... [--config DIR] WORD [zoo.cfg]
       corral-server path/to/zoo.cfg
       corral-server initialize [--configfile FILE] [--myid N] [--force]
       corral-server ensemble [--size N] [--port PORT] [--dir DIR]

  start-foreground  run here until SIGTERM or SIGINT; the log goes to standard error
  start             run in the background; process id and log are kept in dataDir
  stop              stop what start started
  restart           stop, then start
  status            print the mode of the running server; exit code 1 if none answers
  version           print the version
  print-cmd         print the command that start runs
  print-classpath   print the file that it runs
  check             say what is wrong with zoo.cfg, line by line; exit code 2 if a server would not start
  initialize        make empty directories for a new server, with its myid
  ensemble          run N members on this machine, to try an ensemble: client ports from PORT (2181) on,
                    data and logs under DIR (ensemble), until SIGTERM or SIGINT

Without zoo.cfg: data under ./data, port 2181, for this machine only.
-Dzookeeper.NAME=value sets what NAME=value sets in zoo.cfg, where the file does not say otherwise;
so does the environment variable CORRAL_NAME (CORRAL_TICK_TIME for tickTime).
`;

/** `--name=value` is `--name value`. */
function split(arg: string): [name: string, value: string | undefined] {
  const at = arg.startsWith('--') ? arg.indexOf('=') : -1;
  return at < 0 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
}

function addFlag(flags: Map<string, string>, text: string): void {
  const [name = '', ...value] = text.split('=');
  if (name === '') misuse('-D needs a name');
  flags.set(name, value.join('='));
}

function numberOf(name: string, text: string | undefined, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    misuse(`${name} needs a number from ${least} to ${most}`);
  return value;
}

function isPath(text: string): boolean {
  return text.includes('/') || text.endsWith('.cfg') || existsSync(text);
}

function locate(config: string | undefined, folder: string | undefined): string | undefined {
  if (folder === undefined || folder === '') return config;
  if (config === undefined) return join(folder, 'zoo.cfg');
  return config.includes('/') ? config : join(folder, config);
}

const MEMBERS_MAX = 9;
const PORT_MAX = 65_000;
const MYID_MAX = 2 ** 31 - 1;

function misuse(problem: string): never {
  throw new StartFailure(ExitCode.invalidInvocation, `${problem}\n${usage}`);
}

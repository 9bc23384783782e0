import { fileURLToPath } from 'node:url';
import type { Address } from '@corral/transport';
import {
  Argument,
  Command,
  CommanderError,
  InvalidArgumentError,
  Option,
  type OutputConfiguration,
} from 'commander';
import type { ClientContests } from './clients/client-comparison.ts';
import { contenderNames, contestNames, type ContenderName, type ContestName } from './clients/contender.ts';
import type { EnsembleOptions } from './ensemble.ts';
import type { Options } from './options.ts';
import { IN_FLIGHT_MAX } from './session.ts';
import { commonWorkloads, workloadNames, type WorkloadName } from './workload-names.ts';

export type Task = Run | Comparison | Fill | Failover | CatchUp | ClientTask;

export interface Run {
  readonly kind: 'run';
  readonly options: Options;
  readonly workloads: readonly WorkloadName[];
  readonly isJson: boolean;
}

export interface Comparison {
  readonly kind: 'compare';
  readonly first: Options;
  readonly second: Options;
  readonly workloads: readonly WorkloadName[];
  readonly rounds: number;
  readonly isJson: boolean;
}

export interface ClientTask {
  readonly kind: 'client';
  readonly contests: ClientContests;
  readonly isJson: boolean;
}

export interface Fill {
  readonly kind: 'fill';
  readonly options: Options;
  readonly nodes: number;
  readonly path: string;
}

export interface Failover {
  readonly kind: 'failover';
  readonly ensemble: EnsembleOptions;
  readonly kills: number;
  readonly isJson: boolean;
}

export interface CatchUp {
  readonly kind: 'catch-up';
  readonly ensemble: EnsembleOptions;
  /** Transactions that the server misses. */
  readonly missed: number;
  readonly keys: number;
  readonly bytes: number;
  readonly rounds: number;
  readonly isJson: boolean;
}

/** What to do; or the exit code, where help was asked for (0) or something makes no sense (2). */
export function parseCommandLine(args: readonly string[], output: OutputConfiguration): Task | number {
  let task: Task | undefined;
  try {
    program(output, (parsed) => (task = parsed)).parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_MISUSE;
  }
  return task ?? EXIT_MISUSE;
}

const EXIT_MISUSE = 2;

function program(output: OutputConfiguration, then: (task: Task) => void): Command {
  const root = new Command('corral-bench')
    .description('Loads a ZooKeeper server and says how fast it answered.')
    .configureOutput(output)
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
    .exitOverride()
    .helpCommand(true)
    .showHelpAfterError('corral-bench --help says what there is')
    .argument('<servers>', 'HOST:PORT[,HOST:PORT...]: connections are spread over them', addressesOf)
    .addArgument(workloadsArgument())
    .option('-c, --connections <n>', 'sessions', integer(1, 65_535), 50)
    .option('-d, --depth <n>', 'requests each of them keeps in flight', integer(1, IN_FLIGHT_MAX), 1)
    .option('-b, --bytes <n>', 'size of node data', integer(0, 1_000_000), 100)
    .option('-k, --keys <n>', 'nodes that requests are spread over', integer(1, 10_000_000), 1000)
    .option('-t, --seconds <s>', 'how long each workload is measured', numeric(0.01, 3600), 5)
    .option('-u, --warmup <s>', 'seconds before that', numeric(0, 3600), 1)
    .option('-r, --reads <percent>', 'reads among the requests of mixed', numeric(0, 100), 90)
    .option('-w, --write-rate <n>', 'writes per second of snapshot-pause', integer(1, 100_000), 5000)
    .option('--json', 'one JSON object per line instead of a table', false)
    .addHelpText('after', WORKLOADS_HELP)
    .action((servers: Address[], workloads: WorkloadName[]) => {
      then({ kind: 'run', options: optionsFrom(root, servers), workloads, isJson: isJson(root) });
    });
  root
    .command('compare')
    .description('the same workloads on two servers, pair by pair; ratios are second to first')
    .argument('<first>', 'HOST:PORT[,HOST:PORT...]', addressesOf)
    .argument('<second>', 'HOST:PORT[,HOST:PORT...]', addressesOf)
    .addArgument(workloadsArgument())
    .option('-n, --rounds <n>', 'pairs per workload; the median counts', integer(1, 100), 5)
    .action(
      (first: Address[], second: Address[], workloads: WorkloadName[], { rounds }: { rounds: number }) => {
        then({
          kind: 'compare',
          first: optionsFrom(root, first),
          second: optionsFrom(root, second),
          workloads,
          rounds,
          isJson: isJson(root),
        });
      },
    );
  root
    .command('fill')
    .description('makes nodes of --bytes each, and leaves them there')
    .argument('<servers>', 'HOST:PORT[,HOST:PORT...]', addressesOf)
    .argument('<nodes>', 'how many', integer(1, 100_000_000))
    .option('-p, --path <path>', 'the node that they stand below', pathOf, '/corral-bench-fill')
    .action((servers: Address[], nodes: number, { path }: { path: string }) => {
      then({ kind: 'fill', options: optionsFrom(root, servers), nodes, path });
    });
  clientCommand(root, then);
  const failover = root
    .command('failover')
    .description('kills the leader of an ensemble it starts itself, and says how long nobody could write')
    .argument('<launcher>', 'runs one server in the foreground; the path of its zoo.cfg is added', wordsOf)
    .option('-n, --kills <n>', 'how often', integer(1, 1000), 10);
  ensembleOptions(failover, 5, 500).action((launcher: string[]) => {
    const { kills } = failover.opts<{ kills: number }>();
    then({
      kind: 'failover',
      ensemble: ensembleFrom(failover, launcher),
      kills,
      isJson: isJson(root),
    });
  });
  const catchUp = root
    .command('catch-up')
    .description('how long a server of an ensemble it starts itself needs to get what it missed')
    .argument('<launcher>', 'runs one server in the foreground; the path of its zoo.cfg is added', wordsOf)
    .option('-m, --missed <n>', 'transactions', integer(1, 10_000_000), 100_000)
    .option('-n, --rounds <n>', 'how often', integer(1, 100), 3);
  ensembleOptions(catchUp, 3, 2000).action((launcher: string[]) => {
    const { missed, rounds } = catchUp.opts<{ missed: number; rounds: number }>();
    const { keys, bytes } = root.opts<{ keys: number; bytes: number }>();
    then({
      kind: 'catch-up',
      ensemble: ensembleFrom(catchUp, launcher),
      missed,
      keys,
      bytes,
      rounds,
      isJson: isJson(root),
    });
  });
  return root;
}

function clientCommand(root: Command, then: (task: Task) => void): void {
  root
    .command('client')
    .description(
      'client libraries side by side, each in a process of its own; ratios are corral to the other',
    )
    .argument('<server>', 'HOST:PORT', (text) => addressesOf(text)[0]!)
    .addArgument(
      new Argument('[contests...]', 'all when none is named')
        .choices(contestNames)
        .default(contestNames, 'all'),
    )
    .option('-f, --in-flight <n...>', 'requests in flight', collect(integer(1, IN_FLIGHT_MAX)), [1, 1000])
    .addOption(
      new Option('--beside <client...>', 'the other clients').choices(contenderNames).default(contenderNames),
    )
    .option('-n, --rounds <n>', 'rounds per contest; the median counts', integer(1, 100), 5)
    .option('--node <path>', 'the Node that runs them', process.execPath)
    .option('--packages <folder>', 'where the packages of the other clients are found', OWN_FOLDER)
    .action((server: Address, contests: ContestName[], options: ClientOptions) => {
      const { keys, bytes, seconds, warmup } = root.opts<Record<string, number>>();
      const { inFlight, beside, rounds, node, packages } = options;
      then({
        kind: 'client',
        contests: {
          server: `${server.host}:${server.port}`,
          contenders: beside,
          contests,
          inFlight,
          rounds,
          bytes: bytes!,
          keys: keys!,
          seconds: seconds!,
          warmupSeconds: warmup!,
          node,
          packages,
        },
        isJson: isJson(root),
      });
    });
}

interface ClientOptions {
  readonly inFlight: readonly number[];
  readonly beside: readonly ContenderName[];
  readonly rounds: number;
  readonly node: string;
  readonly packages: string;
}

/** The first value takes the place of the default. */
function collect(parse: (text: string) => number): (text: string, before: readonly number[]) => number[] {
  const values: number[] = [];
  return (text) => {
    values.push(parse(text));
    return values;
  };
}

const OWN_FOLDER = fileURLToPath(new URL('..', import.meta.url));

function ensembleOptions(command: Command, size: number, tickTime: number): Command {
  return command
    .option('--size <n>', 'servers', integer(3, 15), size)
    .option('--tick-time <ms>', 'their tickTime', integer(10, 60_000), tickTime)
    .option('--set <key=value...>', 'more lines for zoo.cfg');
}

function ensembleFrom(command: Command, launcher: readonly string[]): EnsembleOptions {
  const { size, tickTime, set } = command.opts<{ size: number; tickTime: number; set?: string[] }>();
  return { launcher, size, tickTimeMs: tickTime, lines: set ?? [] };
}

function wordsOf(text: string): string[] {
  const words = text.split(' ').filter(Boolean);
  if (words.length === 0) throw new InvalidArgumentError('It must be a command.');
  return words;
}

const WORKLOADS_HELP = `
Workloads:
  read            getData of a random key
  exists          exists of a random key
  set             setData of a random key
  create          create of a new persistent node
  createdelete    create of a new node and delete of it, in turn
  mixed           getData, and setData for the rest of --reads percent
  children        getChildren of the node that holds all keys
  watch           one writer; every other session gets the event and watches again.
                  A latency is from the write to the arrival of an event
  connect         sessions opened, as many at once as there are connections, then closed.
                  A latency is from the dial to the session
  snapshot-pause  read, while one session writes at --write-rate so that the server takes snapshots; not among those
                  that run when none is named. The median and the worst second stand beside the whole

All nodes are made below one node of the run's own, and removed at its end.`;

function workloadsArgument(): Argument {
  return new Argument('[workloads...]', 'all but snapshot-pause when none is named')
    .choices(workloadNames)
    .default(commonWorkloads, 'all but snapshot-pause');
}

function optionsFrom(root: Command, servers: Address[]): Options {
  const { connections, depth, bytes, keys, seconds, warmup, reads, writeRate } =
    root.opts<Record<string, number>>();
  return {
    servers,
    connections: connections!,
    depth: depth!,
    bytes: bytes!,
    keys: keys!,
    seconds: seconds!,
    warmupSeconds: warmup!,
    readPercent: reads!,
    writesPerSecond: writeRate!,
  };
}

function isJson(root: Command): boolean {
  return root.opts<{ json: boolean }>().json;
}

function addressesOf(text: string): Address[] {
  return text.split(',').map((each) => {
    const [, bracketed, plain, port = '2181'] = /^(?:\[(.+)\]|([^:[\]]+))(?::(\d+))?$/.exec(each) ?? [];
    const host = bracketed ?? plain;
    if (host === undefined) throw new InvalidArgumentError(`${each} is no server address.`);
    return { host, port: integer(1, 65_535)(port) };
  });
}

function pathOf(text: string): string {
  if (!/^(\/[^/]+)+$/.test(text))
    throw new InvalidArgumentError('It must begin with a slash and not end with one.');
  return text;
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = numeric(min, max)(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
    return value;
  };
}

function numeric(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`It must be ${min} to ${max}.`);
    return value;
  };
}

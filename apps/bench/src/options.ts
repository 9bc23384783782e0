import { parseArgs } from 'node:util';
import type { Address } from '@corral/transport';
import { IN_FLIGHT_MAX } from './session.ts';
import { workloadNames, type WorkloadName } from './workload-names.ts';

export interface Options {
  readonly servers: readonly Address[];
  readonly workloads: readonly WorkloadName[];
  readonly connections: number;
  /** Requests each connection keeps in flight. */
  readonly depth: number;
  /** Of node data. */
  readonly bytes: number;
  /** Nodes that reads and writes are spread over. */
  readonly keys: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Of `mixed`. */
  readonly readPercent: number;
  readonly isJson: boolean;
}

export const usage = `Usage: corral-bench [options] HOST:PORT[,HOST:PORT...] [WORKLOAD...]

Loads a ZooKeeper server and says how fast it answered. Connections are spread over the servers named.

  -c, --connections N   sessions (50)
  -d, --depth N         requests each of them keeps in flight (1)
  -b, --bytes N         size of node data (100)
  -k, --keys N          nodes that requests are spread over (1000)
  -t, --seconds N       how long each workload is measured (5)
  -u, --warmup N        seconds before that (1)
  -r, --reads PERCENT   reads among the requests of mixed (90)
      --json            one JSON object per workload instead of a table
      --help

Workloads (default: all of them)
  read       getData                      exists     exists
  set        setData                      create     create, persistent
  mixed      getData and setData          children   getChildren of the node that holds all keys
  watch      one writer; every other session gets the event and watches again. A latency is from the write to an event
  connect    sessions opened, as many at once as there are connections, then closed. A latency is from dial to session

All nodes are made below one node of the run's own, and removed at its end.
`;

/** @throws TypeError or RangeError with a sentence about what makes no sense; undefined when help is asked for */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      connections: { type: 'string', short: 'c', default: '50' },
      depth: { type: 'string', short: 'd', default: '1' },
      bytes: { type: 'string', short: 'b', default: '100' },
      keys: { type: 'string', short: 'k', default: '1000' },
      seconds: { type: 'string', short: 't', default: '5' },
      warmup: { type: 'string', short: 'u', default: '1' },
      reads: { type: 'string', short: 'r', default: '90' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const [servers, ...workloads] = positionals;
  if (servers === undefined) throw new TypeError('which server?');
  return {
    servers: servers.split(',').map(addressOf),
    workloads: workloads.length === 0 ? workloadNames : workloads.map(workloadOf),
    connections: numberOf('connections', values.connections, 1, 65_535),
    depth: numberOf('depth', values.depth, 1, IN_FLIGHT_MAX),
    bytes: numberOf('bytes', values.bytes, 0, 1_000_000),
    keys: numberOf('keys', values.keys, 1, 10_000_000),
    seconds: numberOf('seconds', values.seconds, 0.01, 3600),
    warmupSeconds: numberOf('warmup', values.warmup, 0, 3600),
    readPercent: numberOf('reads', values.reads, 0, 100),
    isJson: values.json,
  };
}

function addressOf(text: string): Address {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new TypeError(`${text} is no server address`);
  return { host, port: port === undefined ? 2181 : numberOf('port', port, 1, 65_535) };
}

function workloadOf(text: string): WorkloadName {
  const name = workloadNames.find((each) => each === text);
  if (name === undefined) throw new TypeError(`unknown workload ${text}`);
  return name;
}

function numberOf(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!(value >= min && value <= max)) throw new RangeError(`${name} ${text}: it must be ${min} to ${max}`);
  return value;
}

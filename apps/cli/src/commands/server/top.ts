import { setTimeout as pause } from 'node:timers/promises';
import type { ServerAddress } from '@corral/client';
import type { Command } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { askForWord } from '../../four-letter-word.ts';
import { numberOf } from '../../numbers.ts';
import { namedValues, oneLine, serverName, serversOf } from '../../servers.ts';
import { connectionLines } from '../../session-words.ts';
import { table } from '../../table.ts';

export const top: Command = {
  names: ['top'],
  group: 'server',
  usage: '[--interval ms] [-n count] [--admin-port port]',
  summary: 'a table of all servers that is drawn anew: load, latency, who asks most, for which paths',
  flags: [
    { name: '--interval', value: 'ms', summary: 'between two looks; default 2000' },
    { name: '-n', value: 'count', summary: 'ends after so many looks; default at Ctrl-C' },
    {
      name: '--admin-port',
      value: 'port',
      summary: 'of the AdminServers, which know paths and operations; default 8080',
    },
  ],
  operands: [],
  example: '-s zk1,zk2,zk3 top',
  needsSession: false,
  async run(call) {
    const { connection, words, out, settings, signal } = call;
    const intervalMs = numberOf(words, '--interval', 10, 3_600_000) ?? 2000;
    const looksMax = numberOf(words, '-n', 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY;
    const adminPort = numberOf(words, '--admin-port', 1, 0xffff) ?? 8080;
    const servers = await serversOf(connection.hosts);
    let before: readonly Look[] = [];
    for (let looks = 0; ;) {
      const now = await Promise.all(servers.map((server) => look(server, adminPort, signal)));
      signal.throwIfAborted();
      if (now.every(({ problem }) => problem !== undefined))
        throw new CommandError(ExitCode.connection, `no server answers: ${now[0]?.problem}`);
      const picture = now.map((one) =>
        rated(
          one,
          before.find(({ server }) => server === one.server),
        ),
      );
      if (settings.isInteractive && !settings.isJson) out.raw(CLEAR);
      for (const one of picture) out.json(one);
      for (const line of drawn(picture)) out.line(line);
      await out.drained();
      if (++looks >= looksMax) return;
      before = now;
      if (!settings.isInteractive) out.line('');
      // What it rejects with is not the reason.
      await pause(intervalMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  },
};

/** What one server says at one moment. */
interface Look {
  readonly server: string;
  readonly problem: string | undefined;
  readonly atMs: number;
  readonly figures: ReadonlyMap<string, string>;
  /** Requests of each session so far. */
  readonly sessions: ReadonlyMap<string, { readonly client: string; readonly requests: number }>;
  readonly heaviest: Heaviest | undefined;
}

/** Of the AdminServer's `top`; Apache's has none. */
interface Heaviest {
  readonly paths: readonly Heavy[];
  readonly operations: readonly Heavy[];
}

interface Heavy {
  readonly key: string;
  readonly perSecond: number;
}

async function look(address: ServerAddress, adminPort: number, signal: AbortSignal): Promise<Look> {
  const server = serverName(address);
  const atMs = performance.now();
  const ask = (word: string): Promise<string> => askForWord(address, word, ANSWER_LIMIT_MS, signal);
  try {
    const [mntr, cons, heaviest] = await Promise.all([
      ask('mntr'),
      ask('cons').catch(() => ''),
      heaviestOf(address, adminPort, signal),
    ]);
    const figures = namedValues(mntr, '\t');
    const sessions = new Map(
      connectionLines(cons)
        .filter(({ session }) => session !== '')
        .map(({ session, client, values }) => [
          session,
          { client, requests: Number(values.get('recved') ?? 0) },
        ]),
    );
    const problem = figures.has('zk_server_state') ? undefined : oneLine(mntr) || 'ended without an answer';
    return { server, problem, atMs, figures, sessions, heaviest };
  } catch (error) {
    const problem = oneLine(error instanceof Error ? error.message : String(error));
    return { server, problem, atMs, figures: new Map(), sessions: new Map(), heaviest: undefined };
  }
}

/** Most are open to their own machine only, and Apache's does not know it. */
async function heaviestOf(
  { host }: ServerAddress,
  port: number,
  signal: AbortSignal,
): Promise<Heaviest | undefined> {
  const name = host.includes(':') ? `[${host}]` : host;
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
    const answer = await fetch(`http://${name}:${port}/commands/top`, { signal: limited, redirect: 'error' });
    const said = (await answer.json()) as { readonly [key: string]: unknown };
    const seconds = Number(said['window_ms']) / 1000;
    const heaviest = {
      paths: heavy(said['paths'], 'path', seconds),
      operations: heavy(said['operations'], 'operation', seconds),
    };
    return heaviest.paths.length + heaviest.operations.length > 0 ? heaviest : undefined;
  } catch {
    return undefined;
  }
}

/** What a stranger calls the heaviest: nothing of it is believed before it is looked at. */
function heavy(value: unknown, what: string, seconds: number): readonly Heavy[] {
  if (!Array.isArray(value) || !(seconds > 0)) return [];
  return value.slice(0, HEAVIEST_SHOWN).flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return [];
    const { [what]: key, requests } = one as { readonly [name: string]: unknown };
    return typeof key === 'string' && typeof requests === 'number'
      ? [{ key: oneLine(key), perSecond: requests / seconds }]
      : [];
  });
}

/** One server in the picture. Rates are per second since the look before, and unknown in the first. */
interface Rated {
  readonly server: string;
  readonly problem?: string;
  readonly mode?: string;
  readonly connections?: number;
  readonly receivedPerSecond?: number;
  readonly sentPerSecond?: number;
  readonly outstanding?: number;
  /** Milliseconds. */
  readonly averageLatency?: number;
  readonly maxLatency?: number;
  readonly fsyncP99?: number;
  readonly nodes?: number;
  readonly watches?: number;
  readonly clients?: readonly {
    readonly session: string;
    readonly client: string;
    readonly perSecond: number;
  }[];
  readonly paths?: readonly Heavy[];
  readonly operations?: readonly Heavy[];
}

function rated(now: Look, before: Look | undefined): Rated {
  const { server, problem, figures, sessions, heaviest } = now;
  if (problem !== undefined) return { server, problem };
  const seconds = before === undefined ? 0 : (now.atMs - before.atMs) / 1000;
  const figure = (name: string): number => Number(figures.get(name) ?? Number.NaN);
  const rate = (name: string): object => {
    const was = Number(before?.figures.get(name) ?? Number.NaN);
    const difference = figure(name) - was;
    // Counters that went back were begun anew.
    return seconds > 0 && difference >= 0 ? { [RATE_NAMES[name]!]: difference / seconds } : {};
  };
  const clients = [...sessions]
    .flatMap(([session, { client, requests }]) => {
      const was = before?.sessions.get(session)?.requests;
      return was === undefined || seconds <= 0
        ? []
        : [{ session, client, perSecond: Math.max(0, requests - was) / seconds }];
    })
    .toSorted((a, b) => b.perSecond - a.perSecond)
    .slice(0, HEAVIEST_SHOWN);
  return {
    server,
    mode: figures.get('zk_server_state') ?? '?',
    connections: figure('zk_num_alive_connections'),
    ...rate('zk_packets_received'),
    ...rate('zk_packets_sent'),
    outstanding: figure('zk_outstanding_requests'),
    averageLatency: figure('zk_avg_latency'),
    maxLatency: figure('zk_max_latency'),
    fsyncP99: figure('zk_p99_fsynctime'),
    nodes: figure('zk_znode_count'),
    watches: figure('zk_watch_count'),
    clients,
    ...heaviest,
  };
}

function drawn(picture: readonly Rated[]): readonly string[] {
  const rows = picture.map((one) =>
    one.problem === undefined
      ? [
          one.server,
          one.mode,
          ...[
            one.connections,
            one.receivedPerSecond,
            one.sentPerSecond,
            one.outstanding,
            one.averageLatency,
            one.maxLatency,
            one.nodes,
            one.watches,
          ].map(numberText),
        ]
      : [one.server, '-', one.problem],
  );
  const clients = picture.flatMap(({ server, clients: own = [] }) =>
    own.map(({ session, client, perSecond }) => ({
      perSecond,
      row: [numberText(perSecond), session, client, server],
    })),
  );
  const byRate = clients
    .filter(({ perSecond }) => perSecond > 0)
    .toSorted((a, b) => b.perSecond - a.perSecond)
    .slice(0, HEAVIEST_SHOWN);
  return [
    ...table(HEADINGS, rows),
    ...section(
      ['REQ/S', 'SESSION', 'CLIENT', 'SERVER'],
      byRate.map(({ row }) => row),
    ),
    ...section(['REQ/S', 'PATH'], heaviestRows(picture.flatMap(({ paths = [] }) => paths))),
    ...section(['REQ/S', 'OPERATION'], heaviestRows(picture.flatMap(({ operations = [] }) => operations))),
  ];
}

/** Of all servers together. */
function heaviestRows(all: readonly Heavy[]): readonly (readonly string[])[] {
  const sums = new Map<string, number>();
  for (const { key, perSecond } of all) sums.set(key, (sums.get(key) ?? 0) + perSecond);
  return [...sums]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, HEAVIEST_SHOWN)
    .map(([key, perSecond]) => [numberText(perSecond), key]);
}

function section(headings: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : ['', ...table(headings, rows)];
}

function numberText(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '-';
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
}

const HEADINGS = [
  'SERVER',
  'MODE',
  'CONN',
  'IN/S',
  'OUT/S',
  'WAITING',
  'AVGLAT',
  'MAXLAT',
  'NODES',
  'WATCHES',
];
const RATE_NAMES: Readonly<Record<string, string>> = {
  zk_packets_received: 'receivedPerSecond',
  zk_packets_sent: 'sentPerSecond',
};
const HEAVIEST_SHOWN = 10;
const ANSWER_LIMIT_MS = 3000;
/** Cursor home, and everything below it away: what was scrolled up stays. */
const CLEAR = new TextEncoder().encode('\x1b[H\x1b[J');

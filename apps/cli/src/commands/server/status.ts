import type { ServerAddress } from '@corral/client';
import type { Command } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { askForWord } from '../../four-letter-word.ts';
import { numberOf } from '../../numbers.ts';
import { namedValues, oneLine, serverName, serversOf } from '../../servers.ts';
import { table } from '../../table.ts';

export const status: Command = {
  names: ['status'],
  group: 'server',
  usage: '[--within ms]',
  summary: 'each server of the connect string: what it is, its zxid, its load (asks with srvr)',
  flags: [{ name: '--within', value: 'ms', summary: 'how long a server has to answer; default 3000' }],
  operands: [],
  needsSession: false,
  async run({ connection, words, out, signal }) {
    const withinMs = numberOf(words, '--within', 1, 3_600_000) ?? 3000;
    const servers = await serversOf(connection.hosts);
    const all = await Promise.all(servers.map((server) => statusOf(server, withinMs, signal)));
    signal.throwIfAborted();
    const rows = all.map(({ server, mode, problem, zxid, connections, latency, nodes, version }) =>
      problem === undefined
        ? [server, mode, zxid, connections, latency, nodes, version]
        : [server, '-', problem],
    );
    for (const line of table(HEADINGS, rows)) out.line(line);
    for (const one of all) out.json(one);
    if (all.every(({ problem }) => problem !== undefined))
      throw new CommandError(ExitCode.connection, 'no server serves');
  },
};

/** As `srvr` says it; nothing but `server` and `problem` where it does not serve. */
interface ServerStatus {
  readonly server: string;
  readonly problem?: string;
  readonly mode?: string;
  readonly version?: string;
  readonly zxid?: string;
  /** Milliseconds: min/avg/max. */
  readonly latency?: string;
  readonly connections?: string;
  readonly outstanding?: string;
  readonly nodes?: string;
}

async function statusOf(
  address: ServerAddress,
  withinMs: number,
  signal: AbortSignal,
): Promise<ServerStatus> {
  const server = serverName(address);
  let answer: string;
  try {
    answer = await askForWord(address, 'srvr', withinMs, signal);
  } catch (error) {
    return { server, problem: oneLine(error instanceof Error ? error.message : String(error)) };
  }
  const lines = namedValues(answer, ': ');
  const mode = lines.get('Mode');
  // It says why: it does not serve (yet), or srvr is not in its whitelist.
  if (mode === undefined) return { server, problem: oneLine(answer) || 'ended without an answer' };
  return {
    server,
    mode,
    version: lines.get('Zookeeper version')?.replace(/,.*/, '') ?? '',
    zxid: lines.get('Zxid') ?? '',
    latency: lines.get('Latency min/avg/max') ?? '',
    connections: lines.get('Connections') ?? '',
    outstanding: lines.get('Outstanding') ?? '',
    nodes: lines.get('Node count') ?? '',
  };
}

const HEADINGS = ['SERVER', 'MODE', 'ZXID', 'CONNECTIONS', 'LATENCY', 'NODES', 'VERSION'];

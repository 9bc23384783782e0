import type { ServerAddress } from '@corral/client';
import type { Call, Command } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { askForWord } from '../../four-letter-word.ts';
import { numberOf } from '../../numbers.ts';
import { oneLine, serverName, serversOf } from '../../servers.ts';
import { connectionLines, pathsBySession } from '../../session-words.ts';
import { table } from '../../table.ts';

const WITHIN = { name: '--within', value: 'ms', summary: 'how long a server has to answer; default 10000' };

export const sessions: Command = {
  names: ['sessions'],
  group: 'server',
  usage: '[--within ms]',
  summary: 'who is connected to each server, those that ask most first (asks with cons and dump)',
  flags: [WITHIN],
  operands: [],
  example: '-s zk1,zk2,zk3 sessions',
  needsSession: false,
  async run(call) {
    const { out } = call;
    const rows: SessionRow[] = [];
    const ephemerals = new Map<string, number>();
    await each(call, ['cons', 'dump'], (server, cons, dump) => {
      // Every server knows all ephemeral nodes.
      for (const [session, paths] of pathsBySession(dump)) ephemerals.set(session, paths.length);
      for (const { client, session, values } of connectionLines(cons))
        if (session !== '') rows.push({ server, client, session, values });
    });
    rows.sort((a, b) => Number(b.values.get('recved') ?? 0) - Number(a.values.get('recved') ?? 0));
    const shown = rows.map(({ server, client, session, values }) => {
      const of = (name: string): string => values.get(name) ?? '-';
      return {
        session,
        server,
        client,
        timeout: of('to'),
        requests: of('recved'),
        queued: of('queued'),
        maxLatency: of('maxlat'),
        lastOperation: of('lop'),
        ephemerals: String(ephemerals.get(session) ?? 0),
      };
    });
    for (const row of shown) out.json(row);
    for (const line of table(
      HEADINGS,
      shown.map((row) => Object.values(row)),
    ))
      out.line(line);
  },
};

export const who: Command = {
  names: ['who'],
  group: 'server',
  usage: '[--within ms] session',
  summary:
    'a session: where it is connected, its ephemeral nodes and watches (asks with cons, dump and wchc)',
  flags: [WITHIN],
  operands: [{ name: 'session', kind: 'word' }],
  example: 'who 0x100000a51b20000',
  needsSession: false,
  async run(call) {
    const { out, words } = call;
    const session = sessionOf(words.operands[0]!);
    let isFound = false;
    const ephemerals = new Set<string>();
    await each(call, ['cons', 'dump', 'wchc'], (server, cons, dump, wchc) => {
      const paths = pathsBySession(dump).get(session) ?? [];
      const watches = pathsBySession(wchc).get(session) ?? [];
      for (const path of paths) ephemerals.add(path);
      isFound ||= paths.length > 0;
      for (const line of connectionLines(cons)) {
        if (line.session !== session) continue;
        isFound = true;
        out.line(`${session} is connected to ${server} from ${line.client}`);
        for (const [name, value] of line.values) if (name !== 'sid') out.line(`  ${name}=${value}`);
        for (const path of watches) out.line(`watches ${path}`);
        out.json({ session, server, client: line.client, ...Object.fromEntries(line.values), watches });
      }
    });
    if (!isFound) throw new CommandError(ExitCode.noNode, `no server that was asked knows ${session}`);
    for (const path of ephemerals) out.line(`holds ${path}`);
    if (ephemerals.size > 0) out.json({ session, ephemerals: [...ephemerals] });
  },
};

interface SessionRow {
  readonly server: string;
  readonly client: string;
  readonly session: string;
  readonly values: ReadonlyMap<string, string>;
}

/** Asks all servers at once; what a server does not say is told, and empty. @throws CommandError where none answers */
async function each(
  { connection, words, out, signal }: Call,
  questions: readonly string[],
  onAnswers: (server: string, ...answers: readonly string[]) => void,
): Promise<void> {
  const withinMs = numberOf(words, '--within', 1, 3_600_000) ?? 10_000;
  const servers = await serversOf(connection.hosts);
  const all = await Promise.all(
    servers.map((server) => Promise.all(questions.map((word) => answerOf(server, word, withinMs, signal)))),
  );
  signal.throwIfAborted();
  for (const [index, answers] of all.entries()) {
    const server = serverName(servers[index]!);
    const problems = new Set(answers.flatMap(({ problem }) => problem ?? []));
    for (const problem of problems) out.note(`${server}: ${problem}`);
    onAnswers(server, ...answers.map(({ text }) => text));
  }
  if (all.every((answers) => answers.every(({ problem }) => problem !== undefined)))
    throw new CommandError(ExitCode.connection, 'no server answers');
}

async function answerOf(
  server: ServerAddress,
  word: string,
  withinMs: number,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly problem: string | undefined }> {
  try {
    const text = await askForWord(server, word, withinMs, signal);
    const isRefused = text.includes('is not executed because') || text.includes('not currently serving');
    return isRefused ? { text: '', problem: oneLine(text) } : { text, problem: undefined };
  } catch (error) {
    return { text: '', problem: oneLine(error instanceof Error ? error.message : String(error)) };
  }
}

/** `0x1000`, as servers write it; without `0x` it may be typed, too. */
function sessionOf(text: string): string {
  const match = /^(?:0x)?0*([\da-f]{1,16})$/i.exec(text);
  if (match === null) throw new CommandError(ExitCode.usage, `${text} is no session: 0x and up to 16 digits`);
  return `0x${match[1]!.toLowerCase()}`;
}

const HEADINGS = [
  'SESSION',
  'SERVER',
  'CLIENT',
  'TIMEOUT',
  'REQUESTS',
  'QUEUED',
  'MAXLAT',
  'LASTOP',
  'EPHEMERALS',
];

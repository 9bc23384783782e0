import {
  apache39,
  auth,
  burst,
  candidate,
  container,
  create,
  create2,
  exists,
  isThere,
  multi,
  on,
  open,
  Player,
  remove,
  ServerProcess,
  type ServerProgram,
  set,
  setAcl,
  type Step,
  superDigest,
  ttl,
} from '@corral-test/oracle';
import { describe, expect, test } from 'vitest';

const suite = 'the audit log beside that of';
const corral = candidate();
const apache = apache39();
const isPossible = isThere(`${suite} Apache 3.9`, corral) && isThere(`${suite} Apache 3.9`, apache);

const EPHEMERAL = 1;
const SEQUENTIAL = 2;
const EPHEMERAL_SEQUENTIAL = 3;
const steps: readonly Step[] = [
  { do: 'connect', conn: 0 },
  ...on(0, create('/a', 'x'), create2('/a/b'), create('/a'), create('/none/x'), create('nonsense')),
  ...on(0, create('/q', '', 77), create('/e', '', EPHEMERAL), create('/s-', '', EPHEMERAL_SEQUENTIAL)),
  ...on(0, create2('/p-', '', SEQUENTIAL), container('/c'), container('/c'), ttl('/t', 100_000)),
  ...on(0, ttl('/t', 0), ttl('/t/x-', 5000, 6), create('/e/x')),
  ...on(0, set('/a', 'y'), set('/a', 'y', 9), set('/none'), remove('/a'), remove('/a/b'), remove('/none')),
  ...on(0, exists('/a'), exists('/none')),
  ...on(0, setAcl('/a', open), setAcl('/a', [[31, 'nobody', 'knows']]), setAcl('/none', open)),
  ...on(
    0,
    setAcl('/a', [
      [31, 'world', 'anyone'],
      [5, 'ip', '127.0.0.1'],
    ]),
  ),
  ...on(0, { op: 'deleteContainer', path: '/c' }),
  ...on(0, { op: 'reconfig', joining: null, leaving: null, members: null, version: -1 }),
  ...on(0, multi(create('/m'), create('/m/s-', '', SEQUENTIAL), set('/m', 'z'), remove('/m/s-0000000000'))),
  ...on(0, multi(create('/m/1'), create('/m')), multi(), multi(create('/m/2', '', 77))),
  ...on(0, multi(container('/m/c'), { op: 'check', path: '/m', version: -1 }, ttl('/m/t', 1000))),
  ...on(0, auth('bob:secret'), create('/bob', '', 0, [[31, 'auth', '']]), auth('super:test'), remove('/bob')),
  burst(0, create('/burst'), set('/burst', 'x'), exists('/burst'), remove('/burst')),
  { do: 'connect', conn: 1 },
  ...on(1, create('/other', '', EPHEMERAL), create('/e'), { op: 'closeSession' }),
  ...on(0, remove('/e')),
  ...on(0, { op: 'closeSession' }),
];

/** The lines of a server that has played it all, and its start and end; sessions by their order. */
async function auditOf(program: ServerProgram): Promise<string[]> {
  const server = await ServerProcess.start(program, {
    config: { 'admin.enableServer': 'false' },
    properties: {
      'zookeeper.audit.enable': 'true',
      'zookeeper.extendedTypesEnabled': 'true',
      'zookeeper.DigestAuthenticationProvider.superDigest': superDigest,
      'org.slf4j.simpleLogger.log.org.apache.zookeeper.audit.Slf4jAuditLogger': 'info',
    },
  });
  try {
    const player = new Player(server.port);
    await player.play(steps);
    await player.end();
    await server.stop();
    return audited(server.log());
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

function audited(log: string): string[] {
  const sessions = new Map<string, string>();
  const named = (id: string): string => {
    if (!sessions.has(id)) sessions.set(id, `session ${sessions.size}`);
    return sessions.get(id)!;
  };
  return log
    .split('\n')
    .map(messageOf)
    .filter((message) => message !== undefined)
    .map((message) => message.replace(/session=(0x[\da-f]+)/, (_, id: string) => `session=${named(id)}`));
}

/** Level and text: a line of ours is JSON, one of Apache's begins with its thread. */
function messageOf(line: string): string | undefined {
  if (line.startsWith('{')) {
    const { level, msg } = JSON.parse(line) as { level: string; msg: string };
    return msg.includes('operation=') ? `${level.toUpperCase()} ${msg}` : undefined;
  }
  const [, level, text] =
    / (INFO|ERROR) org\.apache\.zookeeper\.audit\.Slf4jAuditLogger - (.*)$/.exec(line) ?? [];
  return text === undefined ? undefined : `${level} ${text}`;
}

describe.skipIf(!isPossible)(`${suite} Apache 3.9`, () => {
  test('has the same lines', { timeout: 120_000 }, async () => {
    const [ours, theirs] = await Promise.all([
      auditOf(corral as ServerProgram),
      auditOf(apache as ServerProgram),
    ]);
    expect(theirs.length).toBeGreaterThan(40);
    expect(ours).toEqual(theirs);
  });
});

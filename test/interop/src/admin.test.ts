import {
  apache39,
  candidate,
  create,
  exists,
  freePorts,
  isThere,
  on,
  Player,
  ServerProcess,
  type ServerProgram,
  superDigest,
} from '@corral-test/oracle';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const suite = 'the HTTP commands beside those of';
const corral = candidate();
const apache = apache39();
const isPossible = isThere(`${suite} Apache 3.9`, corral) && isThere(`${suite} Apache 3.9`, apache);

/** A server with a session that owns a node and watches two. */
class AdminSubject implements AsyncDisposable {
  readonly #server: ServerProcess;
  readonly #url: string;

  static async start(program: ServerProgram): Promise<AdminSubject> {
    const [port] = await freePorts(1);
    const server = await ServerProcess.start(program, {
      config: {
        'admin.enableServer': 'true',
        'admin.serverAddress': '127.0.0.1',
        'admin.serverPort': port!,
      },
      properties: { 'zookeeper.DigestAuthenticationProvider.superDigest': superDigest },
    });
    await new Player(server.port, () => Promise.reject(new Error('it is not restarted'))).play([
      { do: 'connect', conn: 0 },
      ...on(0, create('/owned', 'x', EPHEMERAL), create('/watched', 'y')),
      ...on(0, exists('/watched', true), exists('/absent', true)),
    ]);
    return new AdminSubject(server, `http://127.0.0.1:${port}`);
  }

  private constructor(server: ServerProcess, url: string) {
    this.#server = server;
    this.#url = url;
  }

  /** Status, headers of the command's own, and body. */
  async ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.#url}${path}`, init);
    const type = response.headers.get('content-type')?.replace(/;.*/, '') ?? '';
    const own = ['last_zxid', 'snapshot_size'].filter((name) => response.headers.has(name));
    return { status: response.status, type, own, text: await response.text() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly own: readonly string[];
  readonly text: string;
}

describe.skipIf(!isPossible)(`${suite} Apache 3.9`, () => {
  const subjects: AdminSubject[] = [];
  beforeAll(async () => {
    for (const program of [corral, apache])
      if (!('missing' in program)) subjects.push(await AdminSubject.start(program));
  });
  afterAll(async () => {
    for (const subject of subjects) await subject[Symbol.asyncDispose]();
  });

  async function both(path: string, init?: RequestInit): Promise<[ours: Answer, theirs: Answer]> {
    const [ours, theirs] = subjects;
    return [await ours!.ask(path, init), await theirs!.ask(path, init)];
  }

  test.each(
    `configuration conf config connections cons dirs dump hash
    gtmk set_trace_mask?traceMask=306 stmk?traceMask=x stmk icfg is_read_only isro lsnp
    leader observers obsr orst ruok server_stats srvr stats
    stat voting_view watch_summary wchs watches zabstate nope ruok/
    ruok/x restore snapshot snap stat_reset crst`.split(/\s+/),
  )('%s: the same answer, but for numbers and places', async (name) => {
    const [ours, theirs] = await both(`/commands/${name}`);
    expect(withoutFigures(ours)).toEqual(withoutFigures(theirs));
  });

  test('monitor: every key of Apache, with values of the same kind', async () => {
    const [ours, theirs] = await both('/commands/monitor');
    const kinds = kindsOf(ours);
    const missing = Object.entries(kindsOf(theirs)).filter(
      // Those would cost every request a string (DIVERGENCE).
      ([key, kind]) => kinds[key] !== kind && !key.endsWith('_per_namespace'),
    );
    expect(missing).toEqual([]);
  });

  test('environment: every key of Apache', async () => {
    const [ours, theirs] = await both('/commands/environment');
    expect(Object.keys(kindsOf(ours))).toEqual(expect.arrayContaining(Object.keys(kindsOf(theirs))));
  });

  test('the index: the same text, with one command more', async () => {
    const [ours, theirs] = await both('/commands');
    expect(ours.text.replace('<a href="/commands/top">top</a>\n<br/>\n', '')).toBe(theirs.text);
  });

  test('a snapshot: the same headers and kind of answer; the second is too soon', async () => {
    const init = { headers: { Authorization: 'digest super:test' } };
    const [ours, theirs] = await both('/commands/snapshot', init);
    expect([ours.status, ours.type, ours.own]).toEqual([theirs.status, theirs.type, theirs.own]);
    expect([ours.status, ours.text.slice(0, 4)]).toEqual([200, 'ZKSN']);
  });
});

/** Which numbers stand there is another's affair; that one stands there is ours. */
function withoutFigures({ status, type, text }: Answer): { status: number; type: string; text: string } {
  const plain = text
    .replaceAll(/"version" : ".*"/g, '"version" : "..."')
    .replaceAll(/"(data_dir|data_log_dir|initial_configuration)" : ".*"/g, '"$1" : "..."')
    .replaceAll(/-?\d+(\.\d+)?/g, (_, decimals: string | undefined) => (decimals === undefined ? '0' : '0.0'))
    .replaceAll(
      /\[ ("\/\w+"), ("\/\w+") \]/g,
      (_, a: string, b: string) => `[ ${[a, b].toSorted().join(', ')} ]`,
    );
  return { status, type, text: plain };
}

function kindsOf({ text }: Answer): Record<string, string> {
  const answer = JSON.parse(text) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(answer).map(([key, value]) => [key, typeof value]));
}

const EPHEMERAL = 1;

import {
  apache39,
  candidate,
  create,
  exists,
  freePorts,
  isThere,
  on,
  Player,
  printed,
  remove,
  ServerProcess,
  type ServerProgram,
  type Step,
  superDigest,
} from '@corral-test/oracle';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const suite = 'snapshots sent to be restored, beside';
const corral = candidate();
const apache = apache39();
const isPossible = isThere(`${suite} Apache 3.9`, corral) && isThere(`${suite} Apache 3.9`, apache);

/** A server that was changed since a snapshot was taken of it. */
class Subject implements AsyncDisposable {
  readonly #server: ServerProcess;
  readonly #url: string;
  snapshot: Uint8Array = new Uint8Array(0);

  static async start(program: ServerProgram): Promise<Subject> {
    const [port] = await freePorts(1);
    const server = await ServerProcess.start(program, {
      config: {
        'admin.enableServer': 'true',
        'admin.serverAddress': '127.0.0.1',
        'admin.serverPort': port!,
        'admin.rateLimiterIntervalInMS': 1,
      },
      properties: { 'zookeeper.DigestAuthenticationProvider.superDigest': superDigest },
    });
    const subject = new Subject(server, `http://127.0.0.1:${port}/commands`);
    await subject.play(on(0, create('/kept', 'x')));
    const response = await fetch(`${subject.#url}/snapshot`, { headers: superUser });
    subject.snapshot = new Uint8Array(await response.arrayBuffer());
    await subject.play(on(0, remove('/kept'), create('/since', 'y')));
    return subject;
  }

  private constructor(server: ServerProcess, url: string) {
    this.#server = server;
    this.#url = url;
  }

  async restore(body: Uint8Array, headers: Record<string, string> = superUser): Promise<Answer> {
    const init = { method: 'POST', headers, body: new Blob([body.slice()]) };
    const response = await fetch(`${this.#url}/restore`, init);
    const text = (await response.text()).replaceAll(/\d+/g, '0');
    const type = response.headers.get('content-type')?.replace(/;.*/, '') ?? '';
    return { status: response.status, type, text };
  }

  /** What a client sees, printed. */
  async play(steps: readonly Step[]): Promise<string> {
    const player = new Player(this.#server.port);
    const transcript = await player.play([{ do: 'connect', conn: 0 }, ...steps]);
    await player.end();
    return printed(transcript);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const superUser = { Authorization: 'digest super:test' };
const look = on(0, exists('/kept'), exists('/since'));

describe.skipIf(!isPossible)(`${suite} Apache 3.9`, () => {
  const subjects: Subject[] = [];
  let ours: Subject;
  let theirs: Subject;
  beforeAll(async () => {
    for (const program of [corral, apache])
      if (!('missing' in program)) subjects.push(await Subject.start(program));
    [ours, theirs] = subjects as [Subject, Subject];
  });
  afterAll(async () => {
    for (const subject of subjects) await subject[Symbol.asyncDispose]();
  });

  test('are for those who may do everything', async () => {
    for (const headers of [{}, { Authorization: 'kerberos x' }, { Authorization: 'digest a b' }])
      expect(await ours.restore(ours.snapshot, headers)).toEqual(
        await theirs.restore(theirs.snapshot, headers),
      );
  });

  test('change nothing where they are damaged, with the same status', async () => {
    const flipped = (whole: Uint8Array): Uint8Array => whole.map((byte, i) => (i === 300 ? byte ^ 1 : byte));
    for (const damaged of [flipped, (whole: Uint8Array) => whole.subarray(0, 300), () => new Uint8Array(0)]) {
      const [our, their] = [
        await ours.restore(damaged(ours.snapshot)),
        await theirs.restore(damaged(theirs.snapshot)),
      ];
      expect([our.status, our.type]).toEqual([their.status, their.type]);
      expect(our.status).toBe(500);
    }
    expect(outline(await ours.play(look))).toEqual(outline(await theirs.play(look)));
  });

  test('show the tree of then, whoever took them', async () => {
    expect(await ours.restore(theirs.snapshot)).toEqual(await theirs.restore(ours.snapshot));
    const seen = [await ours.play(look), await theirs.play(look)];
    expect(outline(seen[0]!)).toEqual(outline(seen[1]!));
    expect(outline(seen[0]!)).toEqual([0, -101]);
  });
});

/** Of each answer its error. */
function outline(transcript: string): number[] {
  return Array.from(transcript.matchAll(/err(?:or)?[=: ]+(-?\d+)/g), ([, code]) => Number(code));
}

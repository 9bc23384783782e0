import { isThere } from '@corral-test/oracle';
import { startTestServer, type TestServer } from '@corral/testing/node';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, runProgram } from './run-program.ts';

const suite = 'corral lock beside kazoo';
const corral = join(import.meta.dirname, '../../../node_modules/.bin/corral');
const debian = '/usr/bin/python3';
const limitMs = 60_000;
const python =
  spawnSync(debian, ['-c', 'import kazoo.client']).status === 0
    ? { path: debian }
    : { missing: 'python3-kazoo' };

describe.runIf(isThere(suite, python))(suite, () => {
  let server: TestServer;
  let kazoo: KazooLock;

  beforeAll(async () => {
    server = await startTestServer();
    await (await server.client()).create('/lock');
    kazoo = new KazooLock(server.connectString, '/lock');
  });

  afterAll(async () => {
    await kazoo.end();
    await server.close();
  });

  test('is refused while kazoo holds it, whatever names are asked for', async () => {
    expect(await kazoo.ask('take')).toBe('taken');

    expect(await lock('--kazoo', '--timeout', '0')).toMatchObject({ code: 9 });
    expect(await lock('--timeout', '0')).toMatchObject({ code: 9 });
    expect((await lock('--list')).stdout).toMatch(/^holds \S+__lock__\d{10} kazoo\n$/);
    expect(await kazoo.ask('release')).toBe('released');
  });

  test('keeps kazoo out while its program runs, and lets it in behind', async () => {
    const client = await server.client();
    const held = lock('--kazoo', '--', corral, '-s', server.connectString, 'wait', '--for', 'created', '/go');
    for (;;) {
      const { value, changed } = await client.once.children('/lock');
      if (value.names.length > 0) break;
      await changed;
    }

    expect(await kazoo.ask('try')).toBe('refused');
    const taken = kazoo.ask('take');
    await client.create('/go');

    expect((await held).code).toBe(0);
    expect(await taken).toBe('taken');
    await kazoo.ask('release');
  });

  test('waits for its turn behind kazoo', async () => {
    await kazoo.ask('take');
    const client = await server.client();
    const waiting = lock('--kazoo', '--', 'sh', '-c', 'echo mine; exit 3');
    for (;;) {
      const { value, changed } = await client.once.children('/lock');
      if (value.names.length === 2) break;
      await changed;
    }

    await kazoo.ask('release');

    expect(await waiting).toMatchObject({ code: 3, stdout: 'mine\n' });
  });

  function lock(...words: readonly string[]): Promise<Ended> {
    const end = words.indexOf('--');
    const [own, program] = end < 0 ? [words, []] : [words.slice(0, end), words.slice(end)];
    return runProgram(corral, ['-s', server.connectString, 'lock', ...own, '/lock', ...program], { limitMs });
  }
});

/** kazoo's lock, in a process of its own. */
class KazooLock {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(hosts: string, path: string) {
    const script = join(import.meta.dirname, '../python/kazoo-lock.py');
    this.#process = spawn(debian, ['-B', script, hosts, path]);
    this.#process.stderr.resume();
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async ask(verb: 'take' | 'try' | 'release'): Promise<string> {
    this.#process.stdin.write(`${verb}\n`);
    return ((await this.#lines.next()).value as string | undefined) ?? '';
  }

  async end(): Promise<void> {
    this.#process.stdin.end();
    if (this.#process.exitCode === null) await once(this.#process, 'close');
  }
}

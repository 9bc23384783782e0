import { isThere } from '@corral-test/oracle';
import { startTestEnsemble, startTestServer } from '@corral/testing/node';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';

const suite = 'kazoo at a test server';
const debian = '/usr/bin/python3';
const python =
  spawnSync(debian, ['-c', 'import kazoo.client']).status === 0
    ? { path: debian }
    : { missing: 'python3-kazoo' };

describe.runIf(isThere(suite, python))(suite, () => {
  test('is told that its session has expired, and begins another', async () => {
    await using server = await startTestServer();
    await using kazoo = new Kazoo(server.connectString);
    const session = await kazoo.create('/e');

    await server.expireSession(session);

    expect(await kazoo.statesUntil('CONNECTED')).toEqual(['SUSPENDED', 'LOST', 'CONNECTED']);
    expect(await kazoo.ask('read /e')).toBe('read nothing');
    expect(await kazoo.create('/e')).not.toBe(session);
  });

  test('keeps its session over a broken connection, and over a restart', async () => {
    await using server = await startTestServer();
    await using kazoo = new Kazoo(server.connectString);
    const session = await kazoo.create('/e');

    expect(server.dropConnections(session)).toBe(1);
    expect(await kazoo.statesUntil('CONNECTED')).toEqual(['SUSPENDED', 'CONNECTED']);
    await server.restart();
    expect(await kazoo.statesUntil('CONNECTED')).toEqual(['SUSPENDED', 'CONNECTED']);

    expect(await kazoo.ask('read /e')).toBe('read x');
    expect(await kazoo.create('/f')).toBe(session);
  });

  test('loses what it holds while it is cut off, and hears of it afterwards', async () => {
    await using server = await startTestServer();
    await using kazoo = new Kazoo(server.connectString, 2);
    const other = await server.client();
    const session = await kazoo.create('/e');
    const gone = other.watch('/e')[Symbol.asyncIterator]().next();

    server.partition(session);
    expect(await gone).toMatchObject({ value: { type: 'deleted' } });
    server.heal();

    expect(await kazoo.statesUntil('CONNECTED')).toEqual(['SUSPENDED', 'LOST', 'CONNECTED']);
  });

  test('gets its answer when a partition is over soon', async () => {
    await using server = await startTestServer();
    await using kazoo = new Kazoo(server.connectString);
    await kazoo.create('/e');

    server.partition();
    const answer = kazoo.ask('read /e');
    server.heal();

    expect(await answer).toBe('read x');
  });

  test('goes to another member when its own crashes', async () => {
    await using ensemble = await startTestEnsemble();
    await using kazoo = new Kazoo(ensemble.connectString);
    const session = await kazoo.create('/e');
    const own = ensemble.servers.find(({ view }) =>
      [...view.connections()].some(({ sessionId }) => sessionId === session),
    );

    await own!.crash();
    await ensemble.settled();

    expect(await kazoo.statesUntil('CONNECTED')).toEqual(['SUSPENDED', 'CONNECTED']);
    expect(await kazoo.ask('read /e')).toBe('read x');
  });
});

/** A process with one client. */
class Kazoo implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #states: string[] = [];

  constructor(hosts: string, timeoutS = 20) {
    const script = join(import.meta.dirname, '../python/kazoo-client.py');
    this.#process = spawn(debian, ['-B', script, hosts, String(timeoutS)]);
    this.#process.stderr.resume();
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @returns its session */
  async create(path: string): Promise<bigint> {
    const session = BigInt((await this.ask(`create ${path}`)).split(' ')[1]!);
    this.#states.length = 0;
    return session;
  }

  async ask(line: string): Promise<string> {
    this.#process.stdin.write(`${line}\n`);
    for (;;) {
      const said = await this.#next();
      if (!said.startsWith('state ')) return said;
      this.#states.push(said.slice('state '.length));
    }
  }

  /** What it has been told since it was asked last. */
  async statesUntil(state: string): Promise<string[]> {
    while (this.#states.at(-1) !== state) {
      const said = await this.#next();
      if (said.startsWith('state ')) this.#states.push(said.slice('state '.length));
    }
    return this.#states.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }

  async #next(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error('kazoo has ended');
    return value;
  }
}

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Client } from '@corral/client';
import { mutex, readWriteLock } from '@corral/recipes';
import { startTestServer, type TestServer } from '@corral/testing/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Circumstances, CommandRunner, type Told } from '../../../test/command.ts';
import { program, type Said } from '../../../test/corral.ts';
import { Fifo } from '../../../test/fifo.ts';

describe('lock', () => {
  let server: TestServer;
  let other: Client;
  let runner: CommandRunner;

  beforeAll(async () => {
    server = await startTestServer();
    other = await server.client();
    runner = await CommandRunner.on(server.connectString);
  });

  afterAll(async () => {
    await runner[Symbol.asyncDispose]();
    await server.close();
  });

  it('runs a program while it holds the lock, and ends with its exit code', async () => {
    await using fifo = await Fifo.make();
    const tells = 'echo $CORRAL_LEASE $CORRAL_FENCING_TOKEN';

    const { code } = await run(['lock', '/a', '--', 'sh', '-c', `{ ${tells}; } > "$0"; exit 7`, fifo.path]);

    const [lease, token] = (await fifo.ended).trim().split(' ');
    expect(code).toBe(7);
    expect(lease).toMatch(/^\/a\/_c_[\da-f-]{36}-lock-\d{10}$/);
    expect(BigInt(token!)).toBeGreaterThan(0n);
    expect(await namesBelow('/a')).toEqual([]);
  });

  it('waits for its turn behind others that use the recipe, and they behind it', async () => {
    await using fifo = await Fifo.make();
    const first = await mutex(other, '/turn').acquire();
    const second = run(['lock', '/turn', '--', ...fifo.goingOn()], { signal: stopping.signal });
    await waiters('/turn', 2);
    const third = mutex(other, '/turn').acquire();
    await waiters('/turn', 3);

    await first.release();

    expect(await fifo.line()).toBe('begun');
    stopping.abort(new Error('stopped'));
    await second;
    await (await third).release();
    await fifo.ended;
  });

  it('is over, and with it the program and what that has begun, when the lock is lost', async () => {
    await using fifo = await Fifo.make();
    const held = run(['lock', '/lost', '--', ...fifo.goingOn('$CORRAL_LEASE')]);

    await other.delete(await fifo.line());

    expect(await held).toMatchObject({ code: 3, stderr: expect.stringMatching(/: the node is gone\n$/) });
    await fifo.ended;
  });

  it('ends its program when the servers cannot be reached, before they give the lock to another', async () => {
    await using fifo = await Fifo.make();
    const corral = start(['-timeout', '4000', 'lock', '/away', '--', ...fifo.goingOn('$CORRAL_LEASE')]);
    const lease = await fifo.line();

    const holder = (await other.exists(lease))!.ephemeralOwner;
    server.partition({ sessionId: holder });
    server.dropConnections({ sessionId: holder });
    await fifo.ended;

    expect(await other.exists(lease)).not.toBeNull();
    server.heal();
    expect(await corral.said).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('the connection was away'),
    });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('hands on %s, and gives the lock up at once', async (signal, code) => {
    await using fifo = await Fifo.make();
    const corral = start(['lock', '/told', '--', ...fifo.goingOn()]);
    await fifo.line();

    process.kill(corral.pid, signal);

    expect((await corral.said).code).toBe(code);
    await fifo.ended;
    expect(await namesBelow('/told')).toEqual([]);
  });

  it('without a program holds the lock until it is told to end', async () => {
    const stop = new AbortController();
    const onNotes = (): void => stop.abort(new Error('enough'));

    const { stdout } = await run(['lock', '/held', '--json'], { signal: stop.signal, onNotes });

    expect(JSON.parse(stdout)).toEqual({
      node: expect.stringMatching(/^\/held\/_c_/),
      fencingToken: expect.stringMatching(/^\d+$/),
    });
    expect(await namesBelow('/held')).toEqual([]);
  });

  it('waits no longer than it was told, and leaves no place in the queue', async () => {
    await using _ = await mutex(other, '/busy').acquire();

    expect(await run(['lock', '--timeout', '0', '/busy'])).toMatchObject({
      code: 9,
      stderr: '/busy is held, or waited for\n',
    });
    expect(await run(['lock', '--timeout', '50ms', '/busy'])).toMatchObject({
      code: 9,
      stderr: '/busy: nothing came of it within 50 ms\n',
    });
    await waiters('/busy', 1);
  });

  it('is shared by many, or held by one alone', async () => {
    await using _ = await readWriteLock(other, '/sides').read.acquire();

    expect((await run(['lock', '--shared', '--timeout', '0', '/sides', '--', 'true'])).code).toBe(0);
    expect((await run(['lock', '--exclusive', '--timeout', '0', '/sides', '--', 'true'])).code).toBe(9);
  });

  it('refuses to take a lock in one way that others take in another: they would not see each other', async () => {
    await using shared = await readWriteLock(other, '/mixed').read.acquire();
    await using plain = await mutex(other, '/plain').acquire();
    expect([shared.isHeld, plain.isHeld]).toEqual([true, true]);

    expect(await run(['lock', '/mixed', '--', 'true'])).toMatchObject({
      code: 8,
      stderr: expect.stringContaining('--shared or --exclusive'),
    });
    expect((await run(['lock', '--shared', '/plain', '--', 'true'])).code).toBe(8);
  });

  it('names its node as kazoo does where it is asked to', async () => {
    await using fifo = await Fifo.make();

    await run(['lock', '--kazoo', '/python', '--', 'sh', '-c', 'echo $CORRAL_LEASE > "$0"', fifo.path]);

    expect(await fifo.ended).toMatch(/^\/python\/[\da-f]{32}__lock__\d{10}\n$/);
  });

  it('tells who holds it and who waits', async () => {
    await using first = await mutex(other, '/list', { data: 'ann' }).acquire();
    const stop = new AbortController();
    const second = mutex(other, '/list', { data: 'bob' }).acquire({ signal: stop.signal });
    await waiters('/list', 2);

    const { stdout } = await run(['lock', '--list', '/list']);

    expect(stdout).toMatch(/^holds \S+ ann\nwaits \S+ bob\n$/);
    expect(stdout).toContain(first.path);
    expect((await run(['lock', '--list', '/nobody'])).stdout).toBe('');
    stop.abort(new Error('enough'));
    await second.catch(() => {});
  });

  it('takes nothing with --dry-run', async () => {
    expect((await run(['lock', '--dry-run', '/dry', '--', 'true'])).stdout).toBe(
      'would take the lock /dry\n',
    );
    expect(await other.exists('/dry')).toBeNull();
  });

  it.each([
    [2, ['lock', '/x', '--', '/nowhere/at/all'], '/nowhere/at/all cannot be run'],
    [2, ['lock', '--shared', '--exclusive', '/x'], 'shared or exclusive'],
    [2, ['lock', '--timeout', 'soon', '/x'], '--timeout is no time: soon'],
    [2, ['lock', 'x'], '"x" is no path'],
  ])('ends with %i: %j', async (code, words, reason) => {
    expect(await run(words)).toMatchObject({ code, stderr: expect.stringContaining(reason) });
    expect(await namesBelow('/x')).toEqual([]);
  });

  const stopping = new AbortController();

  function run(words: readonly string[], circumstances?: Circumstances): Promise<Told> {
    return runner.run(words, circumstances);
  }

  function start(words: readonly string[]): { readonly pid: number; readonly said: Promise<Said> } {
    const child = spawn(process.execPath, [program, '-s', server.connectString, ...words]);
    child.stdin.end();
    const code = new Promise<number | null>((resolve) => {
      child.once('close', resolve);
    });
    const said = Promise.all([code, text(child.stdout), text(child.stderr)]);
    return {
      pid: child.pid!,
      said: said.then(([ended, stdout, stderr]) => ({ code: ended, stdout, stderr })),
    };
  }

  async function namesBelow(path: string): Promise<readonly string[]> {
    return (await other.exists(path)) === null ? [] : (await other.children(path)).names;
  }

  /** So many stand in the queue. */
  async function waiters(path: string, count: number): Promise<void> {
    for (;;) {
      const exists = await other.once.exists(path);
      if (exists.value === null) {
        await exists.changed;
        continue;
      }
      exists.forget();
      const seen = await other.once.children(path);
      if (seen.value.names.length === count) return seen.forget();
      await seen.changed;
    }
  }
});

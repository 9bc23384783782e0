import { type Client, utf8 } from '@corral/client';
import { startTestServer, type TestServer } from '@corral/testing/node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CommandRunner, type Told } from '../../../test/command.ts';
import { corral } from '../../../test/corral.ts';

describe('mirror', () => {
  let server: TestServer;
  let elsewhere: TestServer;
  let here: Client;
  let there: Client;
  let runner: CommandRunner;

  beforeAll(async () => {
    [server, elsewhere] = await Promise.all([startTestServer(), startTestServer()]);
    [here, there] = await Promise.all([server.client(), elsewhere.client()]);
    runner = await CommandRunner.on(server.connectString);
  });

  afterAll(async () => {
    await runner[Symbol.asyncDispose]();
    await server.close();
    await elsewhere.close();
  });

  beforeEach(async () => {
    for (const client of [here, there])
      for (const path of ['/a', '/b']) await client.delete(path, { recursive: true, ifExists: true });
    await here.create('/a', 'top');
    await here.create('/a/x', 'x', { acl: [{ scheme: 'world', id: 'anyone', perms: 'cdrw' }] });
    await here.create('/a/x/deep', new Uint8Array([0, 255]));
    await here.create('/a/held', '', { mode: 'ephemeral' });
  });

  describe('--once', () => {
    it('makes one like the other, with ACLs, and leaves alone what is more', async () => {
      await here.create('/b/x', 'old', { parents: true });
      await here.create('/b/mine', 'mine');

      expect(await run(['mirror', '--once', '/a', '/b'])).toEqual({
        code: 0,
        stdout: '',
        stderr: '/a/held is ephemeral: left out\nCreated 1, changed 2, deleted 0, left 1 as they are\n',
      });

      expect(await tree(here, '/b')).toEqual({
        '/b': 'top',
        '/b/mine': 'mine',
        '/b/x': 'x',
        '/b/x/deep': '\0\u00ff',
      });
      expect((await here.getAcl('/b/x')).acl).toEqual((await here.getAcl('/a/x')).acl);
      expect((await run(['mirror', '--once', '/a', '/b', '--json'])).stdout).toBe(
        '{"from":"/a","to":"/b","created":0,"changed":0,"deleted":0,"kept":4}\n',
      );
    });

    it('--delete ends what is more, with all below it', async () => {
      await here.create('/b/mine/deep', 'mine', { parents: true });
      await here.create('/b/x', 'x', {});

      const { stderr } = await run(['mirror', '--once', '--delete', '/a', '/b']);

      expect(stderr).toContain('Created 1, changed 2, deleted 2, left 0 as they are\n');
      expect(Object.keys(await tree(here, '/b'))).toEqual(['/b', '/b/x', '/b/x/deep']);
    });

    it('goes to other servers, and makes what is above it there', async () => {
      await run(['mirror', '--once', '--to', `${elsewhere.connectString}/b/c`, '/a']);
      await run(['mirror', '--once', '--to', elsewhere.connectString, '/a']);

      expect(await tree(there, '/b/c')).toEqual({ '/b/c': 'top', '/b/c/x': 'x', '/b/c/x/deep': '\0\u00ff' });
      expect(Object.keys(await tree(there, '/a'))).toEqual(['/a', '/a/x', '/a/x/deep']);
    });

    it('of all there is leaves alone what is the servers own', async () => {
      await there.create('/b', 'mine');

      const { stderr } = await run([
        'mirror',
        '--once',
        '--delete',
        '--to',
        `${elsewhere.connectString}/`,
        '/',
      ]);

      expect(stderr).toContain('deleted 1');
      expect((await there.children('/')).names.toSorted()).toEqual(['a', 'zookeeper']);
    });

    it('tells what it would do with --dry-run, and does not', async () => {
      await here.create('/b/mine', '', { parents: true });

      expect((await run(['mirror', '--delete', '--dry-run', '/a', '/b'])).stdout).toBe(
        'would change /b\nwould delete /b/mine\nwould create /b/x\nwould create /b/x/deep\n',
      );
      expect(Object.keys(await tree(here, '/b'))).toEqual(['/b', '/b/mine']);
    });
  });

  describe('kept up', () => {
    it('follows what happens', async () => {
      await using mirror = await keptUp(['--delete', '/a', '/b'], here);
      await here.set('/a/x', 'new');
      await here.create('/a/y', 'y');
      await here.delete('/a/x/deep');

      await mirror.until('/b/y', 'y');
      await mirror.until('/b/x', 'new');
      await mirror.until('/b/x/deep', undefined);
      await here.delete('/a', { recursive: true });
      await mirror.until('/b', undefined);
      await here.create('/a', 'again');
      await mirror.until('/b', 'again');
      expect(mirror.output()).toMatch(/^(created|changed|deleted) \/b/);
    });

    it('goes on when connections are lost, and has missed nothing', async () => {
      await using mirror = await keptUp(['--delete', '--to', elsewhere.connectString, '/a'], there);
      server.dropConnections(...sessionsOf(server).filter((id) => id !== here.sessionId));
      elsewhere.dropConnections(...sessionsOf(elsewhere).filter((id) => id !== there.sessionId));
      await Promise.all([here.set('/a/x', 'meanwhile'), here.delete('/a/x/deep')]);

      await mirror.until('/a/x', 'meanwhile');
      await mirror.until('/a/x/deep', undefined);
      expect(await tree(there, '/a')).toEqual({ '/a': 'top', '/a/x': 'meanwhile' });
    });

    it('goes on with another session when its own has expired', async () => {
      const others = new Set(sessionsOf(server));
      await using expiring = await CommandRunner.on(server.connectString);
      await using mirror = await keptUp(['--to', elsewhere.connectString, '/a'], there, expiring);
      const itsOwn = sessionsOf(server).filter((id) => !others.has(id));
      await Promise.all(itsOwn.map((id) => server.expireSession(id)));
      await here.set('/a/x', 'later');

      await mirror.until('/a/x', 'later');
      expect(Object.keys(await tree(there, '/a'))).toEqual(['/a', '/a/x', '/a/x/deep']);
    });

    it('makes whole what somebody has taken from the copy', async () => {
      await using mirror = await keptUp(['/a', '/b'], here);
      await here.delete('/b/x', { recursive: true });
      await here.create('/a/x/more', 'more');

      await mirror.until('/b/x/more', 'more');
      await mirror.until('/b/x', 'x');
      expect(Object.keys(await tree(here, '/b'))).toEqual(['/b', '/b/x', '/b/x/deep', '/b/x/more']);
    });
  });

  it.each([
    [2, ['mirror', '/a'], 'the second node is missing'],
    [2, ['mirror', '/a', '/a/b'], 'lie within each other'],
    [2, ['mirror', '/a/b', '/a'], 'lie within each other'],
    [2, ['mirror', '/a', '/'], 'lie within each other'],
    [4, ['mirror', '/none', '/b'], 'Node does not exist: /none'],
    [4, ['mirror', '--once', '/none', '/b'], 'Node does not exist: /none'],
  ])('ends with %i: %j', async (code, words, reason) => {
    expect(await run(words)).toMatchObject({ code, stderr: expect.stringContaining(reason) });
  });

  it('ends where the other servers are not reached', async () => {
    const { code, stderr } = await corral([
      '-s',
      server.connectString,
      '-timeout',
      '500',
      'mirror',
      '--to',
      '127.0.0.1:1',
      '/a',
    ]);

    expect([code, stderr]).toEqual([3, expect.stringContaining('no server was reached: 127.0.0.1:1')]);
  });

  interface KeptUp extends AsyncDisposable {
    /** Resolves when the copy has these data there; undefined is no node. */
    until(path: string, data: string | undefined): Promise<void>;
    output(): string;
  }

  /** Resolves when it has looked at everything. */
  async function keptUp(words: readonly string[], copy: Client, by = runner): Promise<KeptUp> {
    const stop = new AbortController();
    const keeping = Promise.withResolvers<void>();
    let output = '';
    const ended = by.run(['mirror', ...words], {
      signal: stop.signal,
      onNotes: (stderr) => {
        if (stderr.includes('keeping up')) keeping.resolve();
      },
      onOutput: (stdout) => (output = stdout),
    });
    await Promise.race([keeping.promise, ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
    return {
      async until(path, data) {
        for (;;) {
          const { value, changed, forget } = await copy.once.exists(path);
          const got = value === null ? undefined : (await copy.tryGet(path, utf8))?.data;
          if (got === data) return forget();
          await changed;
        }
      },
      output: () => output,
      async [Symbol.asyncDispose]() {
        stop.abort(new Error('enough'));
        await ended;
      },
    };
  }

  function sessionsOf({ view }: TestServer): readonly bigint[] {
    return view.sessionExpiries().flatMap(({ members }) => [...members()]);
  }

  async function tree(client: Client, root: string): Promise<Record<string, string>> {
    const data: Record<string, string> = {};
    for await (const { path } of client.walk(root))
      data[path] = Buffer.from((await client.get(path)).data).toString('latin1');
    return data;
  }

  function run(words: readonly string[]): Promise<Told> {
    return runner.run(words);
  }
});

import { type Client, utf8 } from '@corral/client';
import {
  atomicLong,
  barrier,
  discovery,
  doubleBarrier,
  leaderLatch,
  queue,
  semaphore,
} from '@corral/recipes';
import { startTestServer, type TestServer } from '@corral/testing/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Circumstances, CommandRunner, type Told } from '../../../test/command.ts';
import { Fifo } from '../../../test/fifo.ts';

describe('recipes at the prompt', () => {
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

  describe('elect', () => {
    it('runs a program when it leads, behind others who stand for election', async () => {
      await using fifo = await Fifo.make();
      const first = leaderLatch(other, '/e', { id: 'ann' }).start();
      await first.leadership();
      const elected = run([
        'elect',
        '--id',
        'me',
        '/e',
        '--',
        'sh',
        '-c',
        'echo leads > "$0"; exit 3',
        fifo.path,
      ]);
      await childrenOf('/e', 2);

      expect((await run(['elect', '--list', '/e'])).stdout).toMatch(/^holds \S+ ann\nwaits \S+ me\n$/);
      await first.close();

      expect(await fifo.line()).toBe('leads');
      expect((await elected).code).toBe(3);
      expect((await other.children('/e')).names).toEqual([]);
    });

    it.each([
      ['somebody deletes its node', (lease: string) => other.delete(lease)],
      ['its session expires', async (lease: string) => server.expireSession(await ownerOf(lease))],
    ])('ends its program when the lead is lost, and runs it again with the next: %s', async (_, lose) => {
      await using fifo = await Fifo.make();
      const stop = new AbortController();
      const elected = run(['elect', '/lost', '--', ...fifo.goingOn('$CORRAL_LEASE')], {
        signal: stop.signal,
      });
      // Keeps it open between the two programs.
      using held = fifo.held();
      void held;
      const lease = await fifo.line();

      await lose(lease);

      expect(await fifo.line()).not.toBe(lease);
      stop.abort(new Error('enough'));
      expect((await elected).stderr).toContain('the lead was lost: LOST: ');
      expect((await other.children('/lost')).names).toEqual([]);
    });
  });

  describe('semaphore', () => {
    it('runs so many at a time', async () => {
      const permits = semaphore(other, '/s', 2);
      await using first = await permits.acquire();
      void first;

      expect((await run(['semaphore', '--timeout', '0', '/s', '2', '--', 'sh', '-c', 'exit 4'])).code).toBe(
        4,
      );
      await using second = await permits.acquire();
      void second;
      expect(await run(['semaphore', '--timeout', '0', '/s', '2', '--', 'true'])).toMatchObject({
        code: 9,
        stderr: '/s has no permit left\n',
      });
      expect((await run(['semaphore', '--list', '/s', '2'])).stdout).toMatch(/^holds \S+\nholds \S+\n$/);
    });
  });

  describe('barrier', () => {
    it('is set, waited for, and lifted', async () => {
      expect((await run(['barrier', '/b'])).code).toBe(0);
      expect((await run(['barrier', '/b', 'set'])).code).toBe(0);
      expect(await barrier(other, '/b').isSet()).toBe(true);
      expect((await run(['barrier', '/b', 'status'])).stdout).toBe('set\n');
      expect((await run(['barrier', '--timeout', '0', '/b'])).code).toBe(9);
      expect((await run(['barrier', '--timeout', '20', '/b'])).code).toBe(9);
      const waiting = run(['barrier', '/b', 'wait']);
      await barrier(other, '/b').lift();
      expect((await waiting).code).toBe(0);
    });

    it('lets so many in together, and out together', async () => {
      await using fifo = await Fifo.make();
      const entering = run([
        'barrier',
        '/d',
        'enter',
        '2',
        '--',
        'sh',
        '-c',
        'echo in > "$0"; exit 5',
        fifo.path,
      ]);
      const second = doubleBarrier(other, '/d', 2);

      await second.enter();

      expect(await fifo.line()).toBe('in');
      await second.leave();
      expect((await entering).code).toBe(5);
    });
  });

  describe('counter', () => {
    it('counts together with others', async () => {
      await Promise.all([
        run(['counter', '/c', '+5']),
        run(['counter', '/c', '+5']),
        atomicLong(other, '/c').add(32),
      ]);

      expect(await run(['counter', '/c'])).toEqual({ code: 0, stdout: '42\n', stderr: '' });
      expect((await run(['counter', '/c', '-2', '--json'])).stdout).toBe('{"path":"/c","value":"40"}\n');
      expect((await run(['counter', '/c', '=7'])).stdout).toBe('7\n');
      expect((await run(['counter', '/c', '+1', '--dry-run'])).stdout).toBe('would count +1 at /c\n');
    });

    it("knows kazoo's digits, and numbers of four bytes", async () => {
      const large = '123456789012345678901234567890';

      expect((await run(['counter', '--format', 'decimal', '/digits', `=${large}`])).stdout).toBe(
        `${large}\n`,
      );
      expect((await other.get('/digits', utf8)).data).toBe(large);
      expect((await run(['counter', '--format', 'int', '/int', '+1'])).stdout).toBe('1\n');
      expect((await other.get('/int')).data).toHaveLength(4);
    });

    it('does not make a counter by asking for it', async () => {
      expect((await run(['counter', '/nobody'])).code).toBe(4);
      expect(await other.exists('/nobody')).toBeNull();
    });
  });

  describe('queue', () => {
    it('puts items in, and takes them out in their order', async () => {
      await run(['queue', '/q', 'put', 'one', 'two']);
      await queue(other, '/q', utf8).put('three');

      expect((await run(['queue', '/q', 'size'])).stdout).toBe('3\n');
      expect((await run(['queue', '/q', 'take', '-n', '2'])).stdout).toBe('one\ntwo\n');
      expect((await queue(other, '/q', utf8).take()).value).toBe('three');
      expect(await run(['queue', '--timeout', '0', '/q', 'take'])).toMatchObject({
        code: 9,
        stderr: '/q has no item\n',
      });
    });

    it('waits for an item, which a program reads on its standard input', async () => {
      await using fifo = await Fifo.make();
      const taking = run(['queue', '/jobs', 'take', '--', 'sh', '-c', 'cat > "$0"', fifo.path]);

      await queue(other, '/jobs', utf8).put('a job');

      expect(await fifo.ended).toBe('a job');
      expect((await taking).code).toBe(0);
    });

    it('keeps an item of a safe queue whose program has failed', async () => {
      await run(['queue', '/safe', 'put', 'x']);

      const { code } = await run([
        'queue',
        '--locks',
        '/safe-locks',
        '/safe',
        'take',
        '--',
        'sh',
        '-c',
        'exit 6',
      ]);

      expect(code).toBe(6);
      expect((await run(['queue', '--locks', '/safe-locks', '/safe', 'take'])).stdout).toBe('x\n');
      expect((await run(['queue', '/safe', 'size'])).stdout).toBe('0\n');
    });

    it.each([
      ['priority', ['--priority', '5'], ['--priority', '-5'], 'second\nfirst\n'],
      ['simple', [], [], 'first\nsecond\n'],
      ['kazoo', ['--priority', '200'], [], 'second\nfirst\n'],
    ] as const)('of the kind %s', async (kind, first, second, expected) => {
      const path = `/kind-${kind}`;
      await run(['queue', '--kind', kind, ...first, path, 'put', 'first']);
      await run(['queue', '--kind', kind, ...second, path, 'put', 'second']);

      expect((await run(['queue', '--kind', kind, path, 'take', '-n', '2'])).stdout).toBe(expected);
    });

    it('hands out no item before its time', async () => {
      const delayed = ['queue', '--kind', 'delay'];
      await run([...delayed, '--delay', '30m', '/delayed', 'put', 'later']);
      await run([...delayed, '/delayed', 'put', 'now']);

      expect((await run([...delayed, '/delayed', 'take'])).stdout).toBe('now\n');
      expect((await run([...delayed, '--timeout', '0', '/delayed', 'take'])).code).toBe(9);
    });
  });

  describe('service', () => {
    it('is registered while its program runs, and found by others', async () => {
      await using fifo = await Fifo.make();
      const stop = new AbortController();
      const words = [
        '--address',
        'host',
        '--port',
        '80',
        '--payload',
        '{"rack":1}',
        '--uri',
        'http://{address}:{port}/',
      ];
      const registered = run(
        ['service', ...words, '/services', 'register', 'web', '--', ...fifo.goingOn('$CORRAL_SERVICE')],
        {
          signal: stop.signal,
        },
      );
      const id = await fifo.line();

      expect(await discovery(other, '/services').instances('web')).toMatchObject([
        { id, address: 'host', port: 80, payload: { rack: 1 }, serviceType: 'DYNAMIC' },
      ]);
      expect((await run(['service', '/services', 'list'])).stdout).toBe(
        `web ${id} http://host:80/ {"rack":1}\n`,
      );
      expect((await run(['service', '/services', 'list', 'none'])).stdout).toBe('');
      stop.abort(new Error('enough'));
      await registered;
      expect(await discovery(other, '/services').instances('web')).toEqual([]);
    });

    it('is registered again when its session has expired', async () => {
      await using fifo = await Fifo.make();
      const stop = new AbortController();
      const registered = run(
        ['service', '/again', 'register', 'web', '--', ...fifo.goingOn('$CORRAL_SERVICE')],
        {
          signal: stop.signal,
        },
      );
      const path = `/again/web/${await fifo.line()}`;
      const { changed } = await other.once.exists(path);

      await server.expireSession(await ownerOf(path));

      expect(await changed).toMatchObject({ type: 'deleted' });
      const again = await other.once.exists(path);
      if (again.value === null) await again.changed;
      stop.abort(new Error('enough'));
      await registered;
      expect(await other.exists(path)).toBeNull();
    });

    it('is watched as instances come and go', async () => {
      const services = discovery(other, '/watched');
      const first = await services.register({ name: 'db', id: 'a', address: 'h', port: 1 });
      const stop = new AbortController();
      const watching = Promise.withResolvers<void>();
      const watched = run(['service', '/watched', 'watch', 'db'], {
        signal: stop.signal,
        onNotes: () => watching.resolve(),
        onOutput: (stdout) => {
          if (stdout.endsWith('down db b h:2\n')) stop.abort(new Error('enough'));
        },
      });
      await watching.promise;

      const second = await services.register({ name: 'db', id: 'b', address: 'h', port: 2 });
      await second.close();

      expect((await watched).stdout).toBe('up db a h:1\nup db b h:2\ndown db b h:2\n');
      await first.close();
    });
  });

  it.each([
    [2, ['barrier', '/x', 'jump'], 'barrier knows no jump'],
    [2, ['barrier', '/x', 'enter'], 'enter wants the number of members'],
    [2, ['barrier', '/x', 'enter', 'two'], 'members wants a whole number'],
    [2, ['barrier', '/x', 'set', 'y'], 'y is one word too many'],
    [2, ['counter', '/x', '5'], 'counter wants +N, -N or =N, not 5'],
    [2, ['counter', '--format', 'roman', '/x'], '--format wants long, int or decimal'],
    [2, ['counter', '/huge', '+99999999999999999999'], 'is no integer of 64 bits'],
    [2, ['queue', '/x', 'push', 'y'], 'queue knows no push'],
    [2, ['queue', '/x', 'put'], 'put wants data'],
    [2, ['queue', '--kind', 'odd', '/x', 'size'], 'no kind of queue: odd'],
    [2, ['semaphore', '/x', '0'], 'permits wants a whole number'],
    [2, ['service', '/x', 'find'], 'service knows no find'],
    [2, ['service', '/x', 'register'], 'register wants the name of a service'],
    [2, ['service', '--payload', '{', '/x', 'register', 'y'], '--payload is no JSON'],
    [8, ['counter', '/text'], 'the data of /text: it has 4 bytes, not 8'],
  ])('ends with %i: %j', async (code, words, reason) => {
    await other.create('/text', 'text', { orSet: true });

    expect(await run(words)).toMatchObject({ code, stderr: expect.stringContaining(reason) });
    expect(await other.exists('/x')).toBeNull();
  });

  it.each([
    [['elect', '/dry'], 'would stand for election at /dry\n'],
    [['semaphore', '/dry', '3'], 'would take one of 3 permits of /dry\n'],
    [['barrier', '/dry', 'set'], 'would set /dry\n'],
    [['barrier', '/dry', 'enter', '3'], 'would enter /dry with 2 others\n'],
    [['queue', '/dry', 'put', 'x'], 'would put an item into /dry\n'],
    [['queue', '/dry', 'take'], 'would take 1 item of /dry\n'],
    [['service', '/dry', 'register', 'x'], 'would register x below /dry\n'],
  ])('does nothing with --dry-run: %j', async (words, told) => {
    expect((await run([...words, '--dry-run'])).stdout).toBe(told);
    expect(await other.exists('/dry')).toBeNull();
  });

  function run(words: readonly string[], circumstances?: Circumstances): Promise<Told> {
    return runner.run(words, circumstances);
  }

  async function ownerOf(path: string): Promise<bigint> {
    return (await other.exists(path))!.ephemeralOwner;
  }

  async function childrenOf(path: string, count: number): Promise<void> {
    for (;;) {
      const seen = await other.once.children(path);
      if (seen.value.names.length === count) return seen.forget();
      await seen.changed;
    }
  }
});

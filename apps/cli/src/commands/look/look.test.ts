import type { Client } from '@corral/client';
import { connect } from '@corral/client/node';
import type { Server } from '@corral/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandRunner, type Told } from '../../../test/command.ts';
import { serving } from '../../../test/serving.ts';

describe('commands that look at a tree', () => {
  let server: Server;
  let other: Client;
  let runner: CommandRunner;

  beforeAll(async () => {
    const { server: made, hosts } = await serving();
    server = made;
    other = await connect(hosts);
    runner = await CommandRunner.on(hosts);
    const secret = [
      { scheme: 'digest', id: 'me:x', perms: 'cdrwa' },
      { scheme: 'world', id: 'anyone', perms: 'c' },
    ];
    await other.create('/app', 'hello');
    await other.create('/app/b', '12');
    await other.create('/app/a');
    await other.create('/app/a/Deep', '345');
    await other.create('/app/a/lock-1', '', { mode: 'ephemeral' });
    await other.create('/app/c', 'x');
    await other.create('/closed', '1234', { acl: secret });
    await other.create('/closed/below', '56');
  });

  afterAll(async () => {
    await runner[Symbol.asyncDispose]();
    await other.close();
    await server.close();
  });

  it('count tells how many nodes there are below each child, most first', async () => {
    expect((await run(['count', '/app'])).stdout).toBe('5\t/app\n2\t/app/a\n0\t/app/b\n0\t/app/c\n');
    expect((await run(['count', '/app', '--json'])).stdout.split('\n')[0]).toBe('{"path":"/app","nodes":5}');
    expect((await run(['count', '/nowhere'])).code).toBe(4);
  });

  it('tree draws the nodes below one', async () => {
    expect((await run(['tree', '/app'])).stdout).toBe(
      `/app
├── a
│   ├── Deep
│   └── lock-1 (ephemeral)
├── b
└── c

6 nodes
`,
    );
  });

  it('tree goes no deeper than it is told, and says what it left out', async () => {
    const { stdout } = await run(['tree', '-L', '1', '/app']);

    expect(stdout).toBe('/app\n├── a (2 below)\n├── b\n└── c\n\n4 nodes\n');
  });

  it('tree tells where it may not look, and goes on', async () => {
    expect(await run(['tree'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('├── closed (may not be read)\n└── zookeeper\n'),
    });
  });

  it('tree tells programs each node with its kind', async () => {
    const { stdout } = await run(['tree', '/app/a', '--json']);

    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { path: '/app/a', kind: 'persistent', dataLength: 0, numChildren: 2 },
      { path: '/app/a/Deep', kind: 'persistent', dataLength: 3, numChildren: 0 },
      { path: '/app/a/lock-1', kind: 'ephemeral', dataLength: 0, numChildren: 0 },
    ]);
  });

  it.each([
    [['find', 'lock-*', '/app'], '/app/a/lock-1\n'],
    [['find', 'deep', '/app'], ''],
    [['find', '-i', 'deep', '/app'], '/app/a/Deep\n'],
    [['find', '/app/*', '/app'], '/app/a\n/app/b\n/app/c\n'],
    [['find', '-t', 'ephemeral', '*', '/app'], '/app/a/lock-1\n'],
    [['find', '-L', '1', '*', '/app'], '/app\n/app/a\n/app/b\n/app/c\n'],
  ])('%j', async (words, stdout) => {
    expect(await run(words)).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('grep finds text in the data of nodes', async () => {
    await other.create('/text', 'One line\nanother\r\n\none more');
    await other.create('/text/below', 'Two, and one');

    expect((await run(['grep', 'one', '/text'])).stdout).toBe('/text: one more\n/text/below: Two, and one\n');
    expect((await run(['grep', '-i', 'ONE', '/text'])).stdout).toBe(
      '/text: One line\n/text: one more\n/text/below: Two, and one\n',
    );
    expect((await run(['grep', '-l', 'line', '/text'])).stdout).toBe('/text\n');
    expect((await run(['grep', 'nowhere', '/text'])).stdout).toBe('');
    expect((await run(['grep', 'line', '/text', '--json'])).stdout).toBe(
      '{"path":"/text","lines":["One line"]}\n',
    );
    expect((await run(['grep', '5', '/closed'])).stderr).toBe(
      '/closed may not be read: neither it nor what is below it is searched\n',
    );
  });

  it('find says where it could not search', async () => {
    const { stderr } = await run(['find', 'below']);

    expect(stderr).toBe('/closed may not be read: what is below it is not searched\n');
  });

  it('du sums up what is below each, smallest parts first', async () => {
    expect((await run(['du', '/app'])).stdout).toBe(
      '3\t3\t/app/a\n2\t1\t/app/b\n1\t1\t/app/c\n11\t6\t/app\n',
    );
    expect((await run(['du', '-L', '0', '/app', '--json'])).stdout).toBe(
      '{"path":"/app","bytes":11,"nodes":6}\n',
    );
  });

  it('du counts a node that may not be read, and says that it knows nothing of what it holds', async () => {
    expect(await run(['du', '/closed'])).toEqual({
      code: 0,
      stdout: '0\t1\t/closed\n',
      stderr: '/closed may not be read: what it holds is not counted\n',
    });
  });

  it.each([
    [4, ['tree', '/none']],
    [4, ['find', 'x', '/none']],
    [4, ['du', '/none']],
    [2, ['tree', '-L', 'x']],
    [2, ['find', '-t', 'big', 'x']],
  ])('ends with %i: %j', async (code, words) => {
    expect((await run(words)).code).toBe(code);
  });

  it('ends when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));

    expect((await runner.run(['tree'], { signal })).stderr).toBe('enough\n');
  });

  function run(words: readonly string[]): Promise<Told> {
    return runner.run(words);
  }
});

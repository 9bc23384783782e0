import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@corral/client';
import { startTestServer, type TestServer } from '@corral/testing/node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CommandRunner, type Told } from '../../../test/command.ts';

describe('diff', () => {
  let server: TestServer;
  let elsewhere: TestServer;
  let other: Client;
  let runner: CommandRunner;
  let directory: string;

  beforeAll(async () => {
    [server, elsewhere] = await Promise.all([startTestServer(), startTestServer()]);
    other = await server.client();
    runner = await CommandRunner.on(server.connectString);
    directory = await mkdtemp(join(tmpdir(), 'corral-diff-'));
  });

  afterAll(async () => {
    await runner[Symbol.asyncDispose]();
    await server.close();
    await elsewhere.close();
    await rm(directory, { recursive: true });
  });

  beforeEach(async () => {
    for (const root of ['/a', '/b']) {
      await other.delete(root, { recursive: true, ifExists: true });
      await other.create(root, 'top');
      await other.create(`${root}/x`, 'one\ntwo\nthree\n');
      await other.create(`${root}/x/deep`, new Uint8Array([0, 255]));
      await other.create(`${root}/x-y`, null);
    }
  });

  it('says nothing of two that are alike, but for nodes that go with their sessions', async () => {
    await other.create('/b/held', '', { mode: 'ephemeral' });
    await other.set('/b/x-y', '');

    expect(await run(['diff', '/a', '/b'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '/b/held is ephemeral: left out\n0 added, 0 removed, 0 changed\n',
    });
  });

  describe('of two that are not', () => {
    beforeEach(async () => {
      await other.set('/b/x', 'one\n2\nthree\n');
      await other.create('/b/new', 'new');
      await other.delete('/b/x-y');
      await other.set('/b/x/deep', new Uint8Array([0, 254, 1]));
    });

    it('tells the nodes, and ends with 1', async () => {
      expect(await run(['diff', '/a', '/b'])).toEqual({
        code: 1,
        stdout: '+ /new\n~ /x\n~ /x/deep\n- /x-y\n',
        stderr: '1 added, 1 removed, 2 changed\n',
      });
    });

    it('shows the data where it is asked to', async () => {
      expect((await run(['diff', '--data', '/a', '/b'])).stdout).toBe(`+ /new
    + new
~ /x
    - two
    + 2
~ /x/deep
    - 2 bytes
    + 3 bytes
- /x-y
`);
    });

    it('tells programs', async () => {
      const { stdout } = await run(['diff', '--data', '--json', '/a', '/b']);

      expect(JSON.parse(stdout.split('\n')[1]!)).toEqual({
        path: '/x',
        change: 'changed',
        of: ['data'],
        before: { data: 'one\ntwo\nthree\n', encoding: 'utf8' },
        after: { data: 'one\n2\nthree\n', encoding: 'utf8' },
      });
    });

    it('has an export for either of them', async () => {
      const file = join(directory, 'b');
      await run(['export', '-o', file, '/b']);

      expect((await run(['diff', `file:${file}`, '/b'])).code).toBe(0);
      expect((await run(['diff', '/a', `file:${file}`])).stdout).toBe('+ /new\n~ /x\n~ /x/deep\n- /x-y\n');
      await writeFile(file, (await readFile(file, 'utf8')).replace('"new"', '"now"'));
      expect((await run(['diff', '/b', `file:${file}`])).code).toBe(2);
    });

    it('has the second on other servers', async () => {
      const there = await elsewhere.client();
      await there.create('/b/x/deep', new Uint8Array([0, 255]), { parents: true });

      const hosts = elsewhere.connectString;
      expect((await run(['diff', '/a/x/deep', '--to', `${hosts}/b/x/deep`])).code).toBe(0);
      expect((await run(['diff', '/a/x/deep', '/b/x/deep', '--to', hosts])).code).toBe(0);
      expect((await run(['diff', '/b', '--to', hosts])).stdout).toBe('~ /\n- /new\n~ /x\n~ /x/deep\n');
    });
  });

  it('compares ACLs where it is asked to, whatever their order', async () => {
    const everybody = { scheme: 'world', id: 'anyone', perms: 'cdrwa' };
    const local = { scheme: 'ip', id: '127.0.0.1', perms: 'r' };
    await other.setAcl('/a', [local, everybody]);
    await other.setAcl('/b', [everybody, local]);
    await other.setAcl('/b/x', [everybody, local]);

    expect((await run(['diff', '/a', '/b'])).code).toBe(0);
    expect((await run(['diff', '--acl', '/a', '/b'])).stdout).toBe('~ /x (acl)\n');
  });

  it('goes through many nodes', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `n${i}`);
    await Promise.all(
      ['/a', '/b'].flatMap((root) => names.map((name) => other.create(`${root}/${name}`, name))),
    );
    await other.set('/b/n777', 'other');

    expect((await run(['diff', '/a', '/b'])).stdout).toBe('~ /n777\n');
  });

  it.each([
    [2, ['diff', '/a'], 'the second node is missing'],
    [2, ['diff', '/a', '/b', '--to', 'h:1/c'], 'not both'],
    [2, ['diff', '/a', 'none.jsonl'], 'none.jsonl cannot be read'],
    [4, ['diff', '/a', '/none'], 'Node does not exist: /none'],
  ])('ends with %i: %j', async (code, words, reason) => {
    expect(await run(words)).toMatchObject({ code, stderr: expect.stringContaining(reason) });
  });

  function run(words: readonly string[]): Promise<Told> {
    return runner.run(words);
  }
});

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, utf8 } from '@corral/client';
import { connect } from '@corral/client/node';
import type { Server } from '@corral/server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CommandRunner, type Told } from '../../../test/command.ts';
import { serving } from '../../../test/serving.ts';

describe('export and import', () => {
  let server: Server;
  let other: Client;
  let runner: CommandRunner;
  let directory: string;
  let exported: string;

  beforeAll(async () => {
    const { server: made, hosts } = await serving();
    server = made;
    other = await connect(hosts);
    runner = await CommandRunner.on(hosts);
    directory = await mkdtemp(join(tmpdir(), 'corral-export-'));
    const local = [{ scheme: 'ip', id: '127.0.0.1', perms: 'cdrwa' }];
    await other.create('/app', 'Grüße\n', { acl: local });
    await other.create('/app/binary', new Uint8Array([0, 255]));
    await other.create('/app/binary/null', null);
    await other.create('/app/held', '', { mode: 'ephemeral' });
    exported = join(directory, 'app');
    await run(['export', '-o', exported, '/app']);
  });

  afterAll(async () => {
    await runner[Symbol.asyncDispose]();
    await other.close();
    await server.close();
    await rm(directory, { recursive: true });
  });

  beforeEach(() => other.delete('/to', { recursive: true, ifExists: true }));

  it('an export is lines of JSON: what it is, the nodes, a checksum', async () => {
    const { stdout, stderr } = await run(['export', '/app']);

    expect(stdout).toBe(await readFile(exported, 'utf8'));
    expect((await run(['export', '/app', '--json'])).stdout).toBe(stdout);
    expect(stderr).toBe('/app/held is ephemeral: left out\n');
    const acl = [{ scheme: 'world', id: 'anyone', perms: 'cdrwa' }];
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { format: 'corral-export', version: 1, root: '/app' },
      {
        path: '/',
        data: 'Grüße\n',
        encoding: 'utf8',
        acl: [{ scheme: 'ip', id: '127.0.0.1', perms: 'cdrwa' }],
      },
      { path: '/binary', data: 'AP8=', encoding: 'base64', acl },
      { path: '/binary/null', data: null, encoding: 'utf8', acl },
      { nodes: 3, sha256: expect.stringMatching(/^[\da-f]{64}$/) },
    ]);
  });

  it('an import makes the same nodes elsewhere', async () => {
    expect((await run(['import', exported, '/to'])).stderr).toBe('Created 3 nodes, overwrote 0, kept 0\n');

    expect((await Array.fromAsync(other.walk('/to'))).map(({ path }) => path)).toEqual([
      '/to',
      '/to/binary',
      '/to/binary/null',
    ]);
    expect((await other.get('/to', utf8)).data).toBe('Grüße\n');
    expect([...(await other.get('/to/binary')).data]).toEqual([0, 255]);
    expect((await other.getAcl('/to')).acl).toEqual((await other.getAcl('/app')).acl);
    const again = (await run(['export', '/to'])).stdout.split('\n');
    expect(again.slice(1, 4)).toEqual((await readFile(exported, 'utf8')).split('\n').slice(1, 4));
  });

  it('all of a server goes to all of another, without what is the servers own', async () => {
    const { stdout } = await run(['export', '/']);

    expect(stdout).not.toContain('/zookeeper');
    expect(stdout).toContain('"path":"/app/binary"');
    const file = join(directory, 'all');
    await writeFile(file, stdout);
    expect((await run(['import', '--existing', 'keep', file])).stderr).toBe(
      'Created 0 nodes, overwrote 0, kept 4\n',
    );
  });

  it('many nodes go there and back', async () => {
    await other.create('/many');
    const paths = Array.from({ length: 1500 }, (_, i) => `/many/${String(i).padStart(4, '0')}`);
    await Promise.all(paths.map((path) => other.create(path, path)));
    const file = join(directory, 'many');

    expect((await run(['export', '-o', file, '/many', '--json'])).stdout).toContain('"nodes":1501');
    expect((await run(['import', file, '/to', '--json'])).stdout).toBe(
      '{"path":"/to","created":1501,"overwritten":0,"kept":0}\n',
    );
    expect((await other.get('/to/1499', utf8)).data).toBe('/many/1499');
  });

  it('an import changes nothing where one of its nodes exists, unless it is told what to do', async () => {
    await other.create('/to', 'mine');
    await other.create('/to/binary', 'mine');

    expect(await run(['import', exported, '/to'])).toMatchObject({
      code: 5,
      stderr: 'Node already exists: /to\n',
    });
    expect(await other.exists('/to/binary/null')).toBeNull();
    // What goes on with an import that was cut off.
    expect((await run(['import', '--existing', 'keep', exported, '/to'])).stderr).toBe(
      'Created 1 node, overwrote 0, kept 2\n',
    );
    expect((await other.get('/to', utf8)).data).toBe('mine');
    expect((await run(['import', '--existing', 'overwrite', exported, '/to'])).stderr).toBe(
      'Created 0 nodes, overwrote 3, kept 0\n',
    );
    expect((await other.get('/to', utf8)).data).toBe('Grüße\n');
    expect((await other.getAcl('/to')).acl).toEqual((await other.getAcl('/app')).acl);
  });

  it('tells what it would do with --dry-run, and does not', async () => {
    expect((await run(['import', exported, '/to', '--dry-run'])).stdout).toBe(
      'would create /to\nwould create /to/binary\nwould create /to/binary/null\n',
    );
    expect(await other.exists('/to')).toBeNull();
  });

  it.each([
    [
      'a letter is another',
      (text: string) => text.replace('Grüße', 'Grüsse'),
      'line 5 tells another checksum',
    ],
    ['the end is missing', (text: string) => text.slice(0, text.lastIndexOf('{')), 'the file was cut off'],
    ['it ends within a line', (text: string) => text.slice(0, 200), 'the file was cut off'],
    ['a line is missing', without(2), 'line 4 tells another count of nodes than 2'],
    ['something stands behind', (text: string) => `${text}{}\n`, 'line 6 stands behind the end'],
    ['it is something else', () => 'dataDir=/data\n', 'line 1 is no JSON object'],
    ['it is other JSON', () => '{"a":1}\n', 'line 1 does not begin an export'],
    ['it is empty', () => '', 'line 1 is empty'],
    [
      'it comes from the future',
      (text: string) => text.replace('"version":1', '"version":2'),
      'of the version 2',
    ],
    ['a path is none', (text: string) => text.replace('"/binary"', '"/../etc"'), 'line 3 has no path'],
    ['an ACL is none', (text: string) => text.replace('"cdrwa"', '"xyz"'), 'line 2 has no ACL'],
    ['data are none', (text: string) => text.replace('AP8=', 'A?8='), 'line 3 has data that are no base64'],
  ])('a damaged file is refused before anything is changed: %s', async (_, damage, reason) => {
    const file = join(directory, 'damaged');
    await writeFile(file, damage(await readFile(exported, 'utf8')));

    const { code, stderr } = await run(['import', file, '/to']);

    expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
    expect(await other.exists('/to')).toBeNull();
  });

  it.each([
    [2, ['import', '/nowhere/at/all', '/to']],
    [2, ['import', '--existing', 'destroy', 'file', '/to']],
    [2, ['export', '-o', '/nowhere/at/all', '/app']],
    [4, ['export', '/none']],
  ])('ends with %i: %j', async (code, words) => {
    expect((await run(words)).code).toBe(code);
  });

  it('an export that fails leaves no file, and none is written over', async () => {
    const file = join(directory, 'none');

    expect((await run(['export', '-o', file, '/none'])).code).toBe(4);
    expect((await run(['export', '-o', exported, '/app'])).stderr).toBe(`${exported} exists\n`);
    expect((await readdir(directory)).filter((name) => name.startsWith('none'))).toEqual([]);
  });

  function without(index: number): (text: string) => string {
    return (text) => text.split('\n').toSpliced(index, 1).join('\n');
  }

  function run(words: readonly string[]): Promise<Told> {
    return runner.run(words);
  }
});

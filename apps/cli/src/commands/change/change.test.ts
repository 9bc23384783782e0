import { type Client, utf8 } from '@corral/client';
import { connect } from '@corral/client/node';
import type { Server } from '@corral/server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Circumstances, CommandRunner, type Told } from '../../../test/command.ts';
import { serving } from '../../../test/serving.ts';

describe('commands that change a tree', () => {
  let server: Server;
  let other: Client;
  let runner: CommandRunner;
  const readers = [
    { scheme: 'world', id: 'anyone', perms: 'r' },
    { scheme: 'ip', id: '127.0.0.1', perms: 'cdrwa' },
  ];

  beforeAll(async () => {
    const { server: made, hosts } = await serving();
    server = made;
    other = await connect(hosts);
    runner = await CommandRunner.on(hosts);
  });

  afterAll(async () => {
    await runner[Symbol.asyncDispose]();
    await other.close();
    await server.close();
  });

  beforeEach(async () => {
    for (const path of ['/from', '/to']) await other.delete(path, { recursive: true, ifExists: true });
    await other.create('/from', 'top', { acl: readers });
    await other.create('/from/a', new Uint8Array([0, 255]));
    await other.create('/from/a/deep', null);
    await other.create('/from/held', 'x', { mode: 'ephemeral' });
  });

  describe('cp', () => {
    it('makes a node with the same data and ACL, and nothing below it', async () => {
      expect(await run(['cp', '/from', '/to'])).toEqual({ code: 0, stdout: '', stderr: 'Created 1 node\n' });

      expect(await below('/to')).toEqual(['/to']);
      expect((await other.get('/to', utf8)).data).toBe('top');
      expect((await other.getAcl('/to')).acl).toEqual((await other.getAcl('/from')).acl);
    });

    it('-r takes all below along, but for what ephemeral nodes there are', async () => {
      const { stderr } = await run(['cp', '-r', '/from', '/to']);

      expect(stderr).toBe('/from/held is ephemeral: left out\nCreated 3 nodes\n');
      expect(await below('/to')).toEqual(['/to', '/to/a', '/to/a/deep']);
      expect([...(await other.get('/to/a')).data]).toEqual([0, 255]);
    });

    it('changes nothing where the target exists, unless it is forced to', async () => {
      await other.create('/to', 'mine');

      expect((await run(['cp', '-r', '/from', '/to'])).code).toBe(5);
      expect(await below('/to')).toEqual(['/to']);
      expect((await run(['cp', '-r', '-f', '/from', '/to'])).code).toBe(0);
      expect((await other.get('/to', utf8)).data).toBe('top');
      expect((await other.getAcl('/to')).acl).toHaveLength(2);
    });

    it('will not copy a tree into itself', async () => {
      expect(await run(['cp', '-r', '/from', '/from/a/new'])).toMatchObject({
        code: 2,
        stderr: '/from/a/new lies within /from\n',
      });
      expect((await run(['cp', '/from', '/from/new'])).code).toBe(0);
    });

    it('will not make a node that nobody can open: secrets in an ACL are shown to few', async () => {
      const acl = [
        { scheme: 'digest', id: 'me:hash', perms: 'cdrwa' },
        { scheme: 'world', id: 'anyone', perms: 'r' },
      ];
      await other.create('/secret', '', { acl });

      expect((await run(['cp', '/secret', '/to'])).code).toBe(7);
      expect(await other.exists('/to')).toBeNull();
    });

    it('copies many nodes, parents first', async () => {
      const paths = Array.from({ length: 500 }, (_, i) => `/from/n${i}`);
      await Promise.all(paths.map((path) => other.create(path, path)));
      await Promise.all(paths.map((path) => other.create(`${path}/c`, 'c')));

      expect((await run(['cp', '-r', '/from', '/to', '--json'])).stdout).toBe(
        '{"path":"/to","copied":1003}\n',
      );
      expect(await other.childCount('/to')).toBe(1002);
      expect((await other.get('/to/n499', utf8)).data).toBe('/from/n499');
    });

    it('tells what it would do with --dry-run, and does not', async () => {
      expect((await run(['cp', '-r', '/from', '/to', '--dry-run'])).stdout).toBe(
        'would create /to\nwould create /to/a\nwould create /to/a/deep\n',
      );
      expect(await other.exists('/to')).toBeNull();
    });

    it.each([
      [4, ['cp', '/none', '/to']],
      [4, ['cp', '/from', '/none/at/all']],
      [2, ['cp', '/from', '/from']],
    ])('ends with %i: %j', async (code, words) => {
      expect((await run(words)).code).toBe(code);
    });
  });

  describe('rm', () => {
    it('ends a node that has no children', async () => {
      expect((await run(['rm', '/from'])).code).toBe(8);
      expect(await run(['rm', '/from/a/deep', '/from/a'])).toEqual({
        code: 0,
        stdout: '',
        stderr: 'Deleted 1 node\nDeleted 1 node\n',
      });
      expect(await below('/from')).toEqual(['/from', '/from/held']);
    });

    it('-r ends all below, too, however much it is', async () => {
      const paths = Array.from({ length: 1000 }, (_, i) => `/from/a/n${i}`);
      await Promise.all(paths.map((path) => other.create(path)));

      expect((await run(['rm', '-r', '/from', '--json'])).stdout).toBe('{"path":"/from","deleted":1004}\n');
      expect(await other.exists('/from')).toBeNull();
    });

    it('-r asks whoever sits there to type the path', async () => {
      const settings = { isInteractive: true };

      expect(await run(['rm', '-r', '/from'], { settings, answer: 'yes' })).toMatchObject({
        code: 130,
        stderr: 'nothing was deleted\n',
      });
      expect(await below('/from')).toHaveLength(4);
      expect((await run(['rm', '-r', '/from'], { settings, answer: '/from' })).code).toBe(0);
      expect((await run(['rm', '-r', '-f', '-y', '/from'], { settings })).code).toBe(0);
    });

    it('tells what it would do with --dry-run, children first, and does not', async () => {
      expect((await run(['rm', '-r', '/from', '--dry-run'])).stdout).toBe(
        'would delete /from/a/deep\nwould delete /from/a\nwould delete /from/held\nwould delete /from\n',
      );
      expect(await below('/from')).toHaveLength(4);
    });

    it.each([
      [2, ['rm', '-r', '/']],
      [2, ['rm']],
      [4, ['rm', '/none']],
      [4, ['rm', '-r', '/none']],
      [0, ['rm', '-f', '/none']],
      [0, ['rm', '-r', '-f', '/none']],
    ])('ends with %i: %j', async (code, words) => {
      expect((await run(words)).code).toBe(code);
    });
  });

  describe('mv', () => {
    beforeEach(() => other.delete('/from/held'));

    it('moves a node and all below it, with data and ACLs', async () => {
      const acl = (await other.getAcl('/from')).acl;

      expect(await run(['mv', '/from', '/to'])).toEqual({ code: 0, stdout: '', stderr: 'Moved 3 nodes\n' });

      expect(await below('/to')).toEqual(['/to', '/to/a', '/to/a/deep']);
      expect([...(await other.get('/to/a')).data]).toEqual([0, 255]);
      expect((await other.getAcl('/to')).acl).toEqual(acl);
      expect(await other.exists('/from')).toBeNull();
    });

    it('does so all at once, and where it cannot, not at all', async () => {
      await other.create('/to');

      expect((await run(['mv', '/from', '/to'])).code).toBe(5);
      expect((await run(['mv', '/from', '/none/at/all'])).code).toBe(4);
      await other.create('/from/a/held', '', { mode: 'ephemeral' });
      expect(await run(['mv', '/from', '/elsewhere'])).toMatchObject({
        code: 8,
        stderr: '/from/a/held is ephemeral: it stays with its session\n',
      });
      expect(await below('/from')).toHaveLength(4);
      expect(await other.exists('/elsewhere')).toBeNull();
    });

    it('says so where there is more than goes into one transaction', async () => {
      await Promise.all(
        Array.from({ length: 6 }, (_, i) => other.create(`/from/large${i}`, new Uint8Array(100_000))),
      );

      const { code, stderr } = await run(['mv', '/from', '/to']);

      expect([code, stderr]).toEqual([8, expect.stringContaining('cp -r and rm -r')]);
      expect(await other.exists('/to')).toBeNull();
    });

    it('tells what it would do with --dry-run, and does not', async () => {
      expect((await run(['mv', '/from', '/to', '--dry-run'])).stdout).toBe(
        'would move /from to /to\nwould move /from/a to /to/a\nwould move /from/a/deep to /to/a/deep\n',
      );
      expect(await other.exists('/to')).toBeNull();
    });

    it.each([
      [2, ['mv', '/from', '/from/a/b']],
      [2, ['mv', '/', '/to']],
      [4, ['mv', '/none', '/to']],
    ])('ends with %i: %j', async (code, words) => {
      expect((await run(words)).code).toBe(code);
    });
  });

  async function below(root: string): Promise<string[]> {
    return (await Array.fromAsync(other.walk(root))).map(({ path }) => path);
  }

  function run(words: readonly string[], circumstances?: Circumstances): Promise<Told> {
    return runner.run(words, circumstances);
  }
});

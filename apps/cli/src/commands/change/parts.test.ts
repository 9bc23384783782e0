import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, digestAcl, utf8 } from '@corral/client';
import { nodeDigests } from '@corral/runtime/node';
import { startTestServer, type TestServer } from '@corral/testing/node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Circumstances, CommandRunner, type Told } from '../../../test/command.ts';
import { corral } from '../../../test/corral.ts';

describe('commands that change a part of something', () => {
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

  beforeEach(async () => {
    for (const path of ['/a', '/new']) await other.delete(path, { recursive: true, ifExists: true });
    await other.create('/a', 'data');
  });

  describe('touch', () => {
    it('makes a new version with the same data, or a new node', async () => {
      expect((await run(['touch', '/a'])).code).toBe(0);
      expect((await run(['touch', '/new'])).stderr).toBe('Created /new\n');

      expect(await other.get('/a', utf8)).toMatchObject({ data: 'data', stat: { version: 1 } });
      expect((await run(['touch', '/new/b/c'])).code).toBe(4);
      expect((await run(['touch', '-p', '/new/b/c'])).code).toBe(0);
      expect((await run(['touch', '--dry-run', '/a'])).stdout).toBe('would set /a\n');
    });
  });

  describe('json', () => {
    const document =
      '{\n  "port": 80,\n  "hosts": ["a", "b"],\n  "id": 12345678901234567890,\n  "rate": 1.50\n}\n';

    beforeEach(() => other.set('/a', document));

    it('tells a part of a document', async () => {
      expect((await run(['json', 'get', '/a', '/hosts/1'])).stdout).toBe('"b"\n');
      expect((await run(['json', '--text', 'get', '/a', '/hosts/1'])).stdout).toBe('b\n');
      expect((await run(['json', 'get', '/a', '/id', '--json'])).stdout).toBe('12345678901234567890\n');
      expect((await run(['json', 'get', '/a'])).stdout).toBe(
        document.replace('["a", "b"]', '[\n    "a",\n    "b"\n  ]'),
      );
      expect((await run(['json', 'get', '/a', '/hosts/2'])).code).toBe(4);
    });

    it('sets a part, and leaves the rest as it is written: indentation, large numbers, zeroes', async () => {
      await other.set('/a', document.replace('["a", "b"]', '{}'));

      expect((await run(['json', 'set', '/a', '/port', '8080'])).code).toBe(0);
      expect((await other.get('/a', utf8)).data).toBe(
        document.replace('["a", "b"]', '{}').replace('80', '8080'),
      );
    });

    it('adds to lists and objects', async () => {
      await run(['json', 'set', '/a', '/hosts/-', '{"name":"c"}']);
      await run(['json', '--text', 'set', '/a', '/hosts/2/port', '80']);

      expect((await run(['json', 'get', '/a', '/hosts', '--json'])).stdout).toBe(
        '["a","b",{"name":"c","port":"80"}]\n',
      );
    });

    it('loses nothing of what others set meanwhile', async () => {
      await other.set('/a', '{}');
      const keys = Array.from({ length: 8 }, (_, i) => `k${i}`);

      await Promise.all(keys.map((key) => run(['json', 'set', '/a', `/${key}`, '1'])));

      expect(Object.keys(JSON.parse((await other.get('/a', utf8)).data) as object).toSorted()).toEqual(keys);
    });

    it.each([
      [2, ['json', 'set', '/a', '/no/where', '1'], 'there is nothing to hold /no/where'],
      [2, ['json', 'set', '/a', '/hosts/9', '1'], 'the list has no element /hosts/9'],
      [2, ['json', 'set', '/a', '/port', '{'], '--text takes it as text'],
      [2, ['json', 'get', '/a', 'port'], '"port" is no JSON Pointer'],
      [2, ['json', 'drop', '/a'], 'json get path [pointer]'],
      [4, ['json', 'get', '/none'], 'Node does not exist: /none'],
      [8, ['json', 'get', '/zookeeper/config'], '/zookeeper/config is no JSON'],
    ])('ends with %i: %j', async (code, words, reason) => {
      expect(await run(words)).toMatchObject({ code, stderr: expect.stringContaining(reason) });
      expect((await other.get('/a', utf8)).data).toBe(document);
    });

    it('changes nothing with --dry-run', async () => {
      const { stdout } = await run(['json', 'set', '/a', '/port', '1', '--dry-run']);

      expect(stdout).toMatch(/^would set \/a to \{\n {2}"port": 1,/);
      expect((await other.get('/a', utf8)).data).toBe(document);
    });
  });

  describe('txn', () => {
    it('does all of it', async () => {
      const words = [
        'check /a 0',
        'set /a "two words" -v 0',
        'create /new x',
        'create -s /new/n- y',
        'delete /new/n-0000000000',
      ];

      const { code, stderr } = await run(['txn', ...words]);

      expect([code, stderr]).toEqual([0, 'Created /new\nCreated /new/n-0000000000\nDone: 5 operations\n']);
      expect((await other.get('/a', utf8)).data).toBe('two words');
      expect((await other.children('/new')).names).toEqual([]);
    });

    it('or nothing, and says what was refused', async () => {
      expect(await run(['txn', 'create /new', 'check /a 7', 'delete /a'])).toMatchObject({
        code: 6,
        stderr: 'check /a 7: version No is not valid : /a\nnothing was changed\n',
      });
      expect(await other.exists('/new')).toBeNull();
    });

    it('tells programs what came of each operation', async () => {
      const { stdout } = await run(['txn', 'set /a x', 'check /a 1', '--json']);

      expect(
        stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
      ).toEqual([
        { operation: 'set', path: '/a', stat: expect.objectContaining({ version: 1 }) },
        { operation: 'check', path: '/a' },
      ]);
    });

    it('reads lines of a file, and of standard input', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'corral-txn-'));
      const file = join(directory, 'lines');
      await writeFile(file, '# both or none\nset /a file\n\ncreate /new\n');

      expect((await run(['txn', '-f', file])).code).toBe(0);
      expect((await other.get('/a', utf8)).data).toBe('file');
      const { code } = await corral(['-s', server.connectString, 'txn'], ['set /a input', 'check /new 0']);
      expect([code, (await other.get('/a', utf8)).data]).toEqual([0, 'input']);
      await writeFile(file, 'set /a never\n\nchek /a 1\n');
      expect(await run(['txn', '-f', file])).toMatchObject({
        code: 2,
        stderr: `${file}: line 3: chek is no operation; did you mean check?\n`,
      });
      expect((await other.get('/a', utf8)).data).toBe('input');
      await rm(directory, { recursive: true });
    });

    it('is typed line by line in the shell, until commit or abort', async () => {
      const lines = [
        'txn',
        'begin',
        'set /a typed',
        'st /a no',
        'delete /a -v x',
        'create /new',
        'commit',
        'txn',
        'delete /a',
        'abort',
        'get /a',
      ];

      const { code, stdout, stderr } = await corral(['-s', server.connectString], lines);

      expect(code).toBe(0);
      expect(stdout).toContain('\ntyped\n');
      expect(stderr).toContain('st is no operation; did you mean set?\n-v wants a whole number');
      expect(stderr).toMatch(/Created \/new\nDone: 2 operations\nnothing was changed\n$/);
    });

    it('is given up where its input ends', async () => {
      const { code, stderr } = await corral(['-s', server.connectString], ['txn', 'set /a never']);

      expect([code, stderr]).toEqual([130, expect.stringMatching(/nothing was changed\n$/)]);
      expect((await other.get('/a', utf8)).data).toBe('data');
    });

    it('changes nothing with --dry-run', async () => {
      expect((await run(['txn', 'set /a x', 'delete /a', '--dry-run'])).stdout).toBe(
        'would set /a x\nwould delete /a\n',
      );
      expect((await other.get('/a', utf8)).data).toBe('data');
    });

    it.each([
      [2, ['txn', 'set /a'], 'data is missing\nusage: set path data'],
      [2, ['txn', 'check /a soon'], 'version wants a whole number'],
      [2, ['txn', 'create -c -e /x'], '-c cannot be combined'],
      [2, ['txn', 'create x'], '"x" is no path'],
      [2, ['txn', '-f', '/nowhere/at/all'], '/nowhere/at/all cannot be read'],
      [2, ['txn', '-f', 'x', 'delete /a'], 'not both'],
      [4, ['txn', 'delete /none'], 'delete /none: Node does not exist: /none'],
    ])('ends with %i: %j', async (code, words, reason) => {
      expect(await run(words)).toMatchObject({ code, stderr: expect.stringContaining(reason) });
    });
  });

  describe('acl', () => {
    const ann = digestAcl(nodeDigests, 'ann', 'secret', 'rw');
    const world = { scheme: 'world', id: 'anyone', perms: 'cdrwa' };

    it('is shown as setAcl takes it', async () => {
      await other.setAcl('/a', [world, { scheme: 'ip', id: '10.0.0.0/8', perms: 'r' }]);

      expect((await run(['acl', 'show', '/a'])).stdout).toBe('world:anyone:cdrwa\nip:10.0.0.0/8:r\n');
    });

    it('gets and loses single permissions', async () => {
      await run(['acl', 'grant', '/a', 'digest:ann', 'wr', '--password', 'secret']);
      expect((await other.getAcl('/a')).acl).toEqual([world, ann]);
      await run(['acl', 'grant', '/a', `digest:${ann.id}`, 'dc']);
      expect((await other.getAcl('/a')).acl).toEqual([world, { ...ann, perms: 'cdrw' }]);
      await run(['acl', 'revoke', '/a', `digest:${ann.id}`, 'cd']);
      expect((await other.getAcl('/a')).acl).toEqual([world, ann]);
      await run(['acl', 'revoke', '/a', `digest:${ann.id}`]);
      expect((await other.getAcl('/a')).acl).toEqual([world]);
    });

    it('warns where nobody may change it any more, and refuses to leave nothing of it', async () => {
      expect((await run(['acl', 'revoke', '/a', 'world:anyone'])).code).toBe(8);
      expect((await run(['acl', 'revoke', '/a', 'world:anyone', 'a'])).stderr).toBe(
        'nobody may change the ACL of /a any more: none has the permission a\nChanged the ACL of 1 node\n',
      );
    });

    it('is changed in everything below, where it has to be', async () => {
      await other.create('/a/b');
      await other.create('/a/b/c', '', { acl: [{ scheme: 'world', id: 'anyone', perms: 'cdra' }] });

      expect((await run(['acl', '-r', 'set', '/a', 'world:anyone:cdra'])).stderr).toBe(
        'Changed the ACL of 2 nodes\n',
      );
      expect((await run(['acl', '-r', 'grant', '/a', 'world:anyone', 'w', '--dry-run'])).stdout).toBe(
        ['/a/b/c', '/a/b', '/a']
          .map((path) => `would set the ACL of ${path} to world:anyone:cdrwa\n`)
          .join(''),
      );
    });

    it('is not written again where its secrets are hidden', async () => {
      await other.setAcl('/a', [ann, { scheme: 'world', id: 'anyone', perms: 'r' }]);

      expect(await run(['acl', 'grant', '/a', 'world:anyone', 'w'])).toMatchObject({
        code: 7,
        stderr: 'The ACL of /a is shown only to those with permission a\n',
      });
    });

    it('explains what somebody may do, and by which entry', async () => {
      await other.setAcl('/a', [{ scheme: 'ip', id: '127.0.0.0/8', perms: 'ra' }, ann]);

      expect((await run(['acl', 'explain', '/a'])).stdout).toBe(`/a, for ip:127.0.0.1:
  read it           yes, by ip:127.0.0.0/8:ra (r)
  set its data      no: only digest:${ann.id} (w)
  create children   no: nobody may (c)
  delete children   no: nobody may (d)
  change its ACL    yes, by ip:127.0.0.0/8:ra (a)
  delete it         yes, by world:anyone:cdrwa (d of /)
`);
    });

    it.each([
      ['ip:128.0.0.1', [false, false, false, false, false, true]],
      ['ip:127.255.0.1', [true, false, false, false, true, true]],
      ['ip:::1', [false, false, false, false, false, true]],
      [`digest:${ann.id}`, [true, true, false, false, false, true]],
      ['digest:ann', [true, true, false, false, false, true]],
      ['digest:bob', [false, false, false, false, false, true]],
      ['super:anybody', [true, true, true, true, true, true]],
    ])('what the server would say to %s', async (who, verdicts) => {
      await other.setAcl('/a', [{ scheme: 'ip', id: '127.0.0.0/8', perms: 'ra' }, ann]);

      const { stdout } = await run(['acl', 'explain', '/a', who, '--json']);

      const told = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { isAllowed: boolean });
      expect(told.map(({ isAllowed }) => isAllowed)).toEqual(verdicts);
    });

    it.each([
      [2, ['acl', 'change', '/a'], 'acl knows no change'],
      [2, ['acl', 'grant', '/a', 'world:anyone'], 'perms is missing'],
      [2, ['acl', 'grant', '/a', 'world:anyone', 'xyz'], 'perms are letters of cdrwa'],
      [2, ['acl', 'grant', '/a', 'anyone', 'r'], 'anyone does not have the form scheme:id'],
      [2, ['acl', 'grant', '/a', 'ip:1.2.3.4', 'r', '--password', 'x'], '--password is for digest:USER'],
      [4, ['acl', 'show', '/none'], 'Node does not exist: /none'],
      [8, ['acl', 'grant', '/a', 'nonsense:x', 'r'], 'Acl is not valid : /a'],
    ])('ends with %i: %j', async (code, words, reason) => {
      expect(await run(words)).toMatchObject({ code, stderr: expect.stringContaining(reason) });
    });
  });

  function run(words: readonly string[], circumstances?: Circumstances): Promise<Told> {
    return runner.run(words, circumstances);
  }
});

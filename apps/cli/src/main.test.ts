import type { Client } from '@corral/client';
import { connect } from '@corral/client/node';
import type { Server } from '@corral/server';
import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corral, program, type Said } from '../test/corral.ts';
import { serving } from '../test/serving.ts';

describe('corral', () => {
  let server: Server;
  let hosts: string;
  let other: Client;

  beforeAll(async () => {
    ({ server, hosts } = await serving());
    other = await connect(hosts);
    await other.create('/app', 'hello');
    await other.create('/app/child', new Uint8Array([0, 255]));
    await other.create('/closed', '', { acl: [{ scheme: 'digest', id: 'me:x', perms: 'cdrwa' }] });
  });

  afterAll(async () => {
    await other.close();
    await server.close();
  });

  it('runs one command, and says nothing but the answer', async () => {
    expect(await on(['ls', '/app'])).toEqual({ code: 0, stdout: '[child]\n', stderr: '' });
  });

  it('says on standard error what is beside the answer', async () => {
    expect(await on(['create', '/made'])).toEqual({ code: 0, stdout: '', stderr: 'Created /made\n' });
    expect(await on(['--quiet', 'create', '/quiet'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('begins as zkCli.sh does for those who use its -server', async () => {
    const { stdout } = await corral(['-server', hosts, 'get', '/app']);

    expect(stdout.split('\n')).toEqual([
      `Connecting to ${hosts}`,
      '',
      'WATCHER::',
      '',
      'WatchedEvent state:SyncConnected type:None path:null zxid: -1',
      'hello',
      '',
    ]);
  });

  it('answers programs in JSON, wherever they ask for it', async () => {
    const before = await on(['--json', 'get', '/app']);
    const behind = await on(['get', '/app', '--json']);
    const binary = await on(['--json', 'get', '/app/child']);
    const list = await on(['--json', 'ls', '-R', '/app']);

    expect(JSON.parse(before.stdout)).toMatchObject({
      path: '/app',
      data: 'hello',
      encoding: 'utf8',
      stat: { version: 0, dataLength: 5, ephemeralOwner: '0x0' },
    });
    expect(behind.stdout).toBe(before.stdout);
    expect(JSON.parse(binary.stdout)).toMatchObject({ data: 'AP8=', encoding: 'base64' });
    expect(list.stdout).toBe('"/app"\n"/app/child"\n');
  });

  it('hands on data as they are', async () => {
    const words = [program, '-s', hosts, 'get', '/app/child'];
    const { stdout } = await promisify(execFile)(process.execPath, words, { encoding: 'latin1' });

    expect(stdout).toBe('\0\u00ff\n');
  });

  it('knows a chroot, and what lies outside of it', async () => {
    const below = (words: readonly string[]): Promise<Said> => corral(['-s', `${hosts}/app`, ...words]);

    expect((await below(['ls', '/'])).stdout).toBe('[child]\n');
    expect((await below(['get', '/none'])).stderr).toBe('Node does not exist: /none\n');
    expect((await below(['config'])).code).toBe(0);
    expect((await below(['setquota', '-n', '5', '/child'])).code).toBe(0);
    expect((await on(['listquota', '/app/child'])).stdout).toContain('/app/child count=5,');
    await below(['delquota', '/child']);
    expect((await on(['ls', '/zookeeper/quota'])).stdout).toBe('[]\n');
  });

  it.each([
    ['delete', '/app/child'],
    ['deleteall', '/app'],
    ['set', '/app', 'other'],
    ['setAcl', '/app', 'world:anyone:r'],
    ['setAcl', '-R', '/app', 'world:anyone:r'],
    ['create', '/never'],
    ['setquota', '-n', '5', '/app'],
    ['reconfig', '-remove', '1'],
  ])('changes nothing with --dry-run: %s', async (...words) => {
    const { code, stdout } = await on(['--dry-run', ...words]);

    expect([code, stdout]).toEqual([0, expect.stringMatching(/^would /)]);
    expect((await on(['ls', '-R', '/app'])).stdout).toBe('/app\n/app/child\n');
    expect((await on(['get', '/app'])).stdout).toBe('hello\n');
  });

  it('ends a node that somebody gave a version only in that version, in the old way of saying it too', async () => {
    await other.create('/versioned');

    expect((await on(['delete', '/versioned', '7'])).code).toBe(6);
    expect((await on(['delete', '/versioned', '0'])).stderr).toContain('deprecated');
    expect(await other.exists('/versioned')).toBeNull();
  });

  it('takes all servers of a reconfiguration', async () => {
    const one = 'server.1=a:1:2;3';
    const two = 'server.2=b:1:2;3';

    const said = await on(['--dry-run', 'reconfig', '-add', one, '-add', two, '-remove', '4,5']);

    expect(said.stdout).toBe(`would reconfigure: ${JSON.stringify({ join: [one, two], leave: [4, 5] })}\n`);
  });

  it('ends its session, and with it its ephemeral nodes', async () => {
    await on(['create', '-e', '/for-a-moment']);

    expect(await other.exists('/for-a-moment')).toBeNull();
  });

  it('waits no longer than it was told', async () => {
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const { port } = silent.address() as { port: number };

    const said = await corral(['-s', `127.0.0.1:${port}`, '--timeout', '300', 'ls', '/']);

    expect(said).toEqual({ code: 9, stdout: '', stderr: 'not done within 300 ms\n' });
    await new Promise((resolve) => {
      silent.close(resolve);
    });
  });

  it('ends at Ctrl-C, with a code of its own', async () => {
    const asked = Promise.withResolvers<void>();
    const silent = createServer((socket) => socket.resume().once('data', () => asked.resolve()));
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const { port } = silent.address() as { port: number };
    const child = spawn(process.execPath, [program, '-s', `127.0.0.1:${port}`, 'ls', '/']);
    const said = text(child.stderr);
    const ended = new Promise((resolve) => {
      child.once('close', resolve);
    });

    await asked.promise;
    child.kill('SIGINT');

    expect([await ended, await said]).toEqual([130, 'interrupted\n']);
    silent.close();
  });

  it('says so where its answer cannot be written, and does not where nobody reads it any more', async () => {
    const full = spawn('sh', ['-c', `"$0" "$1" -s ${hosts} ls -R / > /dev/full`, process.execPath, program]);
    const said = text(full.stderr);
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      `"$0" "$1" -s ${hosts} ls -R / 2>&1 | head -1`,
      process.execPath,
      program,
    ]);

    expect(await said).toMatch(/^standard output: ENOSPC.*\n$/);
    expect(stdout).toBe('/\n');
  });

  it.each([
    [2, ['sl', '/'], 'Command not found: sl; did you mean ls?'],
    [2, ['ls'], 'path is missing\nusage: ls [-s] [-w] [-R] path'],
    [2, ['ls', '-z', '/'], '-z is no option of ls'],
    [2, ['get', '/a', '/b', '/c'], '/c is one word too many'],
    [2, ['--jsno', 'ls', '/'], '--jsno is no option; did you mean --json?'],
    [2, ['--timeout', 'soon', 'ls', '/'], '--timeout is no time: soon'],
    [2, ['-timeout', '0', 'ls', '/'], '-timeout is no time: 0'],
    [2, ['--auth', 'digest', 'ls', '/'], '--auth wants scheme:auth'],
    [2, ['-client-configuration', 'tls.properties', 'ls', '/'], 'TLS, which comes later'],
    [2, ['-s', 'a:b:c', 'ls', '/'], 'no server address: "a:b:c"'],
    [2, ['ls', 'app'], '"app" is no path'],
    [2, ['ls', '/app/'], '"/app/" is no path'],
    [2, ['delete', '-v', 'x', '/app'], '-v wants a whole number'],
    [2, ['set', '-b', '/app', '*'], 'no base64: *'],
    [2, ['setAcl', '/app', 'nonsense'], 'nonsense does not have the form scheme:id:perm'],
    [2, ['setAcl', '/app', 'world:anyone:x'], 'Unknown perm type: x'],
    [2, ['addauth', 'digest'], 'digest wants user:password'],
    [2, ['addWatch', '-m', 'SOMETIMES', '/app'], 'no mode: SOMETIMES'],
    [2, ['create', '-c', '-e', '/x'], '-c cannot be combined with -s or -e'],
    [2, ['reconfig', '-v', 'x', '-remove', '1'], '-v must be followed by a long'],
    [2, ['reconfig', '-file', '/nowhere/at/all'], 'Error processing /nowhere/at/all'],
    [2, ['setquota', '/app'], 'setquota wants one of -n, -b, -N and -B'],
    [2, ['redo', '1'], 'only in the shell'],
    [3, ['-s', '127.0.0.1:1', 'ls', '/'], 'no server was reached: 127.0.0.1:1'],
    [4, ['get', '/nowhere'], 'Node does not exist: /nowhere'],
    [4, ['deleteall', '/nowhere'], 'Node does not exist: /nowhere'],
    [4, ['setquota', '-n', '1', '/nowhere'], '/nowhere does not exist.'],
    [5, ['create', '/app'], 'Node already exists: /app'],
    [6, ['set', '-v', '7', '/app', 'x'], 'version No is not valid : /app'],
    [7, ['get', '/closed'], 'Insufficient permission : /closed'],
    [7, ['--auth', 'nonsense:x', 'ls', '/'], 'AuthFailed'],
    [8, ['delete', '/app'], 'Node not empty: /app'],
    [8, ['deleteall', '/zookeeper'], 'Failed to delete some node(s) in the subtree!'],
  ])('ends with %i, a reason and no stack trace: %j', async (code, words, reason) => {
    const said = words.includes('-s') ? await corral(words) : await corral(['-s', hosts, ...words]);

    expect([said.code, said.stdout]).toEqual([code, '']);
    expect(said.stderr).toContain(reason);
    expect(said.stderr).not.toMatch(/\n\s+at /);
  });

  it('reads all words before it asks anybody', async () => {
    const { code, stderr } = await corral(['-s', '127.0.0.1:1', 'ls', '-z', '/']);

    expect([code, stderr]).toEqual([2, expect.stringContaining('-z is no option of ls')]);
    expect((await corral(['-s', '127.0.0.1:1', 'ls', '--help'])).stdout).toMatch(/^ls \[-s\] \[-w\]/);
    expect((await corral(['ls', '-?'])).stdout).toMatch(/^ls \[-s\] \[-w\]/);
  });

  it('tells its version, its commands and the words of each', async () => {
    const help = await corral(['--help']);
    const one = await corral(['help', 'get']);

    expect((await corral(['--version'])).stdout).toMatch(/^corral, version \d+\.\d+\.\d+, as zkCli.sh 3\.9/);
    expect(help.stdout).toMatch(/\n {2}getAllChildrenNumber {2,}\S/);
    expect(one.stdout).toMatch(/^get \[-s\] \[-w\] \[-b\] \[-x\] path\n[^]*\n {2}-x {2,}\S/);
  });

  describe('with lines on its standard input', () => {
    it('runs one after the other, and ends with the exit code of the last', async () => {
      const said = await corral(['-s', hosts], ['get /app', '', 'get /nowhere', 'ls /app', 'stat /nowhere']);

      expect(said.code).toBe(4);
      expect(said.stdout).toMatch(/^Connecting to \S+\nWelcome to ZooKeeper!\n[^]*\nhello\n\[child\]\n/);
      expect(said.stderr).toBe('Node does not exist: /nowhere\nNode does not exist: /nowhere\n');
    });

    it('tells an event once, whatever watches it fires', async () => {
      const lines = [
        'create /w x',
        'get -w /w',
        'get -w /w',
        'ls -w /w',
        'addWatch /w',
        'addWatch -m PERSISTENT /w',
        'set /w y',
        'printwatches off',
        'set /w z',
        'printwatches on',
        'delete /w',
      ];

      const { stdout } = await corral(['-s', hosts], lines);

      expect(stdout.match(/type:Node\w+ path:\S+/g)).toEqual([
        'type:NodeDataChanged path:/w',
        'type:NodeDeleted path:/w',
      ]);
    });

    it('watches recursively unless it is told otherwise', async () => {
      const lines = ['addWatch -m PERSISTENT /app', 'create /r x', 'addWatch /r', 'create /r/below x'];

      const { stdout } = await corral(['-s', hosts], lines);

      expect(stdout).toContain('type:NodeCreated path:/r/below');
    });

    it('numbers its lines, and does one again', async () => {
      const { stdout, stderr } = await corral(
        ['-s', hosts],
        ['get /app', 'redo 0', 'redo 1', 'redo 9', 'redo 3', 'history', 'quit', 'get /app'],
      );

      expect(stdout.match(/^hello$/gm)).toHaveLength(3);
      expect(stderr).toBe('Command index out of range\nNo redoing redos\n');
      expect(stdout).toContain(
        '0 - get /app\n1 - get /app\n2 - get /app\n3 - redo 9\n4 - redo 3\n5 - history\n',
      );
    });

    it('says that it is not connected after close, until it connects again', async () => {
      const said = await corral(
        ['-s', hosts],
        ['get /app', 'close', 'get /app', 'close', 'connect', 'get /app'],
      );

      expect(said.stdout.match(/^(Not connected|hello)$|state:\w+/gm)).toEqual([
        'state:SyncConnected',
        'hello',
        'state:Closed',
        'Not connected',
        'Not connected',
        'state:SyncConnected',
        'hello',
        'state:Closed',
      ]);
    });
  });

  function on(words: readonly string[]): Promise<Said> {
    return corral(['-s', hosts, ...words]);
  }
});

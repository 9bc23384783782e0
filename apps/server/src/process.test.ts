import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Client } from '../test/client.ts';
import { freePort, ServerProcess } from '../test/server-process.ts';
import { ask } from './ask.ts';

// Some start a server four times, on machines that do other things besides.
vi.setConfig({ testTimeout: 60_000 });

let folder = '';
let port = 0;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'corral-process-'));
  port = await freePort();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes `zoo.cfg` with a data directory, a port, and `lines`. */
function configure(lines = ''): string {
  const file = join(folder, 'zoo.cfg');
  writeFileSync(
    file,
    `dataDir=${folder}/data\nclientPort=${port}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n${lines}`,
  );
  return file;
}

function run(args: readonly string[], env?: Record<string, string>): ServerProcess {
  return new ServerProcess(args, env === undefined ? { cwd: folder } : { cwd: folder, env });
}

function pidFile(): string {
  return join(folder, 'data', 'zookeeper_server.pid');
}

function word(name: string): Promise<string> {
  return ask('127.0.0.1', port, name, 10_000);
}

describe('start-foreground', () => {
  test('starts all the same where the HTTP port is taken, and says so', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port: taken } = holder.address() as AddressInfo;
    await using server = await run([
      'start-foreground',
      configure(`admin.enableServer=true\nadmin.serverPort=${taken}\n`),
    ]).serves();
    await server.says(/no HTTP commands: the port cannot be opened/);
    expect(await word('ruok')).toBe('imok');
    holder.close();
  });

  test('serves what zoo.cfg says, and ends in order on SIGTERM', async () => {
    await using server = await run(['start-foreground', configure()]).serves();
    expect(await word('ruok')).toBe('imok');
    expect(await word('srvr')).toMatch(
      /^Zookeeper version: 3\.9\.5-corral-[\d.]+, built on [\s\S]*\nMode: standalone\n/,
    );
    expect(await word('conf')).toContain(`clientPort=${port}\n`);
    const { code, stderr } = await server.kill('SIGTERM');
    expect(code).toBe(0);
    expect(stderr.trimEnd().split('\n').at(-1)).toContain('"msg":"stopped"');
  });

  test('is what a path alone means', async () => {
    await using server = await run([configure()]).serves();
    expect((await server.kill('SIGINT')).code).toBe(0);
  });

  test('without a configuration says in three lines where it is and how to reach it', async () => {
    await using server = await run(['start-foreground'], { CORRAL_CLIENT_PORT: String(port) }).serves();
    await server.says(/^Connect any ZooKeeper client/);
    const { stdout } = await server.kill('SIGTERM');
    expect(stdout).toBe(
      `Corral keeps its data in ${folder}/data (no configuration file was given).\n` +
        `It listens on 127.0.0.1:${port}, for this machine only.\n` +
        `Connect any ZooKeeper client to 127.0.0.1:${port}, such as: zkCli.sh -server 127.0.0.1:${port}\n`,
    );
  });

  test('keeps what it has acknowledged, and the session, through kill -9', async () => {
    const config = configure();
    let id = 0n;
    let password: Uint8Array | null = null;
    {
      await using server = await run([config]).serves();
      using client = await Client.connect(port);
      await client.create('/kept', 'value');
      ({ sessionId: id, passwd: password } = client.session);
      await server.kill('SIGKILL');
    }
    await using server = await run([config]).serves();
    using client = await Client.connect(port, id, password!);
    expect(client.session.sessionId).toBe(id);
    expect(await client.get('/kept')).toBe('value');
    await server.kill('SIGTERM');
  });

  test('keeps the key of session passwords for its owner, in the data directory', async () => {
    await using server = await run([configure()]).serves();
    expect(statSync(join(folder, 'data', 'session.key')).mode & 0o777).toBe(0o600);
    await server.kill('SIGTERM');
  });

  test('with Apache’s session passwords needs no key', async () => {
    await using server = await run([configure('corral.sessionPasswords=apache\n')]).serves();
    expect(existsSync(join(folder, 'data', 'session.key'))).toBe(false);
    await server.kill('SIGTERM');
  });

  test('keeps its data in LevelDB where storage=level says so', async () => {
    const config = configure('storage=level\n');
    {
      await using server = await run([config]).serves();
      using client = await Client.connect(port);
      await client.create('/kept', 'value');
      await server.kill('SIGKILL');
    }
    expect(readdirSync(join(folder, 'data'))).toEqual(
      expect.arrayContaining(['level-log', 'level-snapshots']),
    );
    await using server = await run([config]).serves();
    using client = await Client.connect(port);
    expect(await client.get('/kept')).toBe('value');
    await server.kill('SIGTERM');
  });

  test.each(['file', 'level'])('counts and times the syncs of the log (storage=%s)', async (storage) => {
    const config = configure(`storage=${storage}\nfsync.warningthresholdms=-1\n`);
    await using server = await run([config]).serves();
    using client = await Client.connect(port);
    await client.create('/written', 'value');

    const figures = await word('mntr');
    expect(figures).toMatch(/^zk_cnt_fsynctime\t[1-9]/m);
    expect(figures).toMatch(/^zk_fsync_threshold_exceed_count\t[1-9]/m);
    const { stderr } = await server.kill('SIGTERM');
    expect(stderr).toContain('syncing the transaction log took long');
  });

  test('syncs nothing where forceSync=no says so, whatever the storage', async () => {
    for (const storage of ['file', 'level']) {
      rmSync(join(folder, 'data'), { recursive: true, force: true });
      await using server = await run([configure(`storage=${storage}\nforceSync=no\n`)]).serves();
      using client = await Client.connect(port);
      await client.create('/written', 'value');

      expect(await word('mntr')).toMatch(/^zk_cnt_fsynctime\t0/m);
      await server.kill('SIGTERM');
    }
  });

  test('tells the log of keys without effect', async () => {
    await using server = await run([configure('commitLogCount=9\n')]).serves();
    const { stderr } = await server.kill('SIGTERM');
    expect(stderr).toMatch(/"level":"warn".*commitLogCount in .* has no effect: it concerns ensembles/);
  });

  test('tells its audit log of its start and its end, also where it does not come to serve', async () => {
    const file = join(folder, 'audit.log');
    const config = configure(`audit.enable=true\ncorral.auditFile=${file}\n`);
    await using server = await run([config]).serves();
    using client = await Client.connect(port);
    await client.create('/a', 'x');
    await run([config]).ended;
    await server.kill('SIGTERM');
    const events = readFileSync(file, 'utf8').matchAll(/operation=(\w+)\t.*result=(\w+)$/gm);
    expect(Array.from(events, ([, operation, result]) => `${operation} ${result}`)).toEqual([
      'serverStart success',
      'create success',
      'serverStart failure',
      'serverStop invoked',
      'serverStop invoked',
    ]);
  });

  test('logs nothing below the level asked for; -D counts before the environment', async () => {
    const environment = { CORRAL_CLIENT_PORT: String(port), CORRAL_LOG_LEVEL: 'debug' };
    await using server = run(['-Dcorral.log.level=error', 'start-foreground'], environment);
    await server.says(/^Connect any ZooKeeper client/);
    expect((await server.kill('SIGTERM')).stderr).toBe('');
  });
});

describe('an end that is not in order', () => {
  test('comes with a second signal, while the first still waits for a client that does not read', async () => {
    await using server = await run([configure()]).serves();
    using client = await Client.connect(port);
    await client.create('/large', 'x'.repeat(500_000));
    client.askWithoutReading('/large', 100);
    server.signal('SIGTERM');
    await server.says(/"signal":"SIGTERM".*stopping/);
    const { code } = await server.kill('SIGTERM');
    expect(code).toBe(128 + 15);
  });

  test('comes with an error that nobody foresaw, which is logged once', async () => {
    const fault = `process.on('SIGUSR2', () => { throw new Error('unforeseen') })`;
    const options = `--import=data:text/javascript,${encodeURIComponent(fault)}`;
    await using server = await run([configure()], { NODE_OPTIONS: options }).serves();
    const { code, stderr } = await server.kill('SIGUSR2');
    expect(code).toBe(1);
    expect(stderr.match(/Error: unforeseen/g)).toHaveLength(1);
    expect(stderr.trimEnd().split('\n').at(-1)).toContain(
      '"msg":"an error that nobody expected: exiting abnormally"',
    );
  });
});

test('a log that cannot be written ends the server with exit code 10: nothing more is acknowledged', async () => {
  const config = configure('preAllocSize=0\n');
  let acknowledged = 0;
  {
    await using server = await new ServerProcess([config], { cwd: folder, fileBlocksMax: 64 }).serves();
    using client = await Client.connect(port);
    const write = async (): Promise<void> => {
      for (;;) await client.create(`/n${acknowledged}`, 'x'.repeat(1000)).then(() => acknowledged++);
    };
    await Promise.race([write(), server.ended]).catch(() => server.ended);
    const { code, stderr } = await server.ended;
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /"exitCode":10.*"msg":"the log could not be written: exiting abnormally"/,
    );
    expect(code).toBe(10);
  }
  await using server = await run([config]).serves();
  using client = await Client.connect(port);
  expect(acknowledged).toBeGreaterThan(10);
  for (let i = 0; i < acknowledged; i++) expect(await client.get(`/n${i}`)).toHaveLength(1000);
  await server.kill('SIGTERM');
});

describe('what keeps it from starting is one sentence and an exit code', () => {
  test.each<[what: string, exitCode: number, sentence: string, prepare: () => string]>([
    [
      'nonsense in the configuration',
      2,
      'Invalid config, exiting abnormally.',
      () => configure('tickTime=x\n'),
    ],
    ['no configuration', 2, 'nowhere.cfg file is missing', () => 'nowhere.cfg'],
    [
      'a data directory that is a file',
      3,
      'Unable to access datadir, exiting abnormally.',
      () => {
        writeFileSync(join(folder, 'data'), '');
        return configure();
      },
    ],
    [
      'a data directory that is missing and must not be made',
      3,
      'automatic data directory creation is disabled',
      () => configure('datadir.autocreate=false\n'),
    ],
    [
      'a name that nobody knows',
      2,
      'no such name is known',
      () => configure('clientPortAddress=no.such.host.invalid\n'),
    ],
    [
      'an address of another machine',
      1,
      'this machine has no such address',
      () => configure('clientPortAddress=192.0.2.1\n'),
    ],
    [
      'an address of another machine for WebSocket',
      1,
      'No WebSocket (corral.webSocketPort): ADDRESS_UNAVAILABLE',
      () => configure('corral.webSocketPort=0\ncorral.webSocketAddress=192.0.2.1\n'),
    ],
  ])('%s', async (_, exitCode, sentence, prepare) => {
    const { code, stderr } = await run(['start-foreground', prepare()]).ended;
    const last = stderr.trimEnd().split('\n').at(-1) ?? '';
    expect(last).toContain(sentence);
    expect(last.startsWith('corral-server: ')).toBe(true);
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(exitCode);
  });

  test('a port in use', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const { code, stderr } = await run([configure()]).ended;
    other.close();
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      `corral-server: Cannot listen on port ${port} of 127.0.0.1: Address already in use`,
    );
    expect(code).toBe(1);
  });

  test('a data directory that another server has open', async () => {
    await using server = await run([configure()]).serves();
    const { code, stderr } = await run([configure(`clientPort=${await freePort()}\n`)]).ended;
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /Unable to access datadir, exiting abnormally\. LOCKED: /,
    );
    expect(code).toBe(3);
    await server.kill('SIGTERM');
  });

  test('a damaged snapshot, with file and offset', async () => {
    const config = configure();
    await (await run([config]).serves()).kill('SIGTERM');
    const version2 = join(folder, 'data', 'version-2');
    const name = readdirSync(version2).find((each) => each.startsWith('snapshot.'));
    const bytes = readFileSync(join(version2, name!));
    bytes[40]! ^= 1;
    writeFileSync(join(version2, name!), bytes);
    const { code, stderr } = await run([config]).ended;
    const last = stderr.trimEnd().split('\n').at(-1);
    expect(last).toContain('Unable to load database, exiting abnormally. DAMAGED: ');
    expect(last).toContain(`${version2}/${name} at byte `);
    expect(code).toBe(1);
  });

  test('a session key that others may read', async () => {
    const config = configure();
    await (await run([config]).serves()).kill('SIGTERM');
    chmodSync(join(folder, 'data', 'session.key'), 0o644);
    const { code, stderr } = await run([config]).ended;
    expect(stderr.trimEnd().split('\n').at(-1)).toContain('may be read or written by others than its owner');
    expect(code).toBe(3);
  });
});

describe('start, status, restart and stop', () => {
  test('a server lives apart from its starter until it is stopped', async () => {
    const config = configure();
    const started = await run(['start', config]).ended;
    try {
      expect([started.code, started.stdout]).toEqual([0, 'Starting zookeeper ... STARTED\n']);
      const pid = readFileSync(pidFile(), 'utf8');
      expect(await word('ruok')).toBe('imok');
      expect(await run(['status', config]).ended).toMatchObject({
        code: 0,
        stdout: `Client port found: ${port}. Client address: 127.0.0.1. Client SSL: false.\nMode: standalone\n`,
      });
      expect(await run(['start', config]).ended).toMatchObject({
        code: 1,
        stdout: `Starting zookeeper ... already running as process ${pid}.\n`,
      });
      expect(await run(['restart', config]).ended).toMatchObject({
        code: 0,
        stdout: 'Stopping zookeeper ... STOPPED\nStarting zookeeper ... STARTED\n',
      });
      expect(readFileSync(pidFile(), 'utf8')).not.toBe(pid);
    } finally {
      expect(await run(['stop', config]).ended).toMatchObject({
        code: 0,
        stdout: 'Stopping zookeeper ... STOPPED\n',
      });
    }
    expect(existsSync(pidFile())).toBe(false);
    expect(await run(['status', config]).ended).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('Error contacting service. It is probably not running.\n'),
    });
  });

  test('stop without a server says so, and is no error', async () => {
    expect(await run(['stop', configure()]).ended).toMatchObject({
      code: 0,
      stdout: `Stopping zookeeper ... no zookeeper to stop (could not find file ${pidFile()})\n`,
    });
  });

  test('a process id left by a crash does not stand in the way', async () => {
    const config = configure();
    mkdirSync(join(folder, 'data'));
    const gone = run(['version']);
    await gone.ended;
    writeFileSync(pidFile(), String(gone.pid));
    expect((await run(['start', config]).ended).stdout).toBe('Starting zookeeper ... STARTED\n');
    expect((await run(['stop', config]).ended).code).toBe(0);
  });

  test('start that fails shows the reason, and leaves no process id', async () => {
    writeFileSync(join(folder, 'data'), '');
    const { code, stdout } = await run([
      'start',
      configure(`\ndataDir=${folder}/elsewhere\nclientPortAddress=192.0.2.1\n`),
    ]).ended;
    expect(code).toBe(1);
    expect(stdout).toContain('Starting zookeeper ... FAILED TO START\n');
    expect(stdout).toContain('this machine has no such address');
    expect(existsSync(join(folder, 'elsewhere', 'zookeeper_server.pid'))).toBe(false);
  });

  test('print-cmd prints the command that start runs', async () => {
    const config = configure();
    const { stdout } = await run(['-Dzookeeper.snapCount=5', 'print-cmd', config]).ended;
    expect(stdout).toContain(
      `"-Dzookeeper.snapCount=5" "start-foreground" "${config}" >> "${folder}/data/zookeeper-`,
    );
  });
});

test('version', async () => {
  expect(await run(['version']).ended).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Corral, version \d+\.\d+\.\d+, as ZooKeeper 3\.9\.5\n$/),
  });
});

test('a misspelt word gets the usage and exit code 2', async () => {
  const { code, stderr } = await run(['strat']).ended;
  expect([code, stderr.startsWith('corral-server: unknown word strat\nUsage: corral-server')]).toEqual([
    2,
    true,
  ]);
});

describe('ensemble', () => {
  test('runs members that elect a leader, and stops them all on SIGTERM', async () => {
    await using ensemble = run([
      'ensemble',
      '--size',
      '3',
      '--port',
      String(await freeRange()),
      '--dir',
      'three',
    ]);
    await ensemble.says(/^Ctrl-C stops all of them\.$/);
    await ensemble.says(/^All serve; member [123] leads\.$/);

    const { code } = await ensemble.kill('SIGTERM');

    expect(code).toBe(0);
    for (const id of [1, 2, 3])
      expect(readFileSync(join(folder, 'three', String(id), 'log'), 'utf8')).toContain('"msg":"stopped"');
  });
});

/** The first of three ports whose neighbours for members and elections are free at this moment, too. */
async function freeRange(): Promise<number> {
  for (;;) {
    const first = Math.min(await freePort(), 65_000);
    const wanted = [0, 1, 2].flatMap((i) => [first + i, first + 101 + i, first + 201 + i]);
    if ((await Promise.all(wanted.map((one) => isFree(one)))).every(Boolean)) return first;
  }
}

function isFree(wanted: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(wanted, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { fileStorage } from '@corral/persistence-file';
import { connect as connectClient } from '@corral/client/node';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { nodeRuntime } from '@corral/runtime/node';
import { defaultServerConfig, type Server, startServer } from '@corral/server';
import { tcp } from '@corral/transport-tcp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminApp } from './admin-app.ts';
import { HttpPort } from './http-port.ts';
import { type AdminSettings, defaultAdminSettings } from './settings.ts';
import { SnapshotFiles } from './snapshot-files.ts';

let folder: string;
let server: Server;
let now = 0;
const metrics = collectingMetrics();
const opened: HttpPort[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'corral-admin-'));
  now = 0;
  const directories = { dataDir: join(folder, 'version-2'), dataLogDir: join(folder, 'version-2') };
  server = await startServer({
    config: {
      ...defaultServerConfig,
      ...directories,
      clientPort: 0,
      clientPortAddress: '127.0.0.1',
      // super:test
      digestAuth: { ...defaultServerConfig.digestAuth, superDigest: 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=' },
    },
    runtime: nodeRuntime(),
    transport: tcp(),
    storage: await fileStorage({ dataDir: folder, dataLogDir: folder, logger: silentLogger, metrics }),
    logger: silentLogger,
    metrics,
  });
});

afterEach(async () => {
  for (const admin of opened.splice(0)) await admin.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(settings: Partial<AdminSettings> = {}): Promise<string> {
  const chosen = { ...defaultAdminSettings, port: 0, ...settings };
  const app = adminApp({
    settings: chosen,
    server,
    environment: {
      initialConfig: 'tickTime=2000\n',
      systemProperties: () => ({ 'user.dir': '/' }),
      snapshotFiles: new SnapshotFiles(join(folder, 'version-2')),
    },
    folders: [folder],
    logger: silentLogger,
    metrics,
    now: () => now,
  });
  const port = await HttpPort.open(app.fetch, { ...chosen, logger: silentLogger });
  opened.push(port);
  return `http://127.0.0.1:${port.port}`;
}

async function get(url: string, headers: Record<string, string> = {}): Promise<[number, unknown]> {
  const response = await fetch(url, { headers });
  return [response.status, await response.json()];
}

const superUser = { Authorization: 'digest super:test' };

describe('a command', () => {
  it('answers with its figures, its name and no error', async () => {
    expect(await get(`${await open()}/commands/watch_summary`)).toEqual([
      200,
      { num_connections: 0, num_paths: 0, num_total_watches: 0, command: 'watch_summary', error: null },
    ]);
  });

  it('has the names of the four-letter words, too', async () => {
    const [, answer] = await get(`${await open()}/commands/ruok`);
    expect(answer).toEqual({ command: 'ruok', error: null });
    expect((await get(`${await open()}/commands/isro`))[1]).toMatchObject({ command: 'is_read_only' });
  });

  it('that nobody knows is named, with status 200 as in Apache', async () => {
    expect(await get(`${await open()}/commands/nope`)).toEqual([
      200,
      { command: 'nope', error: 'Unknown command: nope' },
    ]);
  });

  it('is listed with the others under the bare address', async () => {
    const index = await (await fetch(`${await open()}/commands`)).text();
    expect(index.match(/<a href="\/commands\/\w+">/g)).toHaveLength(29);
  });

  it('is found under another address where that was asked for', async () => {
    const url = await open({ commandUrl: '/zk/admin' });
    expect((await get(`${url}/zk/admin/ruok`))[0]).toBe(200);
    expect((await fetch(`${url}/commands/ruok`)).status).toBe(404);
  });

  it.each(['127.0.0.7.0.0.7.0.0.7.0.0.1:8080', 'x', '[::1]'])(
    'is found whatever the caller takes the host for: %s',
    async (host) => {
      const socket = connect(Number(new URL(await open()).port), '127.0.0.1');
      socket.end(`GET /commands/ruok?a=b HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

      expect(await readText(socket)).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\n[^]*"command"\s*:\s*"ruok"/);
    },
  );

  it('is refused to methods that it has not', async () => {
    const url = `${await open()}/commands/ruok`;
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(405);
  });
});

describe('top', () => {
  it('says who sends most, what, and where to', async () => {
    const url = await open();
    await using zk = await connectClient(`127.0.0.1:${server.address.port}`);
    for (let i = 0; i < 3; i++) await zk.exists('/somewhere');

    const [status, answer] = await get(`${url}/commands/top?count=1`);

    expect([status, answer]).toEqual([
      200,
      {
        window_ms: expect.any(Number),
        sampled_one_of: 1,
        requests: expect.any(Number),
        clients: [{ client: expect.stringMatching(/^127\.0\.0\.1:\d+$/), ...some }],
        paths: [{ path: '/somewhere', requests: 3, request_bytes: expect.any(Number), overcount: 0 }],
        operations: [{ operation: 'exists', ...some }],
        command: 'top',
        error: null,
      },
    ]);
  });

  it.each(['0', '-1', 'x', '1e99', ''])('shows some where it cannot tell how many: %s', async (count) => {
    expect((await get(`${await open()}/commands/top?count=${count}`))[1]).toMatchObject({ clients: [] });
  });

  const some = { requests: expect.any(Number), request_bytes: expect.any(Number), overcount: 0 };
});

describe('a snapshot', () => {
  it('is taken and sent, with its zxid, to who may do everything to the root', async () => {
    const response = await fetch(`${await open()}/commands/snapshot`, { headers: superUser });
    const body = new Uint8Array(await response.arrayBuffer());
    expect(response.headers.get('last_zxid')).toBe('0x0');
    expect(Number(response.headers.get('snapshot_size'))).toBe(body.length);
    const onDisk = readFileSync(join(folder, 'version-2', 'snapshot.0'));
    expect(onDisk.equals(body)).toBe(true);
  });

  it('is taken and left where it is, where that is asked for', async () => {
    const response = await fetch(`${await open()}/commands/snap?streaming=false`, { headers: superUser });
    expect([response.headers.get('last_zxid'), await response.json()]).toEqual([
      '0x0',
      { command: 'snapshot', error: null },
    ]);
  });

  it('is not for who does not say who he is', async () => {
    const url = `${await open()}/commands/snapshot`;
    expect(await get(url)).toEqual([
      401,
      { command: 'snapshot', error: 'Auth info is missing for the command' },
    ]);
    expect((await get(url, { Authorization: 'kerberos ticket' }))[0]).toBe(401);
    expect((await get(url, { Authorization: 'digest a b' }))[0]).toBe(401);
  });

  it('is taken once in the interval, which is one of milliseconds', async () => {
    const url = `${await open({ rateLimiterIntervalMs: 1000 })}/commands/snapshot`;
    const status = async (): Promise<number> => (await fetch(url, { headers: superUser })).status;
    expect([await status(), await status()]).toEqual([200, 429]);
    now = 1001;
    expect(await status()).toBe(200);
    expect(metrics.counter('snapshot_rate_limited_count').value).toBe(1);
  });

  it('is refused where that is switched off', async () => {
    const url = `${await open({ isSnapshotEnabled: false })}/commands/snapshot`;
    expect((await fetch(url, { headers: superUser })).status).toBe(503);
  });

  it('that is the newest is told with its time', async () => {
    const [, answer] = await get(`${await open()}/commands/last_snapshot`);
    expect(answer).toMatchObject({ zxid: '0', timestamp: expect.any(Number) });
    expect((answer as { timestamp: number }).timestamp).toBeGreaterThan(1_700_000_000);
  });
});

describe('figures', () => {
  it('are there in the form of Prometheus, each with its kind', async () => {
    const response = await fetch(`${await open()}/metrics`);
    const text = await response.text();
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toContain('# HELP znode_count znode_count\n# TYPE znode_count gauge\nznode_count 5.0\n');
    expect(text).toContain('# TYPE readlatency summary\n');
    expect(text).toContain('# TYPE process_resident_memory_bytes gauge\n');
  });
});

describe('a server', () => {
  it('is alive and ready while it serves', async () => {
    const url = await open();
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    const answer = await fetch(`${url}/readyz`);
    expect([answer.status, await answer.text()]).toEqual([200, `[+] serving\n[+] disk ${folder}\n`]);
  });

  it('is alive and not ready once it has stopped, and tells only what is there anyway', async () => {
    const url = await open();
    await server.close();
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await get(`${url}/commands/srvr`))[1]).toEqual({
      command: 'srvr',
      error: 'This ZooKeeper instance is not currently serving requests',
    });
    expect((await get(`${url}/commands/icfg`))[1]).toMatchObject({
      initial_configuration: 'tickTime=2000\n',
    });
  });

  it('has no second HTTP port where the first one is', async () => {
    const port = Number(new URL(await open()).port);
    await expect(open({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it.each([
    ['what is not HTTP', '\u0000\u0000\u0000-\u0000\u0000'],
    ['headers without an end', `GET /commands HTTP/1.1\r\n${'x: y\r\n'.repeat(4000)}`],
    ['a path of a megabyte', `GET /${'a'.repeat(1 << 20)} HTTP/1.1\r\n\r\n`],
  ])('turns away %s, and answers the next', async (_, bytes) => {
    const url = await open();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write(bytes, 'latin1');
    await new Promise((resolve) => socket.once('close', resolve));
    expect((await get(`${url}/commands/ruok`))[0]).toBe(200);
  });
});

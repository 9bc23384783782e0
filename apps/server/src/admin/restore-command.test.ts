import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fileStorage } from '@corral/persistence-file';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { nodeRuntime } from '@corral/runtime/node';
import { defaultServerConfig, type Server, type ServerConfig, startServer } from '@corral/server';
import { tcp } from '@corral/transport-tcp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from '../../test/client.ts';
import { adminApp } from './admin-app.ts';
import { HttpPort } from './http-port.ts';
import { type AdminSettings, defaultAdminSettings } from './settings.ts';
import { SnapshotFiles } from './snapshot-files.ts';

let folder: string;
let server: Server;
let now = 0;
const metrics = collectingMetrics();
const opened: HttpPort[] = [];

async function start(config: Partial<ServerConfig> = {}): Promise<void> {
  const directories = { dataDir: join(folder, 'version-2'), dataLogDir: join(folder, 'version-2') };
  server = await startServer({
    config: {
      ...defaultServerConfig,
      ...directories,
      clientPort: 0,
      clientPortAddress: '127.0.0.1',
      // super:test
      digestAuth: { ...defaultServerConfig.digestAuth, superDigest: 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=' },
      ...config,
    },
    runtime: nodeRuntime(),
    transport: tcp(),
    storage: await fileStorage({ dataDir: folder, dataLogDir: folder, logger: silentLogger, metrics }),
    logger: silentLogger,
    metrics,
    sessionPasswordKey: new Uint8Array(32).fill(7),
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'corral-restore-'));
  now = 0;
  await start();
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
      initialConfig: '',
      systemProperties: () => ({}),
      snapshotFiles: new SnapshotFiles(join(folder, 'version-2')),
    },
    folders: [folder],
    logger: silentLogger,
    metrics,
    now: () => now,
  });
  const port = await HttpPort.open(app.fetch, { ...chosen, logger: silentLogger });
  opened.push(port);
  return `http://127.0.0.1:${port.port}/commands`;
}

const superUser = { Authorization: 'digest super:test' };

async function send(
  url: string,
  body: Uint8Array,
  headers: Record<string, string> = superUser,
): Promise<[status: number, answer: Record<string, unknown>]> {
  const response = await fetch(`${url}/restore`, { method: 'POST', headers, body: new Blob([body.slice()]) });
  return [response.status, (await response.json()) as Record<string, unknown>];
}

async function fetchSnapshot(url: string): Promise<Uint8Array> {
  const response = await fetch(`${url}/snapshot`, { headers: superUser });
  return new Uint8Array(await response.arrayBuffer());
}

/** `/node` as it is, or why it cannot be seen. */
async function node(): Promise<string> {
  using client = await Client.connect(server.address.port);
  return await client.get('/node').catch((error: Error) => error.message);
}

async function write(data: string): Promise<void> {
  using client = await Client.connect(server.address.port);
  await client.create('/node', data);
}

const NONE = 'the server answers -101';
const counted = (name: string): number => metrics.counter(name).value;

describe('restore', () => {
  it('puts the snapshot that is sent in the place of the tree, for good', async () => {
    const url = await open();
    const empty = await fetchSnapshot(url);
    await write('x');
    now = 400_000;
    const full = await fetchSnapshot(url);
    const last = server.view.lastProcessedZxid;

    expect(await send(url, empty)).toEqual([200, { last_zxid: last + 1, command: 'restore', error: null }]);
    expect(await node()).toBe(NONE);
    now = 800_000;
    expect((await send(url, gzipSync(full)))[0]).toBe(200);
    expect(await node()).toBe('x');

    await server.close();
    await start();
    expect(await node()).toBe('x');
  });

  it.each<[what: string, damage: (whole: Uint8Array) => Uint8Array]>([
    ['is cut short', (whole) => whole.subarray(0, whole.length - 30)],
    ['ends within its body', (whole) => whole.subarray(0, 100)],
    ['has a flipped bit', (whole) => whole.map((byte, i) => (i === 200 ? byte ^ 4 : byte))],
    ['goes on behind its end', (whole) => Buffer.concat([whole, whole])],
    ['is something else', () => new TextEncoder().encode('{"not": "a snapshot"}'.repeat(1000))],
    ['is packed, and cut short', (whole) => gzipSync(whole).subarray(0, -20)],
    ['is nothing', () => new Uint8Array(0)],
  ])('changes nothing where what is sent %s', async (_, damage) => {
    const url = await open();
    const errors = counted('restore_error_count');
    const whole = await fetchSnapshot(url);
    await write('x');
    const [status, answer] = await send(url, damage(whole));

    expect([status, answer['error']]).toEqual([500, expect.any(String)]);
    expect(counted('restore_error_count')).toBe(errors + 1);
    expect(await node()).toBe('x');
  });

  it('changes nothing where the connection breaks', async () => {
    const url = await open();
    const whole = await fetchSnapshot(url);
    await write('x');
    const errors = counted('restore_error_count');
    const upload = request(`${url}/restore`, {
      method: 'POST',
      headers: { ...superUser, 'Content-Length': String(whole.length) },
    });
    upload.on('error', () => {});
    upload.write(whole.subarray(0, -1));
    // It has begun once there is no room for another.
    await expect.poll(async () => (await send(url, whole.subarray(0, 10)))[0]).toBe(429);
    upload.destroy();

    await expect.poll(() => counted('restore_error_count')).toBe(errors + 1);
    expect(await node()).toBe('x');
  });

  it('takes no more than it may', async () => {
    const url = await open({ restoreBytesMax: 300 });
    const whole = await fetchSnapshot(url);
    expect((await send(url, whole))[0]).toBe(413);
  });

  it('is for who may do everything to the root, and once in the interval', async () => {
    const url = await open();
    const whole = await fetchSnapshot(url);
    await write('x');
    const limited = counted('restore_rate_limited_count');
    expect((await send(url, whole, {}))[0]).toBe(401);
    expect((await send(url, whole, { Authorization: 'digest other:one' }))[0]).toBe(200);
    expect((await send(url, whole))[0]).toBe(429);
    expect(counted('restore_rate_limited_count')).toBe(limited + 1);
  });

  it('is refused where it is switched off, and where snapshots do not say how far they go', async () => {
    const url = await open({ isRestoreEnabled: false });
    expect((await send(url, new Uint8Array(10)))[0]).toBe(503);
    await server.close();
    await start({ serializeLastProcessedZxidEnabled: false });
    expect((await send(await open(), new Uint8Array(10)))[0]).toBe(500);
  });

  it('answers who sends a lot and is refused', async () => {
    const url = await open();
    expect((await send(url, new Uint8Array(20_000_000), {}))[0]).toBe(401);
    expect((await send(url, new Uint8Array(20_000_000)))[0]).toBe(500);
  });
});

import { PersistenceError } from '@corral/persistence';
import { describe, expect, it } from 'vitest';
import { absentNodesOf, acknowledgedNodes } from './harness/acknowledged-nodes.ts';
import { ServerOnDisk } from './harness/server-on-disk.ts';
import { ownerAt } from './harness/snapshot-bytes.ts';

/** As the probe on Apache 3.8.0: 200 acknowledged creates, a snapshot every 40, kill -9, one fault, another start. */
const CONFIG = { snapCount: 40, autopurge: { snapRetainCount: 3, intervalMs: 0 } };

describe('one thing goes wrong on a disk: all that was acknowledged is served, or the server refuses and names the file', () => {
  it('a log file in the middle is gone, and the newer snapshots with it (Apache starts without 32 of 200 nodes)', async () => {
    const { server, paths } = await written();
    await keepOldestSnapshot(server);
    const logs = await server.files('log.');
    expect(logs.length).toBeGreaterThan(3);

    await server.remove(logs[2]!);

    expect(await startedWithout(server, paths)).toBe(`DAMAGED ${logs[3]}`);
  });

  it('512 bytes in the middle of a log file are zeros (Apache starts without 23 of 200 nodes)', async () => {
    const { server, paths } = await written();
    await keepOldestSnapshot(server);
    const name = (await server.files('log.'))[1]!;
    const bytes = await server.read(name);

    await server.write(name, bytes.fill(0, 512, 1024));

    expect(await startedWithout(server, paths)).toBe(`DAMAGED ${name}`);
  });

  it('the newest log file is cut at byte 700 (Apache starts without 23 of 200 nodes)', async () => {
    const { server, paths } = await written();
    await keepOldestSnapshot(server);
    const name = (await server.files('log.')).at(-1)!;

    await server.write(name, (await server.read(name)).slice(0, 700));

    expect(await startedWithout(server, paths)).toBe(`DAMAGED ${name}`);
  });

  it('a byte within a record of the log is another (Apache refuses, too)', async () => {
    const { server, paths } = await written();
    await keepOldestSnapshot(server);
    const name = (await server.files('log.'))[1]!;
    const bytes = await server.read(name);
    bytes[700]! ^= 1;

    await server.write(name, bytes);

    expect(await startedWithout(server, paths)).toBe(`DAMAGED ${name}`);
  });

  it('the first byte of the owner of a node in the newest snapshot is another (Apache deletes a node that was acknowledged, for good)', async () => {
    const { server, paths } = await written();
    const name = (await server.files('snapshot.')).at(-1)!;
    const bytes = await server.read(name);
    bytes[ownerAt(bytes, '/n3-5')]! ^= 1;

    await server.write(name, bytes);

    expect(await startedWithout(server, paths)).toEqual([]);
    expect(server.world.lines('snapshot cannot be used')).toHaveLength(1);
  });
});

async function written(): Promise<{ readonly server: ServerOnDisk; readonly paths: readonly string[] }> {
  const server = await ServerOnDisk.serving(CONFIG);
  const paths: string[] = [];
  for (let i = 0; i < 10; i++) {
    paths.push(...(await acknowledgedNodes(server.world, 20, `n${i}-`)));
    await server.world.pass(100);
  }
  server.die();
  return { server, paths };
}

/** So that the log is needed. */
async function keepOldestSnapshot(server: ServerOnDisk): Promise<void> {
  const [, oldest, ...newer] = await server.files('snapshot.');
  expect(oldest).toBeDefined();
  for (const name of newer) await server.remove(name);
}

/** What a server that starts on it does not have; or why it does not start. */
async function startedWithout(server: ServerOnDisk, paths: readonly string[]): Promise<string[] | string> {
  try {
    await server.start(CONFIG);
  } catch (error) {
    if (error instanceof PersistenceError) return `${error.code} ${error.file?.split('/').at(-1)}`;
    throw error;
  }
  return absentNodesOf(server.world, paths);
}

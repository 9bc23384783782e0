import { describe, expect, it } from 'vitest';
import { absentAfterRestart, acknowledgedNodes } from './harness/acknowledged-nodes.ts';
import { ServerOnDisk } from './harness/server-on-disk.ts';

const KEEPING_ALL = { snapCount: 10, autopurge: { snapRetainCount: 3, intervalMs: 0 } };
const PURGING = { snapCount: 1000, autopurge: { snapRetainCount: 3, intervalMs: 1000 } };

describe('ZOOKEEPER-3231: the newest snapshots are all invalid, and the purge removes the last one that is not', () => {
  it.each([
    ['empty', 0],
    ['cut in half', 0.5],
  ])('purging keeps the last good snapshot and its log, where the newest three are %s', async (_, part) => {
    // Given a server with many snapshots, the newest three of which are not whole
    const server = await ServerOnDisk.serving(KEEPING_ALL);
    const paths: string[] = [];
    for (let i = 0; i < 6; i++) {
      paths.push(...(await acknowledgedNodes(server.world, 10, `n${i}-`)));
      await server.world.pass(100);
    }
    server.die();
    const snapshots = await server.files('snapshot.');
    expect(snapshots.length).toBeGreaterThan(4);
    for (const name of snapshots.slice(-3)) {
      const bytes = await server.read(name);
      await server.write(name, bytes.slice(0, bytes.length * part));
    }

    // When a server starts that has no room for another one, and purges again and again
    server.disk.faults = ({ kind, path }) =>
      path.includes('snapshot') && kind === 'write' ? { error: 'NO_SPACE' } : undefined;
    expect(await absentAfterRestart(server, paths, PURGING)).toEqual([]);
    await server.world.pass(10_000);
    server.die();

    // Then the next one still finds everything
    expect(await absentAfterRestart(server, paths, PURGING)).toEqual([]);
  });
});

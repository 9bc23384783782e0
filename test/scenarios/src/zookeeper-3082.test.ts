import { describe, expect, it } from 'vitest';
import { absentAfterRestart, acknowledgedNodes } from './harness/acknowledged-nodes.ts';
import { ServerOnDisk } from './harness/server-on-disk.ts';

const CONFIG = { snapCount: 10, autopurge: { snapRetainCount: 3, intervalMs: 1000 } };

describe('ZOOKEEPER-3082: a full disk leaves empty snapshots, which push out the good ones', () => {
  it('snapshots that fail leave nothing behind, and cost no snapshot and no log that is needed', async () => {
    // Given a server with good snapshots
    const server = await ServerOnDisk.serving(CONFIG);
    const paths = await acknowledgedNodes(server.world, 30);
    await server.world.pass(100);
    const good = await server.files('snapshot.');

    // When the disk has no room for snapshots, five times, while everything is purged
    server.disk.faults = ({ kind, path }) =>
      path.includes('snapshot') && kind === 'write' ? { error: 'NO_SPACE' } : undefined;
    for (let i = 0; i < 5; i++) {
      paths.push(...(await acknowledgedNodes(server.world, 10, `full${i}-`)));
      await server.world.pass(2000);
    }
    expect(server.world.lines('snapshot failed').length).toBeGreaterThan(2);

    // Then the good ones are still there, and nothing else
    expect(await server.files('snapshot.')).toEqual(good);
    server.disk.faults = () => undefined;
    server.losePower();
    expect(await absentAfterRestart(server, paths, CONFIG)).toEqual([]);
  });
});

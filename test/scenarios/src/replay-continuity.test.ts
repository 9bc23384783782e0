import { describe, expect, it } from 'vitest';
import { acknowledgedNodes } from './harness/acknowledged-nodes.ts';
import { ServerOnDisk } from './harness/server-on-disk.ts';
import { createNodes, EnsembleWorld, absentNodes } from './harness/server-specs.ts';

const CONFIG = { snapCount: 20, autopurge: { snapRetainCount: 3, intervalMs: 0 } };

describe('startup does not check that zxids follow each other (mailing list, 2026, no fix): what is missing in the log is passed over', () => {
  it('any log file but the newest that is missing is noticed, wherever replay begins', async () => {
    for (const removed of [0, 1, 2, 3]) {
      // Given a server with many log files, of which only the first snapshot is left
      const server = await ServerOnDisk.serving(CONFIG);
      for (let i = 0; i < 5; i++) {
        await acknowledgedNodes(server.world, 20, `n${i}-`);
        await server.world.pass(100);
      }
      server.die();
      for (const name of (await server.files('snapshot.')).slice(1)) await server.remove(name);
      const logs = await server.files('log.');
      expect(logs.length).toBeGreaterThan(4);

      // When one is missing, then it does not start, and names the next one
      await server.remove(logs[removed]!);
      await expect(server.start(CONFIG)).rejects.toMatchObject({
        code: 'DAMAGED',
        file: expect.stringContaining(logs[removed + 1]!),
      });
    }
  });

  it('a hole of zeros is not taken for the end of a file, wherever it is', async () => {
    for (const at of [64, 512, 1500]) {
      const server = await ServerOnDisk.serving({ ...CONFIG, snapCount: 1000 });
      await acknowledgedNodes(server.world, 40);
      server.die();
      const [name] = await server.files('log.');
      const bytes = await server.read(name!);

      await server.write(name!, bytes.fill(0, at, at + 256));

      await expect(server.start(CONFIG)).rejects.toMatchObject({
        code: 'DAMAGED',
        file: expect.stringContaining(name!),
      });
    }
  });

  it('a member of an ensemble with a hole in its log does not take part until its disk is replaced', async () => {
    const world = await EnsembleWorld.elected({ size: 3 });
    const paths = await createNodes(world, 3, 30);
    world.crash(1);
    world.medium(1).durable.segments[0]!.entries.splice(10, 3);

    await expect(world.start(1)).rejects.toMatchObject({ code: 'DAMAGED' });

    world.wipe(1);
    await world.start(1);
    await world.serving(1);
    expect(await absentNodes(world, 1, paths)).toEqual([]);
  });
});

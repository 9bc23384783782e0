import { CreateMode, OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { absentAfterRestart, acknowledgedNodes } from './harness/acknowledged-nodes.ts';
import { ServerOnDisk } from './harness/server-on-disk.ts';
import { create } from './harness/server-specs.ts';
import { ownerAt } from './harness/snapshot-bytes.ts';

const CONFIG = { snapCount: 20, autopurge: { snapRetainCount: 3, intervalMs: 0 } };

describe('a damaged snapshot is noticed, but what was read of it stays in the indexes: a node of nobody is deleted (present in Apache)', () => {
  it('wherever a bit of the newest snapshot is another, no acknowledged node is lost, now or later', async () => {
    // Given a server with acknowledged nodes, an ephemeral one among them, in its snapshots
    const server = await ServerOnDisk.serving(CONFIG);
    const owner = await server.world.client({ timeout: 60_000 });
    await server.world.run(owner.request(OpCode.create, create('/e', '', CreateMode.EPHEMERAL)));
    const paths = await acknowledgedNodes(server.world, 60);
    await server.world.pass(100);
    server.die();
    const name = (await server.files('snapshot.')).at(-1)!;
    const whole = await server.read(name);

    for (const at of [ownerAt(whole, '/n5'), whole.length - 40, 20]) {
      // When the first byte of a node's owner is another: it looks like an ephemeral one of a session that is gone
      const damaged = whole.slice();
      damaged[at]! ^= 0x01;
      await server.write(name, damaged);

      // Then it is there after this start, and after the next, which begins with the snapshot that this one takes
      expect([at, await absentAfterRestart(server, [...paths, '/e'], CONFIG)]).toEqual([at, []]);
      expect(server.world.lines('snapshot cannot be used').length).toBeGreaterThan(0);
      await server.world.pass(1000);
      server.die();
      expect([at, await absentAfterRestart(server, [...paths, '/e'], CONFIG)]).toEqual([at, []]);
      server.die();
    }
  });
});

import { OpCode, type Zxid, zxidOf } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { create, exists } from '../test/requests.ts';
import { World } from '../test/world.ts';

describe('a server that stands alone, at the end of the counter', () => {
  it('counts on into the next epoch, as Apache does, and starts again from that', async () => {
    const world = await World.serving();
    await world.run(world.server.close());
    startsAt(world, zxidOf(1, 0xffff_fffc));
    await world.start();
    const client = await world.client();
    const zxids: number[] = [];
    for (let i = 0; i < 5; i++) {
      const reply = await world.run(client.request(OpCode.create, create(`/n${i}`)));
      expect(reply.err).toBe(0);
      zxids.push(reply.zxid);
    }
    expect(zxids).toEqual([0x1_ffff_fffe, 0x1_ffff_ffff, 0x2_0000_0000, 0x2_0000_0001, 0x2_0000_0002]);

    await world.crashAndRestart();

    expect(world.server.view.lastProcessedZxid).toBe(0x2_0000_0002);
    const again = await world.client();
    for (let i = 0; i < 5; i++)
      expect((await world.run(again.request(OpCode.exists, exists(`/n${i}`)))).err).toBe(0);
  });
});

/** Its disk is that of a server that has come so far. */
function startsAt({ medium: { durable } }: World, zxid: Zxid): void {
  const [snapshot] = durable.snapshots.values();
  durable.snapshots = new Map([[zxid, { ...snapshot!, trailer: {} }]]);
}

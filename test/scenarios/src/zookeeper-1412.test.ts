import { EventType, OpCode, SetWatches, toZxid, Xid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import {
  create,
  EnsembleWorld,
  exists,
  getChildren,
  getData,
  remove,
  replyOf,
  setData,
} from './harness/server-specs.ts';

describe('ZOOKEEPER-1412: what happened while a client was away fires its watches or not, as it happens', () => {
  it.each([1, 2, 3])(
    'behind server %i, each one-shot watch that missed something fires once, and no other',
    async (there) => {
      // Given watches of all kinds of a client on server 1, on nodes that will change and on others
      const world = await EnsembleWorld.elected({ size: 3 });
      const other = await world.client(3);
      for (const path of ['/changed', '/deleted', '/parent', '/same', '/made-and-gone-before'])
        await world.run(other.request(OpCode.create, create(path)));
      await world.run(other.request(OpCode.delete, remove('/made-and-gone-before')));
      await world.pass(100);
      const client = await world.client(1, { timeout: 30_000 });
      for (const path of ['/changed', '/deleted', '/same'])
        await world.run(client.request(OpCode.getData, getData(path, true)));
      await world.run(client.request(OpCode.getChildren, getChildren('/parent', true)));
      await world.run(client.request(OpCode.exists, exists('/made', true)));
      const { zxid } = await world.run(client.request(OpCode.exists, exists('/never', true)));

      // When it loses its connection, things happen, and it comes back
      client.destroy();
      await world.run(other.request(OpCode.setData, setData('/changed', 'x')));
      await world.run(other.request(OpCode.delete, remove('/deleted')));
      await world.run(other.request(OpCode.create, create('/parent/child')));
      const last = await world.run(other.request(OpCode.create, create('/made')));
      await world.pass(100);
      const again = await world.client(there, {
        sessionId: client.session!.sessionId,
        password: client.session!.passwd,
        lastZxid: zxid,
      });
      const watches = new SetWatches(
        toZxid(zxid),
        ['/changed', '/deleted', '/same'],
        ['/made', '/never'],
        ['/parent'],
      );
      again.send(OpCode.setWatches, watches, Xid.setWatches);
      const events = new Map<string, number>();
      for (let i = 0; i < 4; i++) {
        const { path, type } = await world.run(again.event());
        events.set(path!, type);
      }
      expect((await world.run(again.reply())).xid).toBe(Xid.setWatches);

      // Then it is told each once, and the others still stand
      expect(events).toEqual(
        new Map<string, number>([
          ['/changed', EventType.NodeDataChanged],
          ['/deleted', EventType.NodeDeleted],
          ['/made', EventType.NodeCreated],
          ['/parent', EventType.NodeChildrenChanged],
        ]),
      );
      for (const path of ['/changed', '/same'])
        await world.run(other.request(OpCode.setData, setData(path, 'y')));
      await world.run(other.request(OpCode.create, create('/never')));
      await world.pass(100);
      const later = again.frames.map(replyOf);
      expect(later.map((event) => event.zxid)).toEqual([last.zxid + 2, last.zxid + 3]);
    },
  );
});

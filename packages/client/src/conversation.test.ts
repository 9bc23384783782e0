import { JuteWriter } from '@corral/jute';
import { ErrorCode, EventType, KeeperState, OpCode, ReplyHeader, WatcherEvent, Xid } from '@corral/protocol';
import { expect, it } from 'vitest';
import { ScriptedServer } from '../test/scripted-server.ts';
import { World } from '../test/world.ts';

it('a client that heard of a change by an event tells the next server so, and asks it for all events behind the last reply (ZOOKEEPER-1417)', async () => {
  const world = new World();
  const relativeZxids: number[] = [];
  const server = await ScriptedServer.listen(world.network.transport('server'), 2181, {
    onRequest: ({ header, body, reply }) => {
      if (header.type === OpCode.setWatches) relativeZxids.push(body.readLongNumber());
      reply(header.type === OpCode.exists ? ErrorCode.NONODE : ErrorCode.OK);
    },
  });
  const zk = await world.client();
  const [{ changed }] = await world.run(Promise.all([zk.once.exists('/a'), zk.once.exists('/b')]));

  server.connections.at(-1)!.write(eventOf('/a', 9));
  expect((await world.run(changed)).type).toBe('created');
  world.cut();
  await world.pass(1000);

  // The replies were of zxid 1. Of the transaction 9 more events may have been on their way.
  expect(server.introductions.map(({ lastZxidSeen }) => lastZxidSeen)).toEqual([0, 9]);
  expect(relativeZxids).toEqual([1]);
});

function eventOf(path: string, zxid: number): Uint8Array {
  const w = new JuteWriter();
  const at = w.reserveInt();
  new ReplyHeader(Xid.notification, zxid, 0).write(w);
  new WatcherEvent(EventType.NodeCreated, KeeperState.SyncConnected, path).write(w);
  w.patchLength(at);
  return w.copy();
}

import { ErrorCode, OpCode, SetWatches, SetWatches2, Xid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { create, exists, remove, setData } from '../test/requests.ts';
import { replyOf } from '../test/test-client.ts';
import { World } from '../test/world.ts';

describe('setWatches', () => {
  it('tells what was missed before it answers, and watches the rest', async () => {
    const world = await World.serving();
    const client = await world.client();
    for (const path of ['/changed', '/same', '/gone', '/parent'])
      await world.run(client.request(OpCode.create, create(path)));
    const { zxid } = await world.run(client.request(OpCode.exists, exists('/')));
    await world.run(client.request(OpCode.setData, setData('/changed', 'x')));
    await world.run(client.request(OpCode.delete, remove('/gone')));
    await world.run(client.request(OpCode.create, create('/parent/child')));
    await world.run(client.request(OpCode.create, create('/came')));
    const again = await world.client();

    const request = new SetWatches(zxid, ['/changed', '/same', '/gone'], ['/came', '/absent'], ['/parent']);
    again.send(OpCode.setWatches, request, Xid.setWatches);

    const events = [];
    for (let i = 0; i < 4; i++) events.push(await world.run(again.event()));
    expect(events.map(({ type, path, zxid: at }) => [type, path, at])).toEqual([
      [3, '/changed', -1],
      [2, '/gone', -1],
      [1, '/came', -1],
      [4, '/parent', -1],
    ]);
    expect(await world.run(again.reply())).toMatchObject({ xid: Xid.setWatches, err: 0 });
    await world.run(client.request(OpCode.setData, setData('/same', 'x')));
    expect(await world.run(again.event())).toMatchObject({ type: 3, path: '/same' });
    await world.run(client.request(OpCode.create, create('/absent')));
    expect(await world.run(again.event())).toMatchObject({ type: 1, path: '/absent' });
  });

  it('of very many paths keeps nobody else waiting, and its own later requests in order', async () => {
    const world = await World.serving();
    const [many, other] = [await world.client(), await world.client()];
    const paths = Array.from({ length: 50_000 }, (_, i) => `/p${i}`);

    many.send(OpCode.setWatches2, new SetWatches2(0, [], paths, [], [], []), Xid.setWatches);
    many.send(OpCode.create, create('/p1'));
    many.send(OpCode.exists, exists('/p1'));
    await world.run(other.request(OpCode.exists, exists('/')));

    expect(many.frames.map((frame) => replyOf(frame).xid)).not.toContain(Xid.setWatches);

    const xids = [];
    for (let i = 0; i < 4; i++) xids.push((await world.run(many.reply())).xid);
    expect(xids).toEqual([Xid.notification, Xid.setWatches, 1, 2]);
    expect(world.server.view.watches.watchCount).toBe(paths.length - 1);
  });

  it('that ends with its connection leaves nothing', async () => {
    const world = await World.serving();
    const client = await world.client();
    const paths = Array.from({ length: 50_000 }, (_, i) => `/p${i}`);
    client.send(OpCode.setWatches2, new SetWatches2(0, [], paths, [], [], []), Xid.setWatches);
    client.send(OpCode.exists, exists('/'));
    await world.pass(1);

    client.destroy();
    await world.pass(1000);

    expect([world.server.view.watches.watchCount, world.server.view.outstandingRequests]).toEqual([0, 0]);
  });

  it('beyond what one connection may watch is refused, and changes nothing', async () => {
    const world = await World.serving({ watchesMaxPerConnection: 2 });
    const client = await world.client();

    const request = new SetWatches(0, [], ['/a', '/b', '/c'], []);
    const { err } = await world.run(client.request(OpCode.setWatches, request, Xid.setWatches));

    expect(err).toBe(ErrorCode.QUOTAEXCEEDED);
    expect(world.server.view.watches.watchCount).toBe(0);
  });
});

it('one watch more than a connection may hold is refused', async () => {
  const world = await World.serving({ watchesMaxPerConnection: 2 });
  const client = await world.client();

  const errors = [];
  for (const path of ['/', '/zookeeper', '/zookeeper/quota']) {
    errors.push((await world.run(client.request(OpCode.exists, exists(path, true)))).err);
  }

  expect(errors).toEqual([0, 0, ErrorCode.QUOTAEXCEEDED]);
});

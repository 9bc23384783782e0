import { CheckVersionRequest, ErrorCode, OpCode } from '@corral/protocol';
import { expect, it } from 'vitest';
import { absentAnywhere, createNodes, EnsembleWorld } from './harness/server-specs.ts';

it('ZOOKEEPER-2623: a check that stands by itself is logged by the quorum, and nobody can read the log any more', async () => {
  // given: three servers
  const world = await EnsembleWorld.elected({ size: 3 });
  const paths = await createNodes(world, 1, 5);
  const before = world.members.get(3)!.view.lastProcessedZxid;

  // when: each is sent a check that is in no multi
  for (const sid of [1, 2, 3]) {
    const client = await world.client(sid);
    client.send(OpCode.check, new CheckVersionRequest('/n0', 0));
    expect((await world.run(client.reply())).err).toBe(ErrorCode.UNIMPLEMENTED);
    await world.run(client.closed());
  }

  // then: it has come into nobody's log, but for the sessions, and all start again
  await world.pass(100);
  expect(world.members.get(3)!.view.lastProcessedZxid).toBe(before + 3);
  for (const sid of [1, 2, 3]) world.crash(sid);
  for (const sid of [1, 2, 3]) await world.start(sid);
  await world.serving();
  expect(await absentAnywhere(world, paths)).toEqual([]);
});

import { counterOf, OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import {
  absentAnywhere,
  acknowledgedOf,
  create,
  EnsembleWorld,
  sendCreates,
} from './harness/server-specs.ts';
import { leaderTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-1277 (4883 and 2789, open): the counter of a zxid runs over into its epoch', () => {
  leaderTranscript(
    'a leader steps down before it gives out the last counter',
    `
> leading followers=2 counter=0xfffffffd
> propose "a"
  send 2: PROPOSAL 2:4294967294 "a"
> propose "b"
  stepDown: the counter of this epoch is at its end
> durable 2:4294967294
`,
  );

  it.each(['nobody', 'a follower', 'the leader'])(
    'thirty-two writes around its end, where %s dies after each fourth: nothing is lost, no zxid is used twice',
    async (victim) => {
      // given: an epoch that begins shortly before the end of its counter
      const world = await nearTheEnd(0xffff_ffef);
      const paths: string[] = [];
      const zxids: number[] = [];

      // when
      for (let i = 0; i < 32; i++) {
        const path = `/n${i}`;
        const zxid = await written(world, path);
        paths.push(path);
        if (zxid !== undefined) zxids.push(zxid);
        if (i % 4 !== 3 || victim === 'nobody') continue;
        const leader = leaderOf(world);
        const sid = victim === 'the leader' ? leader : [1, 2, 3].find((other) => other !== leader)!;
        world.crash(sid);
        await world.start(sid);
        await world.serving();
      }

      // then
      expect(zxids.filter((zxid, i) => i > 0 && zxid <= zxids[i - 1]!)).toEqual([]);
      await world.serving();
      expect(await absentAnywhere(world, paths)).toEqual([]);
      expect(await world.differences()).toEqual([]);
    },
  );

  it('forty writes at once over its end: what is logged never has a counter that ran over', async () => {
    // given
    const world = await nearTheEnd(0xffff_ffef);
    const client = await world.client(leaderOf(world));

    // when
    const asked = sendCreates(client, 'n', 40);
    await world.pass(5000);
    await world.serving();

    // then
    const acknowledged = acknowledgedOf(client, asked);
    expect(await absentAnywhere(world, acknowledged)).toEqual([]);
    expect(await world.differences()).toEqual([]);
    for (const sid of [1, 2, 3]) {
      const logged = world.medium(sid).durable.segments.flatMap(({ entries }) => entries);
      expect(logged.map(({ zxid }) => zxid).filter((zxid) => counterOf(zxid) === 0)).toEqual([]);
      expect(logged.filter(({ zxid }, i) => i > 0 && zxid <= logged[i - 1]!.zxid)).toEqual([]);
    }
  });
});

/** The first leader begins to count there; whoever leads afterwards begins as always. */
async function nearTheEnd(counter: number): Promise<EnsembleWorld> {
  let isFirst = true;
  const world = await EnsembleWorld.elected({
    size: 3,
    initialCounter: () => {
      const begin = isFirst ? counter : 0;
      isFirst = false;
      return begin;
    },
  });
  // Every disk has all that came before: the snapshot that one of them was sent.
  const snapshots = new Map([1, 2, 3].flatMap((sid) => [...world.medium(sid).durable.snapshots]));
  for (const sid of [1, 2, 3]) world.medium(sid).durable.snapshots = new Map(snapshots);
  return world;
}

/** By a client that comes again until it has an answer, as theirs do. Returns the zxid, where it was told. */
async function written(world: EnsembleWorld, path: string): Promise<number | undefined> {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      const client = await world.client(1 + (attempt % 3));
      const { err, zxid } = await world.run(client.request(OpCode.create, create(path)));
      client.end();
      if (err === 0) return zxid;
      if (err === NODE_EXISTS) return undefined;
    } catch {
      await world.pass(50); // nobody serves there, or the connection ended before the answer
    }
  }
  throw new Error(`${path}: no answer\n${world.story()}`);
}

function leaderOf(world: EnsembleWorld): number {
  return [...world.members.keys()].find((sid) => world.members.get(sid)!.view.mode === 'leader')!;
}

const NODE_EXISTS = -110;

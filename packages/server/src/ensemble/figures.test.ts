import { OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, setData, sync } from '../../test/requests.ts';

/**
 * What members measure of themselves. Which figure moves on whom, and by how much, is what Apache 3.9.5 did in the same
 * ensemble with the same requests, but for those that `docs/DIVERGENCE.md` names.
 */
describe('after the same few requests', () => {
  it('a leader has counted and timed its proposals, and how its learners came', async () => {
    const world = await worked();
    const shown = figures(world, LEADER);

    expect(shown('looking_count', 'cnt_election_time', 'cnt_unavailable_time')).toEqual([1, 1, 1]);
    expect(shown('cnt_leader_unavailable_time')).toEqual([1]);
    expect(shown('proposal_count', 'commit_count', 'request_commit_queued')).toEqual(each(PROPOSALS, 3));
    expect(shown('cnt_proposal_ack_creation_latency', 'cnt_quorum_ack_latency')).toEqual(each(PROPOSALS, 2));
    expect(shown('diff_count', 'cnt_inflight_diff_count', 'snap_count')).toEqual([3, 6, 0]);
    expect(shown('cnt_write_commitproc_time_ms')).toEqual([PROPOSALS]);
    expect(shown('cnt_proposal_latency', 'learner_proposal_received_count')).toEqual([undefined, undefined]);
  });

  it('a follower has timed what came from its leader, and what its own clients waited', async () => {
    const world = await worked();
    const shown = figures(world, FOLLOWER);

    expect(shown('looking_count', 'cnt_election_time', 'cnt_unavailable_time')).toEqual([1, 1, 1]);
    expect(shown('cnt_leader_unavailable_time')).toEqual([0]);
    expect(shown('cnt_follower_sync_time', 'cnt_observer_sync_time')).toEqual([1, undefined]);
    expect(shown('learner_proposal_received_count', 'learner_commit_received_count')).toEqual(
      each(PROPOSALS, 2),
    );
    expect(shown('cnt_proposal_latency', 'cnt_proposal_ack_creation_latency')).toEqual(each(PROPOSALS, 2));
    expect(shown('cnt_commit_propagation_latency', 'cnt_propagation_latency')).toEqual(each(PROPOSALS, 2));
    // The session, three writes, a sync.
    expect(shown('cnt_write_commitproc_time_ms')).toEqual([5]);
    expect(shown('proposal_count', 'commit_count')).toEqual([undefined, undefined]);
  });

  it('an observer is told what is committed, and no proposals', async () => {
    const world = await worked();
    const shown = figures(world, OBSERVER);

    expect(shown('cnt_election_time', 'cnt_unavailable_time', 'cnt_observer_sync_time')).toEqual([0, 1, 1]);
    expect(shown('learner_proposal_received_count', 'cnt_proposal_latency')).toEqual([0, 0]);
    expect(shown('learner_commit_received_count', 'cnt_commit_propagation_latency')).toEqual(
      each(PROPOSALS, 2),
    );
  });

  it('latencies are what it took: here, the disks of all but one stand still for a while', async () => {
    const world = await EnsembleWorld.led(LEADER, { size: 3 });
    const client = await world.client(FOLLOWER);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    for (const sid of [LEADER, 2]) world.medium(sid).beforeSync = () => held;

    const answered = client.request(OpCode.create, create('/slow'));
    await world.pass(150);
    release();
    await world.run(answered);
    await world.pass(10);

    expect(figures(world, LEADER)('max_quorum_ack_latency')[0]).toBeGreaterThanOrEqual(150);
    expect(figures(world, FOLLOWER)('max_commit_propagation_latency')[0]).toBeGreaterThanOrEqual(150);
    expect(figures(world, FOLLOWER)('max_proposal_latency')[0]).toBeLessThan(50);
  });
});

describe('figures that a leader has not', () => {
  it('are those of the queue for each learner: what is sent is bytes at once', async () => {
    const world = await worked();
    const names = Array.from(world.members.get(LEADER)!.view.metrics(), ({ name }) => name);

    expect(names.filter((name) => name.includes('learner_handler_qp'))).toEqual([]);
  });
});

describe('while it leads', () => {
  it('a leader tells for how long, who may not vote yet, and how many syncs wait', async () => {
    const world = await EnsembleWorld.led(LEADER, { size: 3 });
    const leader = () => world.members.get(LEADER)!.view.ensemble!.leader!();
    const { uptimeMs } = leader();

    await world.pass(500);

    expect(leader()).toEqual({ uptimeMs: uptimeMs + 500, pendingSyncs: 0, nonVotingFollowers: 0 });
    expect(world.members.get(FOLLOWER)!.view.ensemble!.leader).toBeUndefined();
  });

  it('the syncs that wait are those behind a proposal that nobody has yet', async () => {
    const world = await EnsembleWorld.led(LEADER, { size: 3 });
    const client = await world.client(LEADER);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    for (const sid of [1, 2, 3]) world.medium(sid).beforeSync = () => held;

    client.send(OpCode.create, create('/a'));
    client.send(OpCode.sync, sync('/'));
    await world.pass(10);
    const waiting = world.members.get(LEADER)!.view.ensemble!.leader!().pendingSyncs;
    release();
    await world.run(client.reply());
    await world.run(client.reply());

    expect(waiting).toBe(1);
    expect(world.members.get(LEADER)!.view.ensemble!.leader!().pendingSyncs).toBe(0);
  });

  it('each thousandth acknowledgement of a follower is timed', async () => {
    const world = await EnsembleWorld.led(LEADER, { size: 3, initialCounter: () => JUST_BEFORE });
    const client = await world.client(LEADER);
    for (let i = 0; i < 20; i++) await world.run(client.request(OpCode.create, create(`/n${i}`)));

    expect(figures(world, LEADER)('cnt_1_ack_latency', 'cnt_2_ack_latency')).toEqual([1, 1]);
  });
});

/** In the first epoch, whose zxids begin with 1 x 2^32. */
const JUST_BEFORE = 1000 - (2 ** 32 % 1000) - 10;
const LEADER = 3;
const FOLLOWER = 1;
const OBSERVER = 4;
/** The session, and three writes. */
const PROPOSALS = 4;

async function worked(): Promise<EnsembleWorld> {
  const world = await EnsembleWorld.led(LEADER, { size: 4, observers: [OBSERVER] });
  const client = await world.client(FOLLOWER);
  for (const path of ['/a', '/b']) await world.run(client.request(OpCode.create, create(path)));
  await world.run(client.request(OpCode.setData, setData('/a', 'x')));
  await world.run(client.request(OpCode.sync, sync('/')));
  await world.pass(10);
  return world;
}

function figures(world: EnsembleWorld, sid: number): (...names: string[]) => (number | undefined)[] {
  const samples = new Map(
    Array.from(world.members.get(sid)!.view.metrics(), ({ name, value }) => [name, value]),
  );
  return (...names) => names.map((name) => samples.get(name));
}

function each(value: number, times: number): number[] {
  return Array.from({ length: times }, () => value);
}

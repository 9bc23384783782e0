import { create, exists } from '@corral-test/oracle';
import { describe, expect, test } from 'vitest';
import { Client } from './harness/client.ts';
import { Ensemble } from './harness/ensemble.ts';
import { until } from './harness/eventually.ts';
import { corral, times } from './harness/programs.ts';
import { differences } from './harness/trees.ts';
import { Writer } from './harness/writer.ts';

describe('a member that is stopped as by a debugger', () => {
  test('does not hold up the others, and catches up', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    const slow = await ensemble.follower();
    const leader = await ensemble.leader();
    const client = await Client.open(leader);
    await client.ask(create('/n'));
    await slow.pause();

    // Much more than what buffers of the system hold.
    const large = 'x'.repeat(100_000);
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => client.ask(create(`/n/${i}`, large))),
    );
    slow.resume();

    expect(answers.filter(({ err }) => err !== 0)).toEqual([]);
    await until('it is as far as the others', async () => (await slow.zxid()) === (await leader.zxid()));
    expect(await differences(ensemble)).toEqual([]);
  });

  test('is replaced where it was the leader, and what it still believes to lead does no harm', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral), config: { syncLimit: 4 } });
    const old = await ensemble.leader();
    const atOld = await Client.open(old);
    await atOld.ask(create('/before'));
    await old.pause();
    const others = ensemble.members.filter((member) => member !== old);
    await until('another leads', async () => {
      const modes = await Promise.all(others.map((member) => member.mode()));
      return modes.includes('leader');
    });
    const client = await Client.open(others[0]!);
    expect((await client.ask(create('/after'))).err).toBe(0);

    // It finds this in its buffers when it goes on, before it knows.
    atOld.tell(create('/by-the-old'));
    old.resume();
    await until('it follows', async () => (await old.mode()) === 'follower');

    const reader = await Client.open(old);
    await reader.ask({ op: 'sync', path: '/' });
    expect((await reader.ask(exists('/after'))).err).toBe(0);
    expect((await reader.ask(exists('/by-the-old'))).err).toBe(NONODE);
    expect(await differences(ensemble)).toEqual([]);
  });
});

describe('a stop that is asked for', () => {
  test('of one member after the other: no session is lost, and no write', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    const writers = [1, 2, 3].map((n) => new Writer(ensemble, `/w${n}`));

    for (const member of ensemble.members) {
      await Promise.all(writers.map((writer) => writer.more(20)));
      await member.stop();
      await Promise.all(writers.map((writer) => writer.more(20)));
      await member.start();
    }
    await Promise.all(writers.map((writer) => writer.stop()));

    expect(writers.map(({ sessionsLost }) => sessionsLost)).toEqual([0, 0, 0]);
    expect(
      await differences(
        ensemble,
        writers.flatMap(({ acknowledged }) => acknowledged),
      ),
    ).toEqual([]);
  });

  test('of the leader: it ends at once and with success, and another leads', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    const leader = await ensemble.leader();
    const client = await Client.open(leader);
    await client.ask(create('/n'));

    const exit = await leader.stop();

    expect(exit).toEqual({ code: 0, signal: null });
    const next = await ensemble.leader();
    expect(next).not.toBe(leader);
    const again = await Client.open(next, { session: client.session });
    expect([again.isRefused, (await again.ask(exists('/n'))).err]).toEqual([false, 0]);
    await leader.start();
    expect(await differences(ensemble)).toEqual([]);
  });

  test('of a follower whose leader dies while it waits for its last writes: it ends with success', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    const leader = await ensemble.leader();
    const follower = await ensemble.follower();
    const client = await Client.open(follower);
    await leader.pause();
    client.tell(create('/never-committed'));
    await until('it waits', async () => (await follower.figure('outstanding_requests')) === '1');

    const stopping = follower.stop();
    await until('it has begun to stop', () => follower.log().includes('leaving the leader'));
    await leader.kill();

    expect(await stopping).toEqual({ code: 0, signal: null });
  });

  test('of all members: each ends with success, and all is there when they start again', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    const writer = new Writer(ensemble, '/w');
    await writer.more(50);
    await writer.stop();

    const exits = await Promise.all(ensemble.members.map((member) => member.stop()));
    for (const member of ensemble.members) member.launch();

    expect(exits.map((exit) => exit?.code)).toEqual([0, 0, 0]);
    expect(await differences(ensemble, writer.acknowledged)).toEqual([]);
  });
});

const NONODE = -101;

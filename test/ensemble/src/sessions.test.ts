import { create, exists, multi, remove, set } from '@corral-test/oracle';
import { describe, expect, test } from 'vitest';
import { Client, ConnectionLoss } from './harness/client.ts';
import { Ensemble } from './harness/ensemble.ts';
import { until } from './harness/eventually.ts';
import { corral, times } from './harness/programs.ts';
import { differences } from './harness/trees.ts';

const EPHEMERAL = 1;
const SEQUENTIAL = 2;

describe('a session', () => {
  test('goes on at another member when its own is killed, with its ephemeral nodes', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    // Whatever part the member has whose client moves.
    for (const { sid } of ensemble.members) {
      const member = ensemble.member(sid);
      const client = await Client.open(member);
      await client.ask(create(`/e${sid}`, 'mine', EPHEMERAL));
      await member.kill();
      const next = ensemble.member((sid % 3) + 1);
      await next.serving();
      const again = await Client.open(next, { session: client.session });

      expect(again.session.id).toBe(client.session.id);
      expect((await again.ask(exists(`/e${sid}`))).text).toContain(`ephemeralOwner=${client.session.id}`);
      expect((await again.ask(create(`/f${sid}`, '', EPHEMERAL))).err).toBe(0);
      await member.start();
      await again.close();
    }
    const reader = await Client.open(ensemble.member(1));
    await reader.ask({ op: 'sync', path: '/' });
    expect((await reader.ask({ op: 'getChildren', path: '/', watch: false })).text).toBe(
      'err=0 children=[="zookeeper"]',
    );
    expect(await differences(ensemble)).toEqual([]);
  });

  test('that nobody keeps alive expires everywhere, and others live on', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    const lost = await Promise.all(
      ensemble.members.map((member) => Client.open(member, { timeoutMs: 1000 })),
    );
    const kept = await Promise.all(
      ensemble.members.map((member) => Client.open(member, { timeoutMs: 4000 })),
    );
    for (const [i, client] of [...lost, ...kept].entries()) await client.ask(create(`/e${i}`, '', EPHEMERAL));
    await Promise.all(lost.map((client) => client.drop()));

    for (const reader of kept) {
      await until('the nodes of the lost are gone', async () => {
        const { text } = await reader.ask({ op: 'getChildren', path: '/', watch: false });
        return text === 'err=0 children=[="e3" ="e4" ="e5" ="zookeeper"]';
      });
    }
    const refused = await Client.open(ensemble.member(2), { session: lost[0]!.session });
    expect(refused.isRefused).toBe(true);
    expect(await differences(ensemble)).toEqual([]);
  });

  test('outlives the leader that granted it', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    const leader = await ensemble.leader();
    const client = await Client.open(await ensemble.follower(), { timeoutMs: 4000 });
    await client.ask(create('/e', '', EPHEMERAL));
    await leader.kill();
    await client.ended();
    await ensemble.serving();

    const again = await Client.open(client.member, { session: client.session });
    expect((await again.ask(exists('/e'))).err).toBe(0);
    expect(await leader.start()).toBe(undefined);
    expect(await differences(ensemble)).toEqual([]);
  });

  test('that has moved cannot be used where it was', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    const follower = await ensemble.follower();
    const client = await Client.open(follower);
    const leader = await ensemble.leader();
    const again = await Client.open(leader, { session: client.session });

    await expect(client.ask(create('/late'))).rejects.toBeInstanceOf(ConnectionLoss);
    expect((await again.ask(exists('/late'))).err).toBe(NONODE);
  });
});

describe('members agree', () => {
  test('on what a client sees of what another writes: watches, sequences, multis', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    const clients = await Promise.all(ensemble.members.map((member) => Client.open(member)));
    const [one, two, three] = clients as [Client, Client, Client];
    await one.ask(create('/q'));
    for (const client of [two, three]) {
      await client.ask({ op: 'sync', path: '/' });
      await client.ask(exists('/new', true));
      await client.ask({ op: 'getData', path: '/q', watch: true });
      await client.ask({ op: 'addWatch', path: '/q', mode: 1 });
    }

    await one.ask(create('/new'));
    await one.ask(set('/q', 'x'));
    const names = await Promise.all(
      Array.from({ length: 30 }, (_, i) => clients[i % 3]!.ask(create('/q/n-', '', SEQUENTIAL))),
    );
    const parts = await two.ask(multi(create('/m'), set('/q', 'y'), remove('/new')));
    const refused = await three.ask(multi(create('/m2'), remove('/nothing')));

    expect(new Set(names.map(({ text }) => text)).size).toBe(30);
    expect(parts.err).toBe(0);
    expect((await one.ask(exists('/m2'))).err).toBe(NONODE);
    expect(refused.text).toContain('err=-101');
    for (const client of [two, three]) {
      await client.event('type=1 state=3 path="/new"');
      await client.event('type=3 state=3 path="/q"');
      await client.event('type=1 state=3 path="/q/n-0000000029"');
    }
    expect(await differences(ensemble)).toEqual([]);
  });

  test('on watches that a client sets again elsewhere', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    const client = await Client.open(ensemble.member(1));
    const other = await Client.open(ensemble.member(2));
    await client.ask(create('/w'));
    const { zxid } = await client.ask({ op: 'getData', path: '/w', watch: true });
    await ensemble.member(1).kill();
    await ensemble.serving();
    const writer = other.isClosed ? await Client.open(ensemble.member(2)) : other;
    await writer.ask(set('/w', 'changed'));

    const again = await Client.open(ensemble.member(3), { session: client.session });
    await again.ask({ op: 'sync', path: '/' });
    await again.setWatches(zxid, ['/w']);

    expect(await again.event('type=3 state=3 path="/w"')).toContain('event');
  });
});

const NONODE = -101;

import { toZxid } from '@corral/protocol';
import { expect, it } from 'vitest';
import { append, logged, PowerCuts } from './harness/power-cuts.ts';
import { scenario } from './harness/scenario.ts';

it('ClickHouse Keeper 102629: what is durable is not counted back when the log is cut, and what comes in its place is acknowledged too soon', async () => {
  // given: a log whose end is cut off
  const cuts = new PowerCuts();
  const storage = await cuts.open();
  append(storage, 1, 2, 3, 4, 5, 6, 7, 8);
  await storage.log.sync();
  await storage.log.truncate(toZxid(3));

  // when: others come in the place of what was cut, and their sync resolves
  append(storage, 4, 5);
  await storage.log.sync();

  // then: they are there, whatever becomes of the power
  cuts.claim = async (found) => expect(await logged(found)).toEqual([1, 2, 3, 4, 5]);
  expect(await cuts.check()).toBeGreaterThan(20);
});

scenario(
  'ClickHouse Keeper 102629: a follower whose log was cut acknowledges nothing that is not durable again',
  async (newCluster) => {
    // given: 3 has logged what nobody else has, and its log is cut by 2, which leads now
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(3);
    await client.create('/kept');
    cluster.isolate(3);
    for (let i = 0; i < 5; i++)
      void client.send({ op: 'create', path: `/never${i}`, value: `${i}`, mode: 0 });
    await cluster.pass(100);
    cluster.cutPower(3);
    await cluster.leaderOf(1, 2);
    cluster.heal();
    cluster.start(3);
    await cluster.serves(3);
    expect(cluster.world.coverage.get('synchronised by TRUNC')).toBe(1);

    // when: its disk hangs, and 2 has nobody else for what it proposes
    const writer = await cluster.client(2);
    await cluster.stop(1);
    cluster.disk(3).hold('log');
    let isAnswered = false;
    const answer = writer.send({ op: 'create', path: '/new', value: 'new', mode: 0 });
    void answer.then(() => (isAnswered = true));
    await cluster.until(() => cluster.disk(3).waiting('log') > 0, '3 syncs what is proposed');
    await cluster.pass(200);

    // then: nothing is acknowledged until its disk has it
    expect(isAnswered).toBe(false);
    cluster.disk(3).release('log');
    expect((await cluster.run(answer, 'the answer')).outcome).toBe('ok');
    await cluster.ends();
  },
);

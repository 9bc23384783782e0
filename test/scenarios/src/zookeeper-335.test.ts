import { describe, expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

describe('ZOOKEEPER-335 (1081, 1082, 1282, 1291): epochs were told before they were stored, and stored too late', () => {
  scenario('a leader that dies when its epoch is heard of has it on its disk', async (newCluster) => {
    // given: elections, in which somebody stores an epoch that it was told by the server that was elected
    const cluster = newCluster();
    const storedBy = new Map<number, number[]>();
    const lost: number[] = [];
    cluster.listen({
      onEpoch({ sid, durable: { acceptedEpoch } }) {
        const storers = storedBy.get(acceptedEpoch) ?? [];
        if (acceptedEpoch < 1 || storers.includes(sid)) return;
        storedBy.set(acceptedEpoch, [...storers, sid]);
        if (storers.length !== 1 || lost.length === 3) return;
        // when: the one who was elected loses its power at that moment
        const elected = Number(/ s(\d) /.exec(cluster.lines('"state":"leading"').at(-1)!)![1]);
        lost.push(elected);
        cluster.cutPower(elected);
        cluster.start(elected);
      },
    });
    await cluster.startAll();

    // then: it had stored the epoch itself, before anybody else, and each epoch is new
    expect(lost.length).toBe(3);
    expect([...storedBy.values()].slice(0, 3).map(([first]) => first)).toEqual(lost);
    expect([...storedBy.keys()]).toEqual([...storedBy.keys()].toSorted((a, b) => a - b));
    await cluster.ends();
  });

  scenario('while the disk of the elected leader is slow nobody hears of its epoch', async (newCluster) => {
    // given
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    cluster.crash(1, 2, 3);

    // when
    cluster.disk(3).hold('acceptedEpoch');
    cluster.start(1, 2, 3);
    await cluster.until(() => cluster.disk(3).waiting('acceptedEpoch') > 0, '3 stores its epoch');
    await cluster.pass(1000);

    // then
    expect([1, 2].map((sid) => cluster.server(sid).durable.acceptedEpoch)).toEqual([1, 1]);
    cluster.disk(3).release('acceptedEpoch');
    await cluster.leaderOf(1, 2, 3);
    await cluster.ends();
  });

  scenario('a follower has the epoch on its disk when it acknowledges NEWLEADER', async (newCluster) => {
    // given
    const cluster = newCluster();
    const currentAtAck: (readonly [current: number, acknowledged: number])[] = [];
    cluster.listen({
      onAcknowledged({ sid, durable }, zxid, isNewLeader) {
        if (!isNewLeader || currentAtAck.length > 3) return;
        currentAtAck.push([durable.currentEpoch, Math.floor(zxid / 2 ** 32)]);
        // when: it loses its power at that moment
        cluster.cutPower(sid);
        cluster.start(sid);
      },
    });
    await cluster.startAll();

    // then
    expect(currentAtAck.length).toBe(4);
    for (const [current, acknowledged] of currentAtAck) expect(current).toBe(acknowledged);
    await cluster.ends();
  });
});

import { create, exists } from '@corral-test/oracle';
import { describe, expect, test } from 'vitest';
import { Client } from './harness/client.ts';
import { Ensemble } from './harness/ensemble.ts';
import { corral, times } from './harness/programs.ts';
import { differences } from './harness/trees.ts';
import { Writer } from './harness/writer.ts';

describe('observers', () => {
  test('serve clients, come back, and count for nothing in a quorum', async () => {
    await using ensemble = await Ensemble.start({ members: times(5, corral), observers: [4, 5] });
    const [four, five] = [ensemble.member(4), ensemble.member(5)];
    expect([await four.mode(), await five.mode()]).toEqual(['observer', 'observer']);
    const client = await Client.open(four);
    expect((await client.ask(create('/by-an-observer', '', 1))).err).toBe(0);

    await five.kill();
    const writer = new Writer(ensemble, '/w');
    await writer.more(40);
    await writer.stop();
    await five.start();
    expect(await differences(ensemble, writer.acknowledged)).toEqual([]);

    // Two voters of three are gone: two observers do not make up for them.
    const leader = await ensemble.leader();
    await Promise.all(
      [1, 2, 3].filter((sid) => sid !== leader.sid).map((sid) => ensemble.member(sid).kill()),
    );
    await client.ended();
    expect(await four.mode()).toBe('none');

    for (const sid of [1, 2, 3]) if (!ensemble.member(sid).isRunning) ensemble.member(sid).launch();
    await ensemble.serving();
    const again = await Client.open(five, { session: client.session });
    expect([again.isRefused, (await again.ask(exists('/by-an-observer'))).err]).toEqual([false, 0]);
    expect(await differences(ensemble, writer.acknowledged)).toEqual([]);
  });
});

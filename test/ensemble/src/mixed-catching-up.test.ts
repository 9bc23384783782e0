import { create, type ServerProgram } from '@corral-test/oracle';
import { describe, expect, test } from 'vitest';
import { apaches } from './harness/apache.ts';
import { Client } from './harness/client.ts';
import type { Ensemble } from './harness/ensemble.ts';
import { until } from './harness/eventually.ts';
import type { Member } from './harness/member.ts';
import { corral } from './harness/programs.ts';
import { kindOf, ledBy, write } from './harness/roles.ts';
import { differences, readTree } from './harness/trees.ts';
import { Writer } from './harness/writer.ts';

const suite = 'synchronisation between Corral and';

describe.each(apaches(suite))(`${suite} %s`, (_, apache) => {
  const pairs: readonly (readonly [string, leader: ServerProgram, learner: ServerProgram])[] = [
    ['a Corral leader and an Apache learner', corral, apache],
    ['an Apache leader and a Corral learner', apache, corral],
  ];

  test.for(pairs)('%s: DIFF from memory, DIFF from the log, SNAP', async ([, leader, learner]) => {
    await using ensemble = await ledBy(3, {
      members: [learner, leader, leader],
      // The snapshot has to be larger than the log that is sent in its place.
      config: { snapCount: 200, snapshotSizeFactor: 1 },
      // Apache counts what it has only reserved for its log, too.
      properties: { 'zookeeper.snapshotSizeFactor': '1', 'zookeeper.preAllocSize': '16' },
    });
    const one = ensemble.member(1);
    const three = ensemble.member(3);
    await write(three, 8, 'x'.repeat(100_000));
    await write(three, 300);

    await one.kill();
    await write(three, 20);
    expect(await comeBack(ensemble, one)).toMatch(/DIFF/);
    expect(await differences(ensemble)).toEqual([]);

    // More than the memory of a leader reaches back.
    await one.kill();
    await write(three, 700);
    expect(await comeBack(ensemble, one)).toMatch(/DIFF/);
    expect(await differences(ensemble)).toEqual([]);

    // More than the size of a snapshot.
    await one.kill();
    await write(three, 1000, 'y'.repeat(2000));
    expect(await comeBack(ensemble, one)).toMatch(/SNAP/);
    expect(await differences(ensemble)).toEqual([]);

    // What came is on its disk: it can go on from there, and vote.
    await one.kill();
    await one.start();
    await three.kill();
    await write(one, 20);
    await three.start();
    expect(await differences(ensemble)).toEqual([]);
  });

  test.for(pairs)('%s: TRUNC', async ([, leader, learner]) => {
    await using ensemble = await ledBy(3, { members: [leader, leader, learner] });
    const [one, two, three] = ensemble.members as [Member, Member, Member];
    await write(three, 20);
    const client = await Client.open(three);
    await ensemble.settled();
    await one.pause();
    await two.pause();
    client.tell(create('/never'));
    await until('it is in the log of the leader', () => three.hasLogged('/never'));
    await Promise.all(ensemble.members.map((member) => member.kill()));
    one.launch();
    two.launch();
    await ensemble.serving();

    expect(await comeBack(ensemble, three)).toMatch(/TRUNC/);

    expect(await readTree(three)).not.toHaveProperty('/never');
    expect(await differences(ensemble)).toEqual([]);
  });

  test('an Apache learner that comes to a Corral leader under load comes once', async () => {
    await using ensemble = await ledBy(2, { members: [corral, corral, apache] });
    const three = ensemble.member(3);
    const two = ensemble.member(2);
    const writers = [1, 2, 3].map((n) => new Writer(ensemble, `/w${n}`));

    for (let time = 0; time < 3; time++) {
      await Promise.all(writers.map((writer) => writer.more(20)));
      await three.kill();
      await Promise.all(writers.map((writer) => writer.more(20)));
      two.mark();
      await three.start();
      // What was committed while it synchronised came in its time (ZOOKEEPER-4394).
      expect(two.log().match(/the learner is at/g)).toHaveLength(1);
    }
    await Promise.all(writers.map((writer) => writer.stop()));

    expect(
      await differences(
        ensemble,
        writers.flatMap(({ acknowledged }) => acknowledged),
      ),
    ).toEqual([]);
  });
});

/** Starts it, and says what Corral, leader or learner, had to say meanwhile. */
async function comeBack(ensemble: Ensemble, member: Member): Promise<string> {
  const leader = await ensemble.leader();
  const witness = kindOf(leader.program) === 'Corral' ? leader : member;
  witness.mark();
  await member.start();
  return witness.log();
}

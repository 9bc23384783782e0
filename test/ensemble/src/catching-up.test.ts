import { create } from '@corral-test/oracle';
import { describe, expect, test } from 'vitest';
import { Client } from './harness/client.ts';
import { Ensemble } from './harness/ensemble.ts';
import { until } from './harness/eventually.ts';
import type { Member } from './harness/member.ts';
import { corral, times } from './harness/programs.ts';
import { write } from './harness/roles.ts';
import { differences, readTree } from './harness/trees.ts';

describe('a member that comes back', () => {
  test('gets what it missed from the memory of the leader: DIFF', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    await write(await ensemble.leader(), 20);
    const follower = await ensemble.follower();
    await follower.kill();
    await write(await ensemble.leader(), 20);

    const said = await comeBack(ensemble, follower);

    expect(said).toContain('DIFF to');
    expect(said).not.toContain('log on disk');
    expect(await differences(ensemble)).toEqual([]);
  });

  test('gets what it missed from the log of the leader, where memory does not reach back: DIFF', async () => {
    await using ensemble = await Ensemble.start({
      members: times(3, corral),
      // The snapshot has to be larger than the log that is sent in its place.
      config: { snapCount: 200, snapshotSizeFactor: 1 },
    });
    await write(await ensemble.leader(), 8, 'x'.repeat(100_000));
    await write(await ensemble.leader(), 300);
    const follower = await ensemble.follower();
    await follower.kill();
    await write(await ensemble.leader(), 700);

    const said = await comeBack(ensemble, follower);

    expect(said).toContain('DIFF to');
    expect(said).toContain('log on disk');
    expect(await differences(ensemble)).toEqual([]);
  });

  test('gets the whole tree where it has missed too much: SNAP', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    await write(await ensemble.leader(), 10);
    const follower = await ensemble.follower();
    await follower.kill();
    await write(await ensemble.leader(), 700);

    const said = await comeBack(ensemble, follower);

    expect(said).toContain('SNAP at');
    expect(await differences(ensemble)).toEqual([]);
    // What it got is on its disk.
    await follower.kill();
    expect(await comeBack(ensemble, follower)).toContain('DIFF to');
    expect(await differences(ensemble)).toEqual([]);
  });

  test.for([
    ['TRUNC to', 'nobody has written since', 0],
    // Nobody can cut between two epochs.
    ['SNAP at', 'others have written since', 10],
  ] as const)(
    'loses what it had logged as a leader and nobody else ever had: %s where %s',
    async ([kind, , writes]) => {
      await using ensemble = await Ensemble.start({ members: times(3, corral) });
      await write(await ensemble.leader(), 10);
      const leader = await ensemble.leader();
      const others = ensemble.members.filter((member) => member !== leader);
      await proposeForNothing(ensemble, leader);
      for (const member of others) member.launch();
      await ensemble.serving();
      if (writes > 0) await write(await ensemble.leader(), writes, 'later');

      const said = await comeBack(ensemble, leader);

      expect(said).toContain(kind);
      expect(await readTree(leader)).not.toHaveProperty('/never');
      expect(await differences(ensemble)).toEqual([]);
    },
  );
});

/** The leader has a write in its log that reached nobody else; then all members are dead. */
async function proposeForNothing(ensemble: Ensemble, leader: Member): Promise<void> {
  const client = await Client.open(leader);
  for (const member of ensemble.members) if (member !== leader) await member.pause();
  client.tell(create('/never'));
  await until('it is in the log of the leader', () => leader.hasLogged('/never'));
  await Promise.all(ensemble.members.map((member) => member.kill()));
}

/** Starts it, and says what the leader had to say meanwhile. */
async function comeBack(ensemble: Ensemble, member: Member): Promise<string> {
  const leader = await ensemble.leader();
  leader.mark();
  await member.start();
  return leader.log();
}

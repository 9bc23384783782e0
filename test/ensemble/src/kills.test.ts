import { describe, expect, test } from 'vitest';
import { Ensemble } from './harness/ensemble.ts';
import { corral, times } from './harness/programs.ts';
import { differences } from './harness/trees.ts';
import { Writer } from './harness/writer.ts';

describe('members that are killed under load', () => {
  test.for([
    [3, 1],
    [5, 2],
  ] as const)(
    'of %i, any %i: no acknowledged write is lost, and all have the same in the end',
    async ([size, lost]) => {
      await using ensemble = await Ensemble.start({ members: times(size, corral) });
      const writers = [1, 2, 3].map((n) => new Writer(ensemble, `/w${n}`));

      for (let first = 0; first < size; first += lost) {
        const victims = ensemble.members.slice(first, first + lost);
        await Promise.all(writers.map((writer) => writer.more(30)));
        await Promise.all(victims.map((member) => member.kill()));
        await Promise.all(writers.map((writer) => writer.more(30)));
        await Promise.all(victims.map((member) => member.start()));
      }
      await Promise.all(writers.map((writer) => writer.stop()));

      expect(await differences(ensemble, acknowledgedBy(writers))).toEqual([]);
    },
  );

  test('the leader, each time anew: no acknowledged write is lost', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    const writers = [1, 2, 3].map((n) => new Writer(ensemble, `/w${n}`));
    const leaders = new Set<number>();

    for (let kill = 0; kill < 4; kill++) {
      await Promise.all(writers.map((writer) => writer.more(20)));
      const leader = await ensemble.leader();
      leaders.add(leader.sid);
      await leader.kill();
      await ensemble.leader();
      await leader.start();
    }
    await Promise.all(writers.map((writer) => writer.stop()));

    expect(leaders.size).toBeGreaterThan(1);
    expect(await differences(ensemble, acknowledgedBy(writers))).toEqual([]);
  });

  test('all of them at once: no acknowledged write is lost', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    const writers = [1, 2, 3].map((n) => new Writer(ensemble, `/w${n}`));

    for (let time = 0; time < 2; time++) {
      await Promise.all(writers.map((writer) => writer.more(30)));
      await Promise.all(ensemble.members.map((member) => member.kill()));
      for (const member of ensemble.members) member.launch();
      await ensemble.serving();
    }
    await Promise.all(writers.map((writer) => writer.stop()));

    expect(await differences(ensemble, acknowledgedBy(writers))).toEqual([]);
  });
});

function acknowledgedBy(writers: readonly Writer[]): string[] {
  return writers.flatMap(({ acknowledged }) => acknowledged);
}

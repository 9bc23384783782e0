import { describe, expect, it } from 'vitest';
import { type Disk, ScriptedLeader, type SyncHabit, type Written } from '../test/learner-member.ts';
import { LearnerRun } from '../test/learner-run.ts';
import { zxidFrom } from '../test/packet-text.ts';

/**
 * A follower is stopped after every single thing it does, with and without what its disk had not synced. Whatever is
 * left must obey the invariants of ZAB (`LearnerRun` says which), and be enough to join again,
 * where it is stopped again.
 */
describe('a follower that crashes anywhere while it synchronises', () => {
  for (const [title, scenario] of Object.entries(scenarios())) {
    describe(title, () => {
      for (const habit of ['eager', 'lazy'] as const) {
        const synced = habit === 'eager' ? 'at once' : 'late';

        it(`leaves a disk from which it joins again, its log synced ${synced}`, () => {
          const disks = crashEverywhere(scenario, habit, 3);

          expect(disks).toBeGreaterThan(100);
        });

        it(`has a torn tree, or none that its log does not know, when it loses its link, synced ${synced}`, () => {
          const links = loseTheLinkEverywhere(scenario, habit);

          expect(links).toBeGreaterThan(20);
        });
      }
    });
  }
});

interface Scenario {
  readonly disk: Disk;
  readonly leader: (epoch: number) => ScriptedLeader;
}

function scenarios(): Record<string, Scenario> {
  const a = history('1:1 a', '1:2 b', '1:3 c', '1:4 d');
  const b = history('2:1 e', '2:2 f');
  const tail = history('1:5 lost', '1:6 lost');
  const uncommitted = history('2:1 lost');
  const scenario = (
    log: readonly Written[],
    current: number,
    committed: readonly Written[],
    sendsSnapshot = false,
  ): Scenario => ({
    disk: { accepted: 2, current, snapshot: [], log },
    leader: (epoch) => {
      const outstanding = history(`${epoch}:1 x`, `${epoch}:2 y`, `${epoch}:3 z`);
      return new ScriptedLeader(epoch, committed, outstanding, sendsSnapshot);
    },
  });
  return {
    'by an empty DIFF': scenario(a, 1, a),
    'by a DIFF within an epoch (ZOOKEEPER-4643)': scenario(a.slice(0, 2), 1, a),
    'by a DIFF across an epoch it was not part of': scenario(a.slice(0, 2), 1, [...a, ...b]),
    'by TRUNC (ZOOKEEPER-5094)': scenario([...a, ...tail], 1, a),
    'by TRUNC and what follows': scenario([...a, ...tail], 1, [...a, ...b]),
    'by SNAP (ZOOKEEPER-3642, 2872)': scenario(a.slice(0, 2), 1, [...a, ...b], true),
    'by SNAP over a log with a tail that was never committed (ZOOKEEPER-2832)': scenario(
      [...a, ...uncommitted],
      2,
      a,
      true,
    ),
    'by SNAP into an empty server': scenario([], 0, [...a, ...b], true),
  };
}

/** @returns how many different disks crashes leave; each was joined again from, `depth` times over */
function crashEverywhere({ disk, leader }: Scenario, habit: SyncHabit, depth: number, epoch = 3): number {
  const run = new LearnerRun(disk, leader(epoch), habit);
  const left = new Map<string, Disk>();
  const stop = (): void => {
    for (const keepsUnsynced of [false, true]) {
      const crashed = run.member.disk(keepsUnsynced);
      left.set(JSON.stringify(crashed), crashed);
    }
  };
  do stop();
  while (run.advance());
  run.checkEnd();
  let disks = left.size;
  if (depth > 1) {
    for (const crashed of left.values())
      disks += crashEverywhere({ disk: crashed, leader }, habit, depth - 1, epoch + 1);
  }
  return disks;
}

/** @returns at how many points the link was lost */
function loseTheLinkEverywhere({ disk, leader }: Scenario, habit: SyncHabit): number {
  for (let steps = 0; ; steps++) {
    const run = new LearnerRun(disk, leader(3), habit);
    let hasMore = true;
    for (let step = 0; step < steps && hasMore; step++) hasMore = run.advance();
    run.checkLinkLost();
    if (!hasMore) return steps;
  }
}

/** `1:5 x`: the transaction x under zxid 1:5. */
function history(...texts: readonly string[]): readonly Written[] {
  return texts.map((text) => {
    const [zxid = '', word = ''] = text.split(' ');
    return { zxid: zxidFrom(zxid), word };
  });
}

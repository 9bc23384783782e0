import { counterOf, epochOf, type QuorumPacket, QuorumPacketType, type Zxid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import {
  type Disk,
  lastOf,
  LearnerMember,
  recover,
  ScriptedLeader,
  type SyncHabit,
  type Written,
} from '../test/learner-member.ts';
import { zxidFrom } from '../test/packet-text.ts';

/**
 * A follower is stopped after every single thing it does, with and without what its disk had not synced. Whatever is
 * left must obey the invariants of ZAB (A8, A10, A11, A12 in the words of its TLA+ models), and be enough to join again,
 * where it is stopped again.
 */
describe('a follower that crashes anywhere while it synchronises', () => {
  for (const [title, scenario] of Object.entries(scenarios())) {
    describe(title, () => {
      for (const habit of ['eager', 'lazy'] as const) {
        it(`leaves a disk from which it joins again, its log synced ${habit === 'eager' ? 'at once' : 'late'}`, () => {
          const crashes = crashEverywhere(scenario, habit, 2);

          expect(crashes).toBeGreaterThan(20);
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
    'by TRUNC and what follows': scenario([...a, ...tail], 1, [...a, ...history('1:5 kept')]),
    'by SNAP (ZOOKEEPER-3642, 2872)': scenario(a.slice(0, 2), 1, [...a, ...b], true),
    'by SNAP over a log with a tail that was never committed (ZOOKEEPER-2832)': scenario([...a, ...uncommitted], 2, a, true),
    'by SNAP into an empty server': scenario([], 0, [...a, ...b], true),
  };
}

/** @returns at how many points it was stopped */
function crashEverywhere({ disk, leader }: Scenario, habit: SyncHabit, depth: number, epoch = 3): number {
  let crashes = 0;
  for (let steps = 1; ; steps++) {
    const run = new Run(disk, leader(epoch), habit);
    const isOver = !run.advance(steps);
    for (const keepsUnsynced of [false, true]) {
      const left = run.member.disk(keepsUnsynced);
      crashes += 1;
      if (depth > 1) crashes += crashEverywhere({ disk: left, leader }, habit, depth - 1, epoch + 1);
      else new Run(left, leader(epoch + 1), habit).finish();
    }
    if (isOver) {
      run.finish();
      return crashes;
    }
  }
}

/** One connection of a follower with a leader, watched. */
class Run {
  readonly member: LearnerMember;
  readonly #leader: ScriptedLeader;
  readonly #before: readonly Written[];
  /** How much of what it had is the leader's too: that may have been acknowledged, and must stay. */
  readonly #shared: number;
  readonly #currentBefore: number;
  #sent = 0;

  constructor(disk: Disk, leader: ScriptedLeader, habit: SyncHabit) {
    this.#leader = leader;
    const { history: before, current } = recover(disk);
    this.#before = before;
    this.#currentBefore = current;
    this.#shared = sharedLength(before, leader.whole);
    this.member = new LearnerMember(disk, habit, () => leader.history);
  }

  /** @returns whether there were that many things to do */
  advance(steps: number): boolean {
    for (let step = 0; step < steps; step++) {
      if (!this.member.advance()) return false;
      this.#check();
      this.member.receive(this.#leader.answer(this.member.sent));
    }
    return true;
  }

  finish(): void {
    while (this.advance(1));
    const { whole } = this.#leader;
    expect(this.member.left).toBeUndefined();
    expect(this.member.isServing).toBe(true);
    expect(this.member.tree).toEqual(whole);
    expect(recover(this.member.disk(false)).history).toEqual(whole);
    const acks = this.member.sent.filter(({ type }) => type === QuorumPacketType.ACK).map(({ zxid }) => zxid);
    const epochZxid = zxidFrom(`${this.#leader.epoch}:0`);
    expect(acks).toEqual([epochZxid, epochZxid, ...this.#leader.outstanding.map(({ zxid }) => zxid)]);
  }

  #check(): void {
    for (const keepsUnsynced of [false, true]) this.#checkDisk(this.member.disk(keepsUnsynced));
    for (; this.#sent < this.member.sent.length; this.#sent++) this.#checkSent(this.member.sent[this.#sent]!);
  }

  #checkDisk(disk: Disk): void {
    const { history: left } = recover(disk);
    const { whole } = this.#leader;
    // A10. Only a snapshot may be of an epoch that is yet to be stored: `recover` says why.
    expect(disk.accepted).toBeGreaterThanOrEqual(disk.current);
    if (lastOf(left) !== lastOf(disk.snapshot)) expect(disk.current).toBeGreaterThanOrEqual(epochOf(lastOf(left)));
    // Its own history as it was, or the beginning of it, or the beginning of the leader's; never a mixture.
    const isOwn = sharedLength(left, this.#before) === left.length;
    const isLeaders = sharedLength(left, whole) === left.length;
    expect({ left, isOneHistory: isOwn || isLeaders }).toEqual({ left, isOneHistory: true });
    // A8: what it shares with the leader is never given up.
    expect(sharedLength(left, whole)).toBeGreaterThanOrEqual(this.#shared);
    // ZOOKEEPER-4643: whoever claims an epoch has all that came before it.
    if (disk.current > this.#currentBefore) {
      const before = whole.filter(({ zxid }) => epochOf(zxid) < disk.current);
      expect(sharedLength(left, before)).toBe(before.length);
    }
  }

  /** A11: nothing is promised that a crash could take back. */
  #checkSent({ type, zxid }: QuorumPacket): void {
    const disk = this.member.disk(false);
    const { history: left } = recover(disk);
    if (type === QuorumPacketType.ACKEPOCH) expect(disk.accepted).toBe(this.#leader.epoch);
    if (type !== QuorumPacketType.ACK) return;
    expect(disk.current).toBe(this.#leader.epoch);
    const promised = this.#leader.whole.filter((written) => isCovered(written.zxid, zxid as Zxid));
    expect(left.slice(0, promised.length)).toEqual(promised);
  }
}

/** The ACK of NEWLEADER stands for everything before its epoch. */
function isCovered(zxid: Zxid, ack: Zxid): boolean {
  return counterOf(ack) === 0 ? epochOf(zxid) < epochOf(ack) : zxid <= ack;
}

function sharedLength(one: readonly Written[], other: readonly Written[]): number {
  const at = one.findIndex(({ zxid, word }, index) => other[index]?.zxid !== zxid || other[index].word !== word);
  return at === -1 ? one.length : at;
}

/** `1:5 x`: the transaction x under zxid 1:5. */
function history(...texts: readonly string[]): readonly Written[] {
  return texts.map((text) => {
    const [zxid = '', word = ''] = text.split(' ');
    return { zxid: zxidFrom(zxid), word };
  });
}

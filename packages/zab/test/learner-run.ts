import assert from 'node:assert/strict';
import { counterOf, epochOf, type QuorumPacket, QuorumPacketType, type Zxid, zxidOf } from '@corral/protocol';
import {
  type Disk,
  lastOf,
  LearnerMember,
  recover,
  type ScriptedLeader,
  type SyncHabit,
  type Written,
} from './learner-member.ts';

/**
 * One connection of a follower with a leader, watched: after every single thing the follower does, what a crash would
 * leave must obey the invariants of ZAB (A8, A10 and A11 of its TLA+ models).
 */
export class LearnerRun {
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

  /** @returns whether there was anything left to do */
  advance(): boolean {
    if (!this.member.advance()) return false;
    this.#check();
    this.member.receive(this.#leader.answer(this.member.sent));
    return true;
  }

  /** A12: what the next vote is made of is what the disk would say, or the tree says that it is torn. */
  checkLinkLost(): void {
    this.member.disconnect();
    assert.ok(this.member.left !== undefined);
    if (this.member.left.isTreeTorn) return;
    const { history } = recover(this.member.disk(true));
    assert.equal(sharedLength(this.member.tree, history), this.member.tree.length);
  }

  checkEnd(): void {
    const { whole } = this.#leader;
    assert.equal(this.member.left, undefined);
    assert.equal(this.member.isServing, true);
    assert.deepEqual(this.member.tree, whole);
    assert.deepEqual(recover(this.member.disk(false)).history, whole);
    const acks = this.member.sent.filter(({ type }) => type === QuorumPacketType.ACK).map(({ zxid }) => zxid);
    const epochZxid = zxidOf(this.#leader.epoch, 0);
    assert.deepEqual(acks, [epochZxid, epochZxid, ...this.#leader.outstanding.map(({ zxid }) => zxid)]);
  }

  #check(): void {
    for (const keepsUnsynced of [false, true]) this.#checkDisk(this.member.disk(keepsUnsynced));
    for (; this.#sent < this.member.sent.length; this.#sent++) this.#checkSent(this.member.sent[this.#sent]!);
  }

  #checkDisk(disk: Disk): void {
    const { history: left } = recover(disk);
    const { whole } = this.#leader;
    // A10. Only a snapshot may be of an epoch that is yet to be stored: `recover` says why.
    assert.ok(disk.accepted >= disk.current);
    if (lastOf(left) !== lastOf(disk.snapshot)) assert.ok(disk.current >= epochOf(lastOf(left)));
    // Its own history as it was, or the beginning of it, or the beginning of the leader's; never a mixture.
    const isOwn = sharedLength(left, this.#before) === left.length;
    const isLeaders = sharedLength(left, whole) === left.length;
    assert.ok(isOwn || isLeaders, `a mixture: ${JSON.stringify(left)}`);
    // A8: what it shares with the leader is never given up.
    assert.ok(sharedLength(left, whole) >= this.#shared);
    // ZOOKEEPER-4643: whoever claims an epoch has all that came before it.
    if (disk.current > this.#currentBefore) {
      const before = whole.filter(({ zxid }) => epochOf(zxid) < disk.current);
      assert.equal(sharedLength(left, before), before.length);
    }
  }

  /** A11: nothing is promised that a crash could take back. */
  #checkSent({ type, zxid }: QuorumPacket): void {
    const disk = this.member.disk(false);
    const { history: left } = recover(disk);
    if (type === QuorumPacketType.ACKEPOCH) assert.equal(disk.accepted, this.#leader.epoch);
    if (type !== QuorumPacketType.ACK) return;
    assert.equal(disk.current, this.#leader.epoch);
    const promised = this.#leader.whole.filter((written) => isCovered(written.zxid, zxid as Zxid));
    assert.deepEqual(left.slice(0, promised.length), promised);
  }
}

/** The ACK of NEWLEADER stands for everything before its epoch. */
function isCovered(zxid: Zxid, ack: Zxid): boolean {
  return counterOf(ack) === 0 ? epochOf(zxid) < epochOf(ack) : zxid <= ack;
}

function sharedLength(one: readonly Written[], other: readonly Written[]): number {
  const at = one.findIndex(
    ({ zxid, word }, index) => other[index]?.zxid !== zxid || other[index].word !== word,
  );
  return at === -1 ? one.length : at;
}

import assert from 'node:assert/strict';
import { epochOf, ServerState, type Zxid, zxidOf } from '@corral/protocol';
import type { ElectionOutput } from '../src/index.ts';
import { quorum } from './quorum.ts';
import { Dice } from './random.ts';
import { type Actor, type Letter, Stage } from './stage.ts';

/**
 * Elections under hosts that do the least of what ZAB does: a leader with a quorum of followers begins a new epoch and
 * commits a transaction; a follower that cannot reach its leader, and a leader without a quorum, look again.
 *
 * What is fair: notifications are lost, late, overtaken by those of other links; servers crash and come back with their
 * log and without their rounds; the network is cut in two. When a link is up again the last word on it is said again,
 * as the connections of an ensemble do.
 */
export class Ensemble {
  readonly dice: Dice;
  readonly stage: Stage;
  readonly #sids: readonly number[];
  readonly #voters: readonly number[];
  readonly #last = new Map<string, Letter>();
  readonly #settledAt = new Map<number, number>();
  /** Leaders that have a quorum, with their epoch. */
  readonly #established = new Map<number, number>();
  #cutOff = new Set<number>();
  /** The newest transaction that a quorum has had at one time. */
  committed = 0;
  epochs = 0;
  sends = 0;

  constructor(seed: number, voters: number, observers: number) {
    this.dice = new Dice(seed);
    this.stage = new Stage((sid, output) => this.#observe(sid, output));
    this.#voters = range(1, voters);
    this.#sids = range(1, voters + observers);
    const config = quorum({ voters: this.#voters, observers: range(voters + 1, observers) });
    for (const sid of this.#sids) this.stage.add(sid, config);
  }

  start(): void {
    for (const sid of this.#sids) this.stage.look(sid);
  }

  /** One thing goes right or wrong. */
  disturb(): void {
    const kind = this.dice.below(100);
    if (kind < 55) this.#deliverOne();
    else if (kind < 65) this.#lose();
    else if (kind < 90) this.pass(this.dice.below(120));
    else if (kind < 93) this.#crash();
    else if (kind < 97) this.#restart(this.dice.pick(this.#sids.filter((sid) => !this.#isUp(sid))));
    else if (kind < 98) this.#cut();
    else this.#heal();
  }

  /** From here on nothing goes wrong any more. */
  repair(): void {
    this.#heal();
    for (const sid of this.#sids) if (!this.#isUp(sid)) this.#restart(sid);
  }

  /** Time goes by, in good order: everything arrives. */
  calm(ms: number): void {
    const until = this.stage.now + ms;
    while (this.stage.now < until) {
      for (let count = 0; this.#deliverOne(); count++) assert(count < 10_000, 'they never stop talking');
      this.pass(10);
    }
  }

  /** Time goes by, and hosts look after their servers. */
  pass(ms: number): void {
    const until = this.stage.now + ms;
    while (this.stage.wakeNext(until)) continue;
    this.stage.now = until;
    for (const sid of this.#sids) this.#attend(this.stage.actor(sid));
  }

  /** The leader of all, where all have settled under one that has a quorum. */
  get agreedLeader(): number | undefined {
    const leaders = new Set(this.#sids.map((sid) => this.#leaderOf(sid)));
    const [leader] = leaders;
    return leaders.size === 1 && leader !== undefined && this.#established.has(leader) ? leader : undefined;
  }

  #attend(actor: Actor): void {
    const { sid, election } = actor;
    if (election === undefined || election.state === ServerState.LOOKING) return;
    const isFine = election.state === ServerState.LEADING ? this.#lead(actor) : this.#follow(actor);
    if (isFine) return;
    const since = this.#settledAt.get(sid) ?? 0;
    if (!this.#established.has(sid) && this.stage.now - since < PATIENCE_MS) return;
    this.#look(sid);
  }

  /** @returns whether a quorum follows */
  #lead(leader: Actor): boolean {
    const followers = this.#voters.filter((sid) => sid !== leader.sid && this.#isFollowing(sid, leader.sid));
    if (!leader.config.containsQuorum(new Set([leader.sid, ...followers]))) return false;
    if (this.#established.has(leader.sid)) return true;
    // Leader.waitForEpochAck: whoever has more than the leader is not led by it.
    const isBehind = followers.map((sid) => this.stage.actor(sid)).some((one) => isNewer(one, leader));
    if (isBehind) return false;
    this.#establish(leader, followers);
    return true;
  }

  #establish(leader: Actor, followers: readonly number[]): void {
    assert(leader.zxid >= this.committed, `server ${leader.sid} leads without what is committed`);
    for (const [other] of this.#established)
      assert(!this.#hasQuorum(other), `servers ${other} and ${leader.sid} lead at one time`);
    const epoch = Math.max(this.epochs, epochOf(leader.zxid as Zxid)) + 1;
    this.epochs = epoch;
    this.#established.set(leader.sid, epoch);
    for (const sid of [leader.sid, ...followers]) {
      const member = this.stage.actor(sid);
      member.zxid = zxidOf(epoch, 1);
      member.epoch = epoch;
      this.stage.step(sid, { kind: 'established', epoch });
    }
    this.committed = zxidOf(epoch, 1);
    // One more, which only some have.
    for (const sid of [leader.sid, ...followers])
      if (this.dice.next() < 0.4) this.stage.actor(sid).zxid = zxidOf(epoch, 2);
  }

  /** @returns whether it has a leader; joins one that is established */
  #follow(actor: Actor): boolean {
    const leader = this.#leaderOf(actor.sid) ?? 0;
    const epoch = this.#established.get(leader);
    if (!this.#canReach(actor.sid, leader) || epoch === undefined) return false;
    if (actor.epoch !== epoch || actor.election?.vote?.peerEpoch !== epoch) {
      actor.epoch = epoch;
      actor.zxid = this.stage.actor(leader).zxid;
      this.stage.step(actor.sid, { kind: 'established', epoch });
    }
    return true;
  }

  #hasQuorum(leader: number): boolean {
    if (this.stage.actor(leader).election?.state !== ServerState.LEADING) return false;
    const followers = this.#voters.filter((sid) => sid !== leader && this.#isFollowing(sid, leader));
    return this.stage.actor(leader).config.containsQuorum(new Set([leader, ...followers]));
  }

  #isFollowing(sid: number, leader: number): boolean {
    const { election } = this.stage.actor(sid);
    return (
      election?.state === ServerState.FOLLOWING &&
      election.vote?.leader === leader &&
      this.#canReach(sid, leader)
    );
  }

  #leaderOf(sid: number): number | undefined {
    const { election } = this.stage.actor(sid);
    return election === undefined || election.state === ServerState.LOOKING
      ? undefined
      : election.vote?.leader;
  }

  #look(sid: number): void {
    this.#established.delete(sid);
    this.stage.look(sid);
    for (const other of this.#voters)
      if (!this.#isUp(other)) this.stage.step(sid, { kind: 'refused', sid: other });
  }

  #crash(): void {
    const sid = this.dice.pick(this.#sids);
    if (sid === undefined) return;
    this.stage.crash(sid);
    this.#established.delete(sid);
    for (const other of this.#sids)
      if (this.#canReach(other, sid, true)) this.stage.step(other, { kind: 'refused', sid });
    for (const [link, { from }] of this.#last) if (from === sid) this.#last.delete(link);
  }

  #restart(sid: number | undefined): void {
    if (sid === undefined) return;
    this.#look(sid);
    this.#sayAgain();
  }

  #cut(): void {
    this.#cutOff = new Set(this.#sids.filter(() => this.dice.next() < 0.4));
  }

  #heal(): void {
    this.#cutOff = new Set();
    this.#sayAgain();
  }

  #sayAgain(): void {
    for (const [link, letter] of this.#last)
      if (!this.stage.letters.has(link)) this.stage.letters.set(link, letter);
  }

  #lose(): void {
    const link = this.dice.pick([...this.stage.letters.keys()]);
    if (link !== undefined) this.stage.letters.delete(link);
  }

  #deliverOne(): boolean {
    const open = [...this.stage.letters.values()].filter(({ from, to }) => this.#canReach(from, to));
    const letter = this.dice.pick(open);
    if (letter === undefined) return false;
    const link = `${letter.from}>${letter.to}`;
    this.#last.set(link, letter);
    return this.stage.deliver(link);
  }

  #canReach(from: number, to: number, evenIfDown = false): boolean {
    return (
      this.#isUp(from) && (evenIfDown || this.#isUp(to)) && this.#cutOff.has(from) === this.#cutOff.has(to)
    );
  }

  #isUp(sid: number): boolean {
    return this.stage.actors.get(sid)?.election !== undefined;
  }

  #observe(sid: number, output: ElectionOutput): void {
    if (output.kind === 'send') this.sends++;
    if (output.kind !== 'elected') return;
    this.#settledAt.set(sid, this.stage.now);
    assert(this.#voters.includes(output.vote.leader), `${output.vote.leader} is elected and has no vote`);
    assert.equal(output.state === ServerState.LEADING, output.vote.leader === sid);
  }
}

function isNewer(a: Actor, b: Actor): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.zxid > b.zxid);
}

function range(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** How long a leader waits for followers, and a follower for its leader. */
const PATIENCE_MS = 1000;

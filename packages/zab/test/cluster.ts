import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { counterOf, epochOf, QuorumPacket, QuorumPacketType, type Zxid, zxidOf } from '@corral/protocol';
import { type Entry, Member, type Role } from './cluster-member.ts';
import { packetText, zxidText } from './packet-text.ts';
import { Majority } from './verifier.ts';

/** What goes over a link besides packets: the image of a tree. */
export interface Snapshot {
  readonly zxid: Zxid;
  readonly history: readonly Entry[];
}

/** A connection between a learner and its leader: two queues. When it breaks, either end hears of it when it gets there. */
export class SimulatedLink {
  readonly id: number;
  readonly leader: Member;
  readonly learner: Member;
  readonly toLeader: QuorumPacket[] = [];
  readonly toLearner: (QuorumPacket | Snapshot)[] = [];
  isBroken = false;
  /** Broken in silence: the leader hears of it late, as from a cable pulled out. */
  isSilent = false;
  /** Syncs of the learner that wait for their answer: how much was committed anywhere when each was asked. */
  readonly syncs: number[] = [];

  constructor(id: number, leader: Member, learner: Member) {
    this.id = id;
    this.leader = leader;
    this.learner = learner;
  }
}

/**
 * A whole ensemble of pure cores in one place, driven by a seed: packets and answers of the disk arrive in any order that
 * links and disks allow, servers crash between any two outputs, links break, elections come out as fast leader election
 * may let them (some quorum's best), also beside a leader that does not know yet.
 *
 * What must hold is checked where it could break; the names A1... are those of the invariants of Zab and its
 * implementations. Faults are fair: disks keep what they have made durable, links are FIFO.
 */
export class Cluster {
  readonly members: readonly Member[];
  readonly #voters: readonly Member[];
  readonly #random: () => number;
  readonly #links = new Set<SimulatedLink>();
  /** What is committed, once and for all. Members' histories are prefixes of it, or it of theirs. */
  readonly committed: Entry[] = [];
  readonly #leaderOfEpoch = new Map<number, number>();
  readonly #trace: (() => string)[] = [];
  readonly #isolated = new Set<Member>();
  #linkCount = 0;
  #proposed = 0;
  #now = 0;
  /** Crashes and broken links. */
  #faults: number;

  /** @param size voters; one observer comes on top */
  constructor(size: number, seed: number, faults: number) {
    this.#random = mulberry32(seed);
    this.#faults = faults;
    const config = new Majority(
      Array.from({ length: size }, (_, i) => i + 1),
      [size + 1],
    );
    this.members = [...config.voters, ...config.observers].map((sid) => new Member(sid, config, this));
    this.#voters = this.members.filter(({ sid }) => config.voters.has(sid));
  }

  /** One event, if any can come. */
  step(): void {
    const events = this.#events();
    const total = events.reduce((sum, [weight]) => sum + weight, 0);
    let at = this.#random() * total;
    for (const [weight, happen] of events) {
      at -= weight;
      if (at >= 0) continue;
      happen();
      return;
    }
  }

  /** No more faults: everybody comes back, and the ensemble must come to one history. */
  heal(): void {
    this.#faults = 0;
    for (let attempt = 0; attempt < 6; attempt++) {
      for (let i = 0; i < 3000; i++) this.step();
      // A member that could not cut its log comes back by a snapshot, once the new epoch has transactions.
      for (const member of this.members) if (member.role === 'down') member.restart();
      if (this.#isSettled()) return;
    }
    ok(this.#isSettled(), `not settled: ${this.members.map(String).join(' | ')}`);
  }

  get random(): () => number {
    return this.#random;
  }

  get now(): number {
    return this.#now;
  }

  /** What happened last, for whoever must find out why it failed. */
  get trace(): string {
    return this.#trace
      .slice(-200)
      .map((line) => line().replace(/"[^"]*"/, '""'))
      .join('\n');
  }

  log(line: () => string): void {
    this.#trace.push(line);
    if (this.#trace.length > 1000) this.#trace.splice(0, 500);
  }

  /** Whether a crash comes now, between two outputs. */
  crashesNow(): boolean {
    if (this.#faults <= 0 || this.#random() > 0.004) return false;
    this.#faults -= 1;
    return true;
  }

  linksOf(member: Member): SimulatedLink[] {
    return [...this.#links].filter(({ leader, learner }) => leader === member || learner === member);
  }

  linkWith(id: number): SimulatedLink | undefined {
    return [...this.#links].find((link) => link.id === id);
  }

  /** Packets on the way arrive, or not. */
  break(link: SimulatedLink): void {
    link.isBroken = true;
    link.isSilent = this.#random() < 0.4;
    if (this.#random() < 0.5) link.toLeader.length = 0;
    if (this.#random() < 0.5) link.toLearner.length = 0;
  }

  remove(link: SimulatedLink): void {
    this.#links.delete(link);
  }

  // What must hold

  /**
   * A1: one leader per epoch. A7, A9: it has all that was committed before its epoch. One may be established late, when
   * another leads a later epoch already: nobody will agree to anything it proposes.
   */
  established(leader: Member, epoch: number): void {
    strictEqual(this.#leaderOfEpoch.get(epoch) ?? leader.sid, leader.sid, `two leaders of epoch ${epoch}`);
    this.#leaderOfEpoch.set(epoch, leader.sid);
    const { history } = leader;
    const due = this.committed.filter(({ zxid }, at) => at < history.length || epochOf(zxid) <= epoch);
    deepStrictEqual(
      history.slice(0, due.length),
      due,
      `leader ${leader.sid} of epoch ${epoch} lacks what was committed`,
    );
    this.committed.push(...history.slice(this.committed.length));
  }

  /** A leader says that its history up to `zxid` is committed. A8: it is on the disks of a quorum. */
  commits(leader: Member, zxid: Zxid): void {
    for (const entry of leader.known(this.committed.at(-1)?.zxid ?? zxidOf(0, 0), zxid)) {
      const disks = this.#voters.filter(({ disk }) => disk.holds(entry)).length;
      ok(disks * 2 > this.#voters.length, `${zxidText(entry.zxid)} is committed on ${disks} disks`);
      this.committed.push(entry);
    }
  }

  /** A2, A5, A6: histories agree, whoever applies. */
  applied(member: Member, index: number): void {
    const entry = member.history[index];
    deepStrictEqual(entry, this.committed[index], `member ${member.sid} applied what was not committed`);
  }

  /** A2, A13: a learner serves only what is committed. */
  serves(member: Member): void {
    deepStrictEqual(
      member.history,
      this.committed.slice(0, member.history.length),
      `member ${member.sid} serves what was not committed`,
    );
  }

  // What can happen

  #events(): [weight: number, happen: () => void][] {
    for (const member of this.#isolated) if (member.role !== 'leading') this.#isolated.delete(member);
    const events: [number, () => void][] = [];
    for (const link of this.#links) this.#linkEvents(link, events);
    for (const member of this.members) this.#memberEvents(member, events);
    const looking = this.members.filter(({ role, isIdle }) => role === 'looking' && isIdle);
    const voters = looking.filter((member) => this.#voters.includes(member));
    if (voters.length * 2 > this.#voters.length) events.push([1, () => this.#elect(voters)]);
    const leaders = this.members.filter(({ role }) => role === 'leading');
    for (const leader of leaders) this.#leaderEvents(leader, looking, events);
    events.push([0.4, () => this.#tick()]);
    return events;
  }

  #leaderEvents(leader: Member, looking: readonly Member[], events: [number, () => void][]): void {
    if (this.#isolated.has(leader)) return;
    for (const member of looking) events.push([0.5, () => this.#follow(member, leader)]);
    if (this.#faults > 0 && leader.isServing) events.push([0.05, () => this.#isolate(leader)]);
  }

  /** Nobody reaches it, and it does not know. */
  #isolate(leader: Member): void {
    this.#faults -= 1;
    this.log(() => `${leader.sid} is cut off`);
    this.#isolated.add(leader);
    for (const link of this.linksOf(leader)) {
      this.break(link);
      link.isSilent = true;
    }
  }

  #linkEvents(link: SimulatedLink, events: [number, () => void][]): void {
    const { leader, learner } = link;
    if (leader.hasLink(link)) {
      if (link.toLeader.length > 0) events.push([4, () => this.#toLeader(link)]);
      else if (link.isBroken) events.push([link.isSilent ? 0.02 : 1, () => leader.lost(link)]);
    }
    if (learner.hasLink(link)) {
      if (link.toLearner.length > 0 && learner.wantsItem) events.push([4, () => this.#toLearner(link)]);
      else if (link.isBroken && link.toLearner.length === 0) events.push([1, () => learner.lost(link)]);
      if (learner.isServing && !link.isBroken) events.push([0.1, () => this.#askSync(link)]);
    }
    if (!leader.hasLink(link) && !learner.hasLink(link)) this.#links.delete(link);
    else if (this.#faults > 0 && !link.isBroken)
      events.push([
        0.03,
        () => {
          this.#faults -= 1;
          this.log(() => `link ${link.id} breaks`);
          this.break(link);
        },
      ]);
  }

  #memberEvents(member: Member, events: [number, () => void][]): void {
    if (member.role === 'down') {
      events.push([0.3, () => member.restart()]);
      return;
    }
    for (const act of member.diskEvents()) events.push([2, act]);
    if (member.isServing && member.role === 'leading') {
      // Clients write by fits and starts; those of a leader that is cut off only read.
      if (this.#now % 5000 < 3000 && !this.#isolated.has(member))
        events.push([1, () => member.propose(`${member.sid}-${this.#proposed++}`)]);
      events.push([0.2, () => member.sync(this.committed.length)]);
      if (this.#faults > 0) events.push([0.01, () => member.handOver()]);
    }
    if (this.#faults > 0)
      events.push([
        0.03,
        () => {
          this.#faults -= 1;
          member.crash();
        },
      ]);
  }

  #toLeader(link: SimulatedLink): void {
    const packet = link.toLeader.shift()!;
    this.log(() => `${link.learner.sid} -> ${link.leader.sid} ${packetText(packet)}`);
    link.leader.received(link, packet);
  }

  #toLearner(link: SimulatedLink): void {
    const item = link.toLearner.shift()!;
    this.log(() => {
      const text = item instanceof QuorumPacket ? packetText(item) : `tree at ${zxidText(item.zxid)}`;
      return `${link.leader.sid} -> ${link.learner.sid} ${text}`;
    });
    link.learner.receivedFromLeader(item);
  }

  #askSync(link: SimulatedLink): void {
    link.syncs.push(this.committed.length);
    link.toLeader.push(new QuorumPacket(QuorumPacketType.REQUEST, -1, null, null));
  }

  /**
   * The best of some quorum of those that look; they follow it. Now and then the election is wrong and any of them wins:
   * discovery must see to it.
   */
  #elect(looking: readonly Member[]): void {
    const quorum = Math.floor(this.#voters.length / 2) + 1;
    const shuffled = looking.toSorted(() => this.#random() - 0.5);
    const voters = shuffled.slice(0, quorum + Math.floor(this.#random() * (looking.length - quorum + 1)));
    const isWrong = this.#random() < 0.1;
    const winner = isWrong
      ? voters[0]!
      : voters.reduce((best, member) => (member.isBetterThan(best) ? member : best));
    this.log(() => `${voters.map(({ sid }) => sid).join(',')} elect ${winner.sid}`);
    winner.lead();
    for (const member of voters)
      if (member !== winner && member.role === 'looking' && winner.role === 'leading')
        this.#follow(member, winner);
  }

  #follow(member: Member, leader: Member): void {
    if (member.role !== 'looking' || leader.role !== 'leading') return;
    this.#linkCount += 1;
    const link = new SimulatedLink(this.#linkCount, leader, member);
    this.#links.add(link);
    leader.accept(link);
    member.follow(link);
  }

  #tick(): void {
    this.#now += 250;
    for (const member of this.members) member.tick();
  }

  #isSettled(): boolean {
    const roles = new Set<Role>(this.members.map(({ role }) => role));
    if (roles.has('down') || roles.has('looking')) return false;
    return this.members.every(
      (member) =>
        member.isServing &&
        member.history.length >= 1 &&
        counterOf(this.committed.at(-1)?.zxid ?? zxidOf(0, 0)) > 0 &&
        member.history.length >= this.committed.length - 20 &&
        epochOf(member.history.at(-1)!.zxid) === Math.max(...this.#leaderOfEpoch.keys()),
    );
  }
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

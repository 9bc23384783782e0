import { ok, strictEqual } from 'node:assert/strict';
import { counterOf, epochOf, QuorumPacket, QuorumPacketType, type Zxid, zxidOf } from '@corral/protocol';
import { CommittedLog, isSuccessor } from '../src/committed-log.ts';
import { Leader } from '../src/leader.ts';
import type { LeaderInput, LeaderOutput } from '../src/leader-step.ts';
import { bare, proposal } from '../src/leader-packets.ts';
import { Learner } from '../src/learner.ts';
import type { LearnerInput, LearnerOutput } from '../src/learner-step.ts';
import type { Cluster, SimulatedLink, Snapshot } from './cluster.ts';
import { leaderOutputText } from './leader-scenario.ts';
import { outputText } from './learner-scenario.ts';
import { zxidText } from './packet-text.ts';
import { txnEntry, txnText } from './txn-text.ts';
import type { Majority } from './verifier.ts';

export interface Entry {
  readonly zxid: Zxid;
  readonly text: string;
}

export type Role = 'down' | 'looking' | 'leading' | 'following';

/** What a crash leaves. */
class Disk {
  acceptedEpoch = 0;
  currentEpoch = 0;
  snapshot: Snapshot = { zxid: zxidOf(0, 0), history: [] };
  /** Durable. Behind the snapshot, once recovery has been through. */
  log: Entry[] = [];

  get lastZxid(): Zxid {
    const last = this.log.at(-1)?.zxid ?? this.snapshot.zxid;
    return last > this.snapshot.zxid ? last : this.snapshot.zxid;
  }

  history(): Entry[] {
    return [...this.snapshot.history, ...this.log.filter(({ zxid }) => zxid > this.snapshot.zxid)];
  }

  holds(entry: Entry): boolean {
    return this.history().some(({ zxid, text }) => zxid === entry.zxid && text === entry.text);
  }

  /** A10, and that nothing is missing. A snapshot that arrived without its epoch is put right by recovery. */
  check(): void {
    let previous = this.snapshot.zxid;
    for (const { zxid } of this.log) {
      if (zxid <= this.snapshot.zxid) continue;
      ok(isSuccessor(zxid, previous), `${zxidText(zxid)} follows ${zxidText(previous)} on disk`);
      previous = zxid;
    }
    ok(this.acceptedEpoch >= this.currentEpoch, 'the current epoch was never accepted');
    const last = this.log.at(-1);
    if (last !== undefined && last.zxid > this.snapshot.zxid)
      ok(
        this.currentEpoch >= epochOf(last.zxid),
        `${zxidText(last.zxid)} is logged in epoch ${this.currentEpoch}`,
      );
  }
}

/** One server: a host around the cores, with a disk whose every write takes its time. */
export class Member {
  readonly sid: number;
  readonly disk: Disk = new Disk();
  readonly #cluster: Cluster;
  readonly #config: Majority;
  #role: Role = 'looking';
  #leader: Leader | undefined;
  #learner: Learner | undefined;
  readonly #committedLog = new CommittedLog({ bytesMax: 400 });
  /** The tree: all that was applied. */
  history: Entry[] = [];
  #treeZxid: Zxid = zxidOf(0, 0);
  /** Appended and not durable. */
  #unsynced: Entry[] = [];
  /** Held without the log. */
  #held: Entry[] = [];
  readonly #links = new Map<number, SimulatedLink>();
  #link: SimulatedLink | undefined;
  /** Answers of the disk that are under way, each a step of its own. */
  #underWay: (() => void)[] = [];
  #awaitsTree = false;
  #isServing = false;
  #hasAckedNewLeader = false;
  #isTreeTorn = false;
  readonly #syncs: number[] = [];

  constructor(sid: number, config: Majority, cluster: Cluster) {
    this.sid = sid;
    this.#config = config;
    this.#cluster = cluster;
  }

  get role(): Role {
    return this.#role;
  }

  get isServing(): boolean {
    return this.#isServing;
  }

  /** Whether the disk has nothing under way: only then may it vote. */
  get isIdle(): boolean {
    return this.#underWay.length === 0 && this.#unsynced.length === 0;
  }

  /** Whether the next thing on its link may be taken from it. */
  get wantsItem(): boolean {
    return this.#awaitsTree || this.#learner?.wantsPackets === true;
  }

  hasLink(link: SimulatedLink): boolean {
    return this.#link === link || this.#links.has(link.id);
  }

  isBetterThan(other: Member): boolean {
    const [a, b] = [this.disk, other.disk];
    if (a.currentEpoch !== b.currentEpoch) return a.currentEpoch > b.currentEpoch;
    return a.lastZxid === b.lastZxid ? this.sid > other.sid : a.lastZxid > b.lastZxid;
  }

  toString(): string {
    const { acceptedEpoch, currentEpoch, lastZxid } = this.disk;
    return `${this.sid} ${this.#role}${this.#isServing ? ' serving' : ''} ${acceptedEpoch}/${currentEpoch} ${zxidText(lastZxid)} tree ${zxidText(this.#treeZxid)}`;
  }

  // Roles

  lead(): void {
    this.#role = 'leading';
    this.#recoverIfTorn();
    this.#apply(this.disk.lastZxid, false);
    this.#leader = new Leader({
      sid: this.sid,
      config: this.#config,
      withVersion: (config, version) => this.#config.withVersion(version ?? config.version),
      acceptedEpoch: this.disk.acceptedEpoch,
      currentEpoch: this.disk.currentEpoch,
      lastZxid: this.#treeZxid,
      committedLog: this.#committedLog,
      tickMs: 1000,
      initLimit: 20,
      syncLimit: 10,
      linearizableSync: true,
    });
    this.#leads({ kind: 'tick', now: this.#cluster.now });
  }

  accept(link: SimulatedLink): void {
    this.#links.set(link.id, link);
  }

  follow(link: SimulatedLink): void {
    this.#role = 'following';
    this.#hasAckedNewLeader = false;
    this.#recoverIfTorn();
    this.#link = link;
    this.#learner = new Learner({
      sid: this.sid,
      isObserver: this.#config.observers.has(this.sid),
      syncEnabled: true,
      acceptedEpoch: this.disk.acceptedEpoch,
      currentEpoch: this.disk.currentEpoch,
      lastLoggedZxid: this.disk.lastZxid,
      configVersion: 0,
      reconfigEnabled: false,
      tickMs: 1000,
      initLimitMs: 20_000,
      syncLimitMs: 10_000,
    });
    this.#follows({ kind: 'connected' });
  }

  tick(): void {
    if (this.#leader !== undefined) this.#leads({ kind: 'tick', now: this.#cluster.now });
    else if (this.#learner !== undefined) this.#follows({ kind: 'tick', now: this.#cluster.now });
  }

  #look(): void {
    this.#role = 'looking';
    this.#leader = undefined;
    this.#learner = undefined;
    this.#isServing = false;
    this.#awaitsTree = false;
    this.#held = [];
    this.#syncs.length = 0;
    for (const link of this.#links.values()) this.#cluster.break(link);
    if (this.#link !== undefined) this.#cluster.break(this.#link);
    this.#links.clear();
    this.#link = undefined;
  }

  crash(): void {
    this.#cluster.log(() => `${this.sid} crashes`);
    this.#look();
    this.#role = 'down';
    this.#unsynced = [];
    this.#underWay = [];
    this.#isTreeTorn = true;
  }

  restart(): void {
    const { disk } = this;
    disk.log = disk.log.filter(({ zxid }) => zxid > disk.snapshot.zxid);
    disk.currentEpoch = Math.max(disk.currentEpoch, epochOf(disk.lastZxid));
    disk.check();
    this.#role = 'looking';
    this.#cluster.log(() => `restart: ${this.toString()}`);
  }

  #recoverIfTorn(): void {
    if (!this.#isTreeTorn) return;
    this.#isTreeTorn = false;
    this.history = this.disk.history();
    this.#treeZxid = this.disk.lastZxid;
    this.#committedLog.clear();
    for (const { zxid, text } of this.disk.log)
      if (zxid > this.disk.snapshot.zxid) this.#committedLog.add(zxid, txnEntry(zxid, text));
  }

  // Inputs

  received(link: SimulatedLink, packet: QuorumPacket): void {
    if (packet.type === QuorumPacketType.REQUEST) {
      if (this.#isServing) this.#leads({ kind: 'sync', token: 0, link: link.id });
      return;
    }
    this.#leads({ kind: 'packet', link: link.id, packet });
  }

  receivedFromLeader(item: QuorumPacket | Snapshot): void {
    if (item instanceof QuorumPacket) {
      this.#follows({ kind: 'packet', packet: item });
      return;
    }
    this.#awaitsTree = false;
    this.#isTreeTorn = true;
    this.history = [...item.history];
    this.#treeZxid = item.zxid;
    this.#committedLog.clear();
    this.#held = [];
    this.#follows({ kind: 'snapshotReceived' });
  }

  lost(link: SimulatedLink): void {
    if (this.#links.delete(link.id)) this.#leads({ kind: 'disconnected', link: link.id });
    else {
      this.#link = undefined;
      this.#follows({ kind: 'disconnected' });
    }
  }

  propose(text: string): void {
    const zxid = (this.#leader!.lastProposed + 1) as Zxid;
    this.#unsynced.push({ zxid, text });
    this.#leads({ kind: 'propose', zxid, entry: txnEntry(zxid, text) });
  }

  /** @param committed how much was committed anywhere by now: the answer must not come before it is seen here */
  sync(committed: number): void {
    this.#syncs.push(committed);
    this.#leads({ kind: 'sync', token: 0 });
  }

  handOver(): void {
    this.#isServing = false;
    this.#leads({ kind: 'handOver' });
  }

  /** What the disk may do next. */
  diskEvents(): (() => void)[] {
    const events = this.#underWay.map((act) => () => {
      this.#underWay = this.#underWay.filter((other) => other !== act);
      act();
      this.disk.check();
    });
    if (this.#unsynced.length > 0) events.push(() => this.#fsync());
    return events;
  }

  #fsync(): void {
    const count = 1 + Math.floor(this.#cluster.random() * this.#unsynced.length);
    const entries = this.#unsynced.splice(0, count);
    this.disk.log.push(...entries);
    this.disk.check();
    const { zxid } = entries.at(-1)!;
    this.#cluster.log(() => `${this.sid} durable ${zxidText(zxid)}`);
    if (this.#leader !== undefined) this.#leads({ kind: 'durable', zxid });
    else if (this.#learner !== undefined) this.#follows({ kind: 'durable', zxid });
  }

  #leads(input: LeaderInput): void {
    const leader = this.#leader;
    if (leader === undefined) return;
    for (const output of leader.step(input).slice()) {
      if (this.#cluster.crashesNow()) return this.crash();
      this.#cluster.log(() => `  ${this.sid}: ${leaderOutputText(output)}`);
      this.#leaderDoes(output, leader);
    }
  }

  #follows(input: LearnerInput): void {
    const learner = this.#learner;
    if (learner === undefined) return;
    for (const output of learner.step(input).slice()) {
      if (this.#cluster.crashesNow()) return this.crash();
      this.#cluster.log(() => `  ${this.sid}: ${outputText(output)}`);
      this.#learnerDoes(output, learner);
    }
  }

  // Outputs

  #leaderDoes(output: LeaderOutput, leader: Leader): void {
    switch (output.kind) {
      case 'send':
        for (const id of output.links) this.#toLearner(id, output.packet);
        return;
      case 'sendCommits':
        this.#cluster.commits(this, output.to);
        for (const id of output.links)
          for (let zxid = output.from; zxid <= output.to; zxid = (zxid + 1) as Zxid)
            this.#toLearner(id, bare(QuorumPacketType.COMMIT, zxid));
        return;
      case 'sendLog':
        for (const { zxid, text } of this.disk.log) {
          if (zxid <= output.after || zxid > output.upTo) continue;
          this.#toLearner(output.link, proposal(zxid, txnEntry(zxid, text)));
          this.#toLearner(output.link, bare(QuorumPacketType.COMMIT, zxid));
        }
        return;
      case 'sendSnapshot':
        strictEqual(output.zxid, this.#treeZxid, 'SNAP with another zxid than the tree has');
        this.#toLearner(output.link, bare(QuorumPacketType.SNAP, output.zxid));
        this.#toLearner(output.link, { zxid: output.zxid, history: [...this.history] });
        return;
      case 'locateLog':
        return this.#later(leader, () => {
          const base = this.disk.log.findLast(({ zxid }) => zxid <= output.zxid)?.zxid;
          const extent = base === undefined ? undefined : { base, last: this.disk.log.at(-1)!.zxid };
          this.#leads({ kind: 'logLocated', link: output.link, extent });
        });
      case 'storeEpoch':
        return this.#storeEpoch(leader, output.which, output.epoch, (input) => this.#leads(input));
      case 'established':
        this.#treeZxid = output.zxid;
        this.#isServing = true;
        return this.#cluster.established(this, leader.epoch);
      case 'commit':
        this.#cluster.commits(this, output.zxid);
        return this.#apply(output.zxid, true);
      case 'syncDone':
        ok(this.history.length >= this.#syncs.shift()!, 'a sync was answered too early');
        return undefined;
      case 'close': {
        const link = this.#links.get(output.link)!;
        this.#links.delete(output.link);
        link.isBroken = true;
        return undefined;
      }
      case 'stepDown':
        return this.#look();
      default:
        return undefined;
    }
  }

  #learnerDoes(output: LearnerOutput, learner: Learner): void {
    switch (output.kind) {
      case 'send':
        this.#checkAck(output.packet);
        return this.#toLeader(output.packet);
      case 'pinged':
        return this.#toLeader(new QuorumPacket(QuorumPacketType.PING, output.zxid, new Uint8Array(), null));
      case 'storeEpoch':
        return this.#storeEpoch(learner, output.which, output.epoch, (input) => this.#follows(input));
      case 'receiveSnapshot':
        this.#awaitsTree = true;
        this.#held = [];
        return undefined;
      case 'truncate':
        return this.#truncate(learner, output.zxid);
      case 'takeSnapshot':
        return this.#takeSnapshot(learner, output.zxid);
      case 'append':
        this.#unsynced.push({ zxid: output.zxid, text: txnText(output.entry) });
        return undefined;
      case 'hold':
        this.#held.push({ zxid: output.zxid, text: txnText(output.entry) });
        return undefined;
      case 'commit':
        return this.#apply(output.zxid, this.#isServing);
      case 'serve':
        this.#isServing = true;
        return this.#cluster.serves(this);
      case 'deliver':
        ok(this.history.length >= this.#link!.syncs.shift()!, 'a forwarded sync was answered too early');
        return undefined;
      case 'leave':
        if (output.isTreeTorn) this.#isTreeTorn = true;
        if (output.isFatal) this.crash();
        else this.#look();
        return undefined;
      default:
        return undefined;
    }
  }

  /** Cut, make durable, forget: a crash may come between. A learner that leaves meanwhile does not stop it. */
  #takeSnapshot(learner: Learner, zxid: Zxid): void {
    const snapshot = { zxid, history: [...this.history] };
    this.#underWay.push(() => {
      this.disk.log = this.disk.log.filter((entry) => entry.zxid <= zxid);
      this.#underWay.push(() => {
        this.disk.snapshot = snapshot;
        this.#underWay.push(() => {
          this.disk.log = [];
          if (learner === this.#learner) this.#follows({ kind: 'snapshotTaken' });
        });
      });
    });
  }

  #truncate(learner: Learner, zxid: Zxid): void {
    this.#later(learner, () => {
      if (zxid < this.disk.snapshot.zxid) {
        this.#follows({ kind: 'truncateFailed', reason: 'it is older than the snapshot' });
        return;
      }
      this.disk.log = this.disk.log.filter((entry) => entry.zxid <= zxid);
      this.#isTreeTorn = true;
      this.#recoverIfTorn();
      strictEqual(this.disk.lastZxid, zxid, 'the log does not end where it was cut');
      this.#follows({ kind: 'truncated' });
    });
  }

  #storeEpoch(
    core: Leader | Learner,
    which: 'accepted' | 'current',
    epoch: number,
    answer: (input: { kind: 'epochStored'; which: 'accepted' | 'current'; epoch: number }) => void,
  ): void {
    this.#later(core, () => {
      if (which === 'accepted') {
        ok(epoch >= this.disk.acceptedEpoch, 'the accepted epoch goes back');
        this.disk.acceptedEpoch = epoch;
      } else this.disk.currentEpoch = epoch;
      answer({ kind: 'epochStored', which, epoch });
    });
  }

  /** A step of its own; what comes of it is for the core that asked, if that is still there. */
  #later(core: Leader | Learner, act: () => void): void {
    this.#underWay.push(() => {
      if (core === this.#leader || core === this.#learner) act();
    });
  }

  /** What this server has of the history above `after`, up to `upTo`. */
  known(after: Zxid, upTo: Zxid): Entry[] {
    return [...this.disk.log, ...this.#unsynced, ...this.#held]
      .filter(({ zxid }) => zxid > after && zxid <= upTo)
      .toSorted((a, b) => a.zxid - b.zxid);
  }

  /** @param isShown whether somebody may be shown the outcome */
  #apply(zxid: Zxid, isShown: boolean): void {
    for (const entry of this.known(this.#treeZxid, zxid)) {
      this.history.push(entry);
      this.#treeZxid = entry.zxid;
      if (entry.zxid > this.#committedLog.max)
        this.#committedLog.add(entry.zxid, txnEntry(entry.zxid, entry.text));
      if (isShown) this.#cluster.applied(this, this.history.length - 1);
    }
    this.#held = this.#held.filter((entry) => entry.zxid > zxid);
  }

  /** A11: what is acknowledged is durable, and NEWLEADER only with its epoch. */
  #checkAck({ type, zxid }: QuorumPacket): void {
    if (type !== QuorumPacketType.ACK) return;
    const acked = zxid as Zxid;
    strictEqual(this.disk.currentEpoch, epochOf(acked), 'acknowledged before the epoch was stored');
    if (counterOf(acked) > 0) ok(this.disk.lastZxid >= acked, `${zxidText(acked)} acknowledged, not durable`);
    else if (!this.#hasAckedNewLeader)
      ok(this.disk.lastZxid >= (this.history.at(-1)?.zxid ?? 0), 'acknowledged NEWLEADER, not its history');
    this.#hasAckedNewLeader = true;
  }

  #toLearner(id: number, item: QuorumPacket | Snapshot): void {
    const link = this.#links.get(id);
    if (link !== undefined && !link.isBroken) link.toLearner.push(item);
  }

  #toLeader(packet: QuorumPacket): void {
    if (this.#link !== undefined && !this.#link.isBroken) this.#link.toLeader.push(packet);
  }
}

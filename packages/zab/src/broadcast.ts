import { type QuorumVerifier, type Zxid, ZXID_NONE } from '@corral/protocol';
import { Acks } from './acks.ts';
import type { CommittedLog } from './committed-log.ts';
import { commitAndActivate, inform, informAndActivate, proposal } from './leader-packets.ts';
import type { LeaderOutput } from './leader-step.ts';
import type { LearnerLinks } from './learner-links.ts';
import { Proposals } from './proposals.ts';

/** What a leader that broadcasts shares with the rest of it. */
export interface BroadcastParts {
  readonly sid: number;
  readonly links: LearnerLinks;
  readonly committedLog: CommittedLog;
  readonly out: LeaderOutput[];
  readonly mayLead: (config: QuorumVerifier) => boolean;
}

/**
 * Proposals, acknowledgements, commits (Leader.java, `propose`, `processAck`, `tryToCommit`). Commits come in the order of
 * their zxids. While a reconfiguration is not committed, it and all behind it need a quorum of both configurations.
 */
export class Broadcast {
  readonly #parts: BroadcastParts;
  readonly #proposals = new Proposals();
  readonly acks: Acks = new Acks();
  /** The configuration in force, and behind it the one that is to come, where there is one. */
  #configs: readonly QuorumVerifier[];
  /** The proposal that brings the configuration to come; 0: NEWLEADER brings it, or there is none. */
  #reconfigZxid: Zxid = ZXID_NONE;
  #designatedLeader: number;
  #isHandingOver = false;

  constructor(parts: BroadcastParts, config: QuorumVerifier, pendingConfig: QuorumVerifier | undefined) {
    this.#parts = parts;
    this.#configs = pendingConfig === undefined ? [config] : [config, pendingConfig];
    this.#designatedLeader = parts.sid;
  }

  get config(): QuorumVerifier {
    return this.#configs[0]!;
  }

  /** All of them must agree. */
  get configs(): readonly QuorumVerifier[] {
    return this.#configs;
  }

  get committed(): Zxid {
    return this.#proposals.committed;
  }

  get lastProposed(): Zxid {
    return this.#proposals.last;
  }

  get isIdle(): boolean {
    return this.#proposals.size === 0;
  }

  /** This server, unless a reconfiguration has made it another: then nothing more is committed here. */
  get designatedLeader(): number {
    return this.#designatedLeader;
  }

  get isRetired(): boolean {
    return this.#designatedLeader !== this.#parts.sid;
  }

  /** From now on a reconfiguration designates somebody else. */
  handOver(): void {
    this.#isHandingOver = true;
  }

  get isHandingOver(): boolean {
    return this.#isHandingOver;
  }

  /** NEWLEADER brings this configuration: both must agree until it is active. */
  expect(config: QuorumVerifier): void {
    this.#configs = [this.config, config];
  }

  begin(zxid: Zxid): void {
    this.#proposals.begin(zxid);
  }

  /** What is not committed: a follower that comes now gets it too. */
  entryOf(zxid: Zxid): Uint8Array {
    return this.#proposals.entryOf(zxid);
  }

  /** @throws RangeError where it is not the next one, or a reconfiguration is to come already */
  propose(zxid: Zxid, entry: Uint8Array, config: QuorumVerifier | undefined): void {
    const { links, out } = this.#parts;
    if (zxid !== this.lastProposed + 1)
      throw new RangeError(`zxid ${zxid} does not follow ${this.lastProposed}`);
    if (config !== undefined) {
      if (this.#reconfigZxid !== ZXID_NONE) throw new RangeError('a reconfiguration is in progress');
      this.#configs = [this.config, config];
      this.#reconfigZxid = zxid;
    }
    this.#proposals.push(entry);
    if (links.followers.length > 0)
      out.push({ kind: 'send', links: links.followers, packet: proposal(zxid, entry) });
  }

  /** Commits what the quorums have reached, and nothing above `limit`. */
  tryCommit(limit: number = Number.POSITIVE_INFINITY): void {
    let target = Math.min(this.reached, limit) as Zxid;
    while (target > this.committed && !this.isRetired) {
      if (this.#reconfigZxid === ZXID_NONE || target < this.#reconfigZxid) {
        this.#commitUpTo(target);
        return;
      }
      this.#commitUpTo((this.#reconfigZxid - 1) as Zxid);
      this.#commitReconfig();
      target = Math.min(this.reached, limit) as Zxid;
    }
  }

  /** The configuration that came with NEWLEADER is agreed upon, as is the epoch. `acked` are those who agreed. */
  activatePending(acked: ReadonlySet<number>): void {
    const config = this.#configs.at(-1)!;
    this.#designatedLeader = this.#leaderOf(config, [...acked]);
    this.#activate(config);
  }

  /** The voter of `config` that has acknowledged most; the highest id among equals. Undefined where there is no other. */
  successor(config: QuorumVerifier, among: readonly number[]): number | undefined {
    let best: number | undefined;
    for (const sid of among) {
      if (sid === this.#parts.sid || config.weightOf(sid) === 0) continue;
      if (best === undefined || this.#isAhead(sid, best)) best = sid;
    }
    return best;
  }

  #isAhead(a: number, b: number): boolean {
    const difference = this.acks.of(a) - this.acks.of(b);
    return difference > 0 || (difference === 0 && a > b);
  }

  /** The last proposal that all who must agree have; never beyond what is proposed. */
  get reached(): Zxid {
    const current = this.acks.reachedBy(this.config);
    if (this.#configs.length === 1) return current;
    const both = Math.min(current, this.acks.reachedBy(this.#configs[1]!)) as Zxid;
    if (this.#reconfigZxid === ZXID_NONE || both >= this.#reconfigZxid) return both;
    return Math.min(current, this.#reconfigZxid - 1) as Zxid;
  }

  #commitUpTo(target: Zxid): void {
    const { links, committedLog, out } = this.#parts;
    const from = (this.committed + 1) as Zxid;
    if (target < from) return;
    if (links.committing.length > 0)
      out.push({ kind: 'sendCommits', links: links.committing, from, to: target });
    for (const learner of links.syncingFollowers) learner.oweCommits(from, target);
    while (this.committed < target) {
      const entry = this.#proposals.take();
      committedLog.add(this.committed, entry);
      if (links.observers.length > 0)
        out.push({ kind: 'send', links: links.observers, packet: inform(this.committed, entry) });
    }
    out.push({ kind: 'commit', zxid: target });
  }

  #commitReconfig(): void {
    const { links, committedLog, out } = this.#parts;
    const config = this.#configs[1]!;
    this.#designatedLeader = this.#leaderOf(config, this.acks.atLeast(this.#reconfigZxid));
    const entry = this.#proposals.take();
    committedLog.add(this.committed, entry);
    const leader = this.#designatedLeader;
    const packet = commitAndActivate(this.committed, leader);
    if (links.committing.length > 0) out.push({ kind: 'send', links: links.committing, packet });
    for (const { owed, link } of links.syncingFollowers) owed.push({ kind: 'send', links: [link], packet });
    if (links.observers.length > 0)
      out.push({
        kind: 'send',
        links: links.observers,
        packet: informAndActivate(this.committed, leader, entry),
      });
    out.push({ kind: 'commit', zxid: this.committed });
    this.#activate(config);
  }

  /** Who leads under `config`: this server where it may and wants to, else the one of those who agreed that is furthest. */
  #leaderOf(config: QuorumVerifier, agreed: readonly number[]): number {
    const { sid, mayLead } = this.#parts;
    if (mayLead(config) && !this.#isHandingOver) return sid;
    return this.successor(config, agreed) ?? sid;
  }

  #activate(config: QuorumVerifier): void {
    this.#configs = [config];
    this.#reconfigZxid = ZXID_NONE;
    this.#parts.out.push({ kind: 'configActivated', config, designatedLeader: this.#designatedLeader });
  }
}

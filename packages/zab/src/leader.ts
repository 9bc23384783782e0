import {
  counterOf,
  EPOCH_MAX,
  epochOf,
  type QuorumPacket,
  QuorumPacketType,
  type QuorumVerifier,
  type Zxid,
  ZXID_NONE,
  zxidOf,
} from '@corral/protocol';
import { Beats } from './beats.ts';
import { Broadcast } from './broadcast.ts';
import { EpochAgreement } from './epoch-agreement.ts';
import { EpochEnd, isBeyondCounter } from './epoch-end.ts';
import { leaderInfo, newLeader, upToDate } from './leader-packets.ts';
import type { LeaderOptions } from './leader-options.ts';
import type { LeaderInput, LeaderOutput, Link, LogExtent } from './leader-step.ts';
import { type LearnerIntroduction, readCurrentEpoch, readIntroduction } from './learner-introduction.ts';
import { overdue, isAlive } from './learner-limits.ts';
import { LearnerLinks } from './learner-links.ts';
import { LearnerProgress } from './learner-progress.ts';
import { hex } from './proposal.ts';
import { QuorumRounds } from './quorum-rounds.ts';
import type { SyncSource } from './sync-plan.ts';
import { Synchronisation } from './synchronisation.ts';
import { Syncs } from './syncs.ts';

/**
 * A leader, from the election on (Leader.java, LearnerHandler.java): agrees on an epoch with a quorum, brings learners to
 * where it is, proposes and commits, until it steps down. Its first step, whatever the input, begins that.
 */
export class Leader {
  readonly #options: LeaderOptions;
  readonly #out: LeaderOutput[] = [];
  readonly #links = new LearnerLinks();
  readonly #agreement: EpochAgreement;
  readonly #broadcast: Broadcast;
  readonly #synchronisation: Synchronisation;
  readonly #syncs: Syncs;
  readonly #beats: Beats;
  readonly #epochEnd: EpochEnd;
  /** Apache counts those that are gone, too; they may follow another leader by now. */
  readonly #newLeaderAcks = new Set<number>();
  #phase: LeaderPhase = 'new';
  #phaseSince = 0;
  #newLeaderZxid: Zxid = ZXID_NONE;
  #newestConfig: QuorumVerifier;
  #newLeader: QuorumPacket | undefined = undefined;

  /** @throws RangeError where the committed log does not end with `lastZxid`, but somewhere else */
  constructor(options: LeaderOptions) {
    const { sid, config, lastSeenConfig, committedLog, lastZxid } = options;
    if (committedLog.size > 0 && committedLog.max !== lastZxid && counterOf(lastZxid) !== 0)
      throw new RangeError(`the committed log ends with ${committedLog.max}, the log with ${lastZxid}`);
    if (committedLog.max > lastZxid) throw new RangeError(`the committed log goes beyond ${lastZxid}`);
    this.#options = options;
    this.#newestConfig =
      lastSeenConfig !== undefined && lastSeenConfig.version > config.version ? lastSeenConfig : config;
    this.#beats = new Beats(options.tickMs);
    this.#epochEnd = new EpochEnd(options.initLimit);
    this.#agreement = new EpochAgreement(config, options.acceptedEpoch, options);
    this.#broadcast = new Broadcast(
      {
        sid,
        links: this.#links,
        committedLog,
        out: this.#out,
        mayLead: options.mayLead ?? ((next) => next.voters.has(sid)),
      },
      config,
      this.#newestConfig === config ? undefined : this.#newestConfig,
    );
    this.#synchronisation = new Synchronisation(this.#broadcast, this.#out, {
      maxConcurrentSnapSyncs: options.maxConcurrentSnapSyncs ?? 10,
      maxConcurrentDiffSyncs: options.maxConcurrentDiffSyncs ?? 100,
    });
    const rounds = new QuorumRounds(sid, this.#links);
    this.#syncs = new Syncs(
      this.#broadcast,
      this.#links,
      rounds,
      this.#out,
      options.linearizableSync === true,
    );
  }

  /** What follows from `input`, in order. The array is the same each time. */
  step(input: LeaderInput): readonly LeaderOutput[] {
    this.#out.length = 0;
    if (this.#phase === 'new') this.#begin();
    if (this.#phase !== 'over') this.#take(input);
    return this.#out;
  }

  get epoch(): number {
    return epochOf(this.#newLeaderZxid);
  }

  get lastProposed(): Zxid {
    return this.#broadcast.lastProposed;
  }

  get lastCommitted(): Zxid {
    return this.#broadcast.committed;
  }

  /** Syncs that wait for a commit, or for a round trip with a quorum. */
  get pendingSyncs(): number {
    return this.#syncs.waiting;
  }

  get config(): QuorumVerifier {
    return this.#broadcast.config;
  }

  /** Whether a quorum of `config` is synchronised: a reconfiguration to it would be committed (NEWCONFIGNOQUORUM). */
  isQuorumSynced(config: QuorumVerifier): boolean {
    const synced = new Set([this.#options.sid]);
    for (const learner of this.#links.syncedFollowers) synced.add(learner.sid);
    return config.containsQuorum(synced);
  }

  #take(input: LeaderInput): void {
    switch (input.kind) {
      case 'packet':
        return this.#packet(input.link, input.packet);
      case 'propose':
        return this.#propose(input.zxid, input.entry, input.config);
      case 'durable':
        return this.#durable(input.zxid);
      case 'tick':
        return this.#tick(input.now);
      case 'sync':
        return this.#sync(input.token, input.link);
      case 'progress':
        return this.#heard(input.link);
      case 'disconnected':
        return this.#disconnected(input.link);
      case 'logLocated':
        return this.#located(input.link, input.extent);
      case 'epochStored':
        if (input.which === 'accepted') return this.#invite();
        return this.#ownNewLeaderAck();
      default:
        return this.#handOver();
    }
  }

  // Discovery

  #begin(): void {
    const { sid, acceptedEpoch } = this.#options;
    this.#enter('joining');
    this.#agreement.join(sid, acceptedEpoch, true);
    this.#tryChooseEpoch();
  }

  #packet(link: Link, packet: QuorumPacket): void {
    const learner = this.#links.get(link);
    if (learner === undefined) return this.#introduced(link, packet);
    learner.heardAt = this.#beats.count;
    switch (packet.type) {
      case QuorumPacketType.ACK:
        return this.#acked(learner, packet.zxid);
      case QuorumPacketType.PING:
        return this.#syncs.pinged(learner);
      case QuorumPacketType.ACKEPOCH:
        return this.#epochAcked(learner, packet);
      case QuorumPacketType.REQUEST:
      case QuorumPacketType.REVALIDATE:
        return undefined;
      default:
        return this.#close(learner, `packet type ${packet.type} is not for a leader`);
    }
  }

  #introduced(link: Link, packet: QuorumPacket): void {
    const told = readIntroduction(packet);
    if (typeof told === 'string') return this.#refuse(link, told);
    const refusal = this.#refusalOf(told);
    if (refusal !== undefined) return this.#refuse(link, refusal);
    if (this.#phase === 'broadcasting' && told.acceptedEpoch > this.epoch) return this.#stranded(link, told);
    const before = this.#links.ofSid(told.sid);
    if (before !== undefined) this.#close(before, `server ${told.sid} has come on another link`);
    const learner = new LearnerProgress(link, told.sid, told.isObserver, this.#beats.count);
    this.#links.add(learner);
    if (!this.#agreement.join(told.sid, told.acceptedEpoch, this.#hasVote(learner)))
      return this.#close(learner, `no epoch is left above ${told.acceptedEpoch}`);
    if (this.#phase === 'joining') this.#tryChooseEpoch();
    else if (this.#phase !== 'storing') this.#inviteLearner([learner]);
  }

  /**
   * It has promised a later epoch to somebody who never came to lead, and cannot follow this leader: with Apache, not
   * until something else makes an end of this epoch. For a voter this leader makes an end of it, see `#beatOfBroadcast`.
   */
  #stranded(link: Link, { sid, isObserver, acceptedEpoch }: LearnerIntroduction): void {
    this.#refuse(link, `it has accepted epoch ${acceptedEpoch}, and this is ${this.epoch}`);
    if (isObserver || !this.config.voters.has(sid) || acceptedEpoch >= EPOCH_MAX) return;
    this.#epochEnd.strands(acceptedEpoch, this.#beats.count);
  }

  #refusalOf(told: LearnerIntroduction): string | undefined {
    if (this.#broadcast.isRetired) return `server ${this.#broadcast.designatedLeader} is to lead`;
    if (told.sid === this.#options.sid) return 'it has the id of this server';
    if (told.configVersion > this.config.version)
      return `its configuration ${hex(told.configVersion as Zxid)} is newer than ${hex(this.config.version as Zxid)}`;
    return undefined;
  }

  #tryChooseEpoch(): void {
    if (!this.#agreement.isChosen) return;
    const { epoch } = this.#agreement;
    this.#newLeaderZxid = zxidOf(epoch, 0);
    this.#enter('storing');
    this.#out.push({ kind: 'storeEpoch', which: 'accepted', epoch });
  }

  /** The epoch is on this server's disk: now it may be told (ZOOKEEPER-335). */
  #invite(): void {
    if (this.#phase === 'broadcasting') return this.#stepDown('a voter has accepted a later epoch');
    if (this.#phase !== 'storing') return;
    this.#enter('agreeing');
    this.#inviteLearner([...this.#links.all()]);
    this.#agreement.ack(this.#options.sid, this.#options, true);
    this.#tryAgree();
  }

  #inviteLearner(learners: readonly LearnerProgress[]): void {
    if (learners.length === 0) return;
    for (const learner of learners) {
      learner.phase = 'invited';
      learner.heardAt = this.#beats.count;
    }
    this.#send(
      learners.map(({ link }) => link),
      leaderInfo(this.#newLeaderZxid),
    );
  }

  #epochAcked(learner: LearnerProgress, packet: QuorumPacket): void {
    if (learner.phase !== 'invited') return this.#close(learner, 'ACKEPOCH was not its turn');
    const currentEpoch = readCurrentEpoch(packet);
    if (currentEpoch === undefined) return this.#close(learner, 'an ACKEPOCH without an epoch');
    learner.lastZxid = packet.zxid;
    if (!this.#agreement.ack(learner.sid, { currentEpoch, lastZxid: packet.zxid }, this.#hasVote(learner)))
      return this.#close(
        learner,
        `it is ahead: epoch ${currentEpoch}, ${hex(packet.zxid as Zxid)} against ${this.#options.currentEpoch}, ${hex(this.#options.lastZxid)}`,
      );
    learner.phase = 'ready';
    if (this.#phase === 'agreeing') this.#tryAgree();
    else this.#synchronise(learner, 'unasked');
  }

  #tryAgree(): void {
    if (!this.#agreement.isAcked) return;
    this.#enter('synchronising');
    this.#stampFirstConfig();
    this.#out.push({ kind: 'storeEpoch', which: 'current', epoch: this.epoch });
    for (const learner of this.#links.all())
      if (learner.phase === 'ready') this.#synchronise(learner, 'unasked');
  }

  /**
   * A configuration from a file has version 0. As the leader's it takes precedence over other such files from here on
   * (ZOOKEEPER-1783): NEWLEADER brings it with the version of its own zxid.
   */
  #stampFirstConfig(): void {
    if (this.#newestConfig.version !== 0) return;
    this.#newestConfig = this.#options.withVersion(this.#newestConfig, this.#newLeaderZxid);
    if (this.#options.reconfigEnabled === true) this.#broadcast.expect(this.#newestConfig);
  }

  // Synchronisation

  #synchronise(learner: LearnerProgress, extent: LogExtent | undefined | 'unasked'): void {
    this.#newLeader ??= newLeader(this.#newLeaderZxid, this.#newestConfig.toString());
    if (!this.#synchronisation.begin(learner, this.#source(), extent, this.#newLeader))
      return this.#close(learner, 'too many learners synchronise already');
    learner.heardAt = this.#beats.count;
    this.#links.phaseChanged();
  }

  #source(): SyncSource {
    const { committedLog, lastZxid, forceSnapshotSync = false, txnLogSyncEnabled = true } = this.#options;
    const lastProcessed = this.#phase === 'synchronising' ? lastZxid : this.#broadcast.committed;
    return { committedLog, lastProcessed, forceSnapshotSync, txnLogSyncEnabled };
  }

  #located(link: Link, extent: LogExtent | undefined): void {
    const learner = this.#links.get(link);
    if (learner?.phase === 'locating') this.#synchronise(learner, extent);
  }

  #newLeaderAcked(learner: LearnerProgress): void {
    this.#synchronisation.end(learner);
    learner.phase = 'acked';
    if (!learner.isObserver) {
      this.#newLeaderAcks.add(learner.sid);
      this.#broadcast.acks.set(learner.sid, learner.acked);
    }
    if (this.#phase === 'synchronising') return this.#tryEstablish();
    this.#upToDate([learner]);
    this.#commit();
  }

  #ownNewLeaderAck(): void {
    if (this.#phase !== 'synchronising') return;
    this.#newLeaderAcks.add(this.#options.sid);
    this.#tryEstablish();
  }

  /** Not without this server's own epoch on its disk, whoever else has theirs: what it logs next is of that epoch. */
  #tryEstablish(): void {
    if (!this.#newLeaderAcks.has(this.#options.sid)) return;
    for (const config of this.#broadcast.configs) if (!config.containsQuorum(this.#newLeaderAcks)) return;
    this.#enter('broadcasting');
    const zxid = zxidOf(this.epoch, this.#options.initialCounter ?? 0);
    this.#broadcast.begin(zxid);
    this.#broadcast.acks.set(this.#options.sid, zxid);
    if (this.#options.reconfigEnabled === true && this.#broadcast.configs.length > 1)
      this.#broadcast.activatePending(this.#newLeaderAcks);
    this.#out.push({ kind: 'established', zxid, config: this.config });
    this.#upToDate([...this.#links.all()].filter(({ phase }) => phase === 'acked'));
  }

  #upToDate(learners: readonly LearnerProgress[]): void {
    if (learners.length === 0) return;
    for (const learner of learners) {
      learner.phase = 'synced';
      if (this.#broadcast.lastProposed > learner.acked && !this.#broadcast.isIdle)
        learner.await(this.#broadcast.lastProposed, this.#beats.count);
    }
    this.#links.phaseChanged();
    this.#send(
      learners.map(({ link }) => link),
      upToDate(),
    );
    for (const { link, sid, isObserver, owed } of learners) {
      this.#out.push({ kind: 'synced', link, sid, isObserver });
      this.#out.push(...owed.splice(0));
    }
  }

  // Broadcast

  #propose(zxid: Zxid, entry: Uint8Array, config: QuorumVerifier | undefined): void {
    if (this.#phase !== 'broadcasting')
      throw new RangeError('a leader that is not established does not propose');
    if (this.#isLeaving()) return;
    if (isBeyondCounter(zxid)) return this.#stepDown('the counter of this epoch is at its end');
    this.#broadcast.propose(zxid, entry, config);
    this.#epochEnd.proposed(this.#beats.count);
    if (config !== undefined) {
      this.#newestConfig = config;
      this.#newLeader = undefined;
    }
    const followers = this.#links.syncedFollowers;
    for (let i = 0; i < followers.length; i++) followers[i]!.await(zxid, this.#beats.count);
  }

  #durable(zxid: Zxid): void {
    if (this.#phase !== 'broadcasting') return;
    const { lastProposed } = this.#broadcast;
    if (zxid > lastProposed && !this.#isLeaving())
      throw new RangeError(`durable up to ${zxid}, which was not proposed`);
    this.#broadcast.acks.raise(this.#options.sid, zxid < lastProposed ? zxid : lastProposed);
    this.#commit();
  }

  /** What is proposed now goes nowhere: the host has logged it, and the next leader has it cut off. */
  #isLeaving(): boolean {
    return this.#broadcast.isRetired || this.#broadcast.isHandingOver;
  }

  #acked(learner: LearnerProgress, zxid: number): void {
    if (zxid === this.#newLeaderZxid && learner.phase === 'syncing') return this.#newLeaderAcked(learner);
    if (!learner.isForwarded) return this.#close(learner, 'ACK was not its turn');
    if (zxid <= this.#newLeaderZxid) return; // of what a DIFF brought, or of UPTODATE, which is NEWLEADER's again
    if (zxid > this.#broadcast.lastProposed)
      return this.#close(learner, `ACK of ${hex(zxid as Zxid)}, which was not proposed`);
    if (zxid <= learner.acked) return;
    learner.acked = zxid as Zxid;
    this.#awaitNext(learner);
    // What comes before the ACK of NEWLEADER counts with it and not before: its epoch is not on its disk yet.
    if (learner.phase === 'syncing' || learner.isObserver) return;
    this.#broadcast.acks.raise(learner.sid, zxid as Zxid);
    if (zxid > this.#broadcast.committed) this.#commit();
  }

  #awaitNext(learner: LearnerProgress): void {
    if (learner.awaited === ZXID_NONE || learner.acked < learner.awaited) return;
    const { lastProposed } = this.#broadcast;
    learner.awaited = learner.acked < lastProposed ? lastProposed : ZXID_NONE;
    learner.awaitedSince = this.#epochEnd.proposedAt;
  }

  #commit(): void {
    if (this.#phase !== 'broadcasting' || this.#broadcast.isRetired) return;
    const before = this.#broadcast.committed;
    for (
      let { barrier } = this.#syncs;
      barrier !== undefined && this.#broadcast.reached > barrier && !this.#broadcast.isRetired;
      barrier = this.#syncs.barrier
    ) {
      this.#broadcast.tryCommit(barrier);
      if (this.#broadcast.committed < barrier) break;
      this.#syncs.overtake(barrier);
    }
    this.#broadcast.tryCommit();
    if (this.#broadcast.committed === before) return;
    this.#syncs.answer();
    if (this.#broadcast.isHandingOver) this.#tryHandOver();
  }

  #sync(token: number, link: Link | undefined): void {
    if (this.#phase !== 'broadcasting')
      throw new RangeError('a leader that is not established answers no sync');
    this.#syncs.ask(token, link);
  }

  // Liveness

  #tick(now: number): void {
    if (!this.#beats.pass(now)) return;
    if (this.#phase === 'broadcasting') return this.#beatOfBroadcast();
    const { initLimit } = this.#options;
    if (this.#beats.count - this.#phaseSince > 2 * initLimit)
      this.#stepDown(`no quorum while ${this.#phase} for ${initLimit} ticks`);
  }

  #beatOfBroadcast(): void {
    const beat = this.#beats.count;
    if (beat % 2 === 0 && !this.#holdsQuorum()) return this.#stepDown('not enough followers are alive');
    for (const learner of this.#links.all()) {
      const reason = overdue(learner, beat, this.#options);
      if (reason !== undefined) this.#close(learner, reason);
    }
    this.#syncs.ping();
    // A verifier may have come to another mind about the same acknowledgements (an oracle's).
    this.#commit();
    if (this.#phase !== 'broadcasting') return;
    const { isIdle, lastProposed } = this.#broadcast;
    if (isIdle && this.#epochEnd.isCounterDue(lastProposed, beat))
      return this.#stepDown('the counter of this epoch nears its end');
    // Accepted here too, the epoch will be left behind by the next one: with this server, or whom it has told.
    const epoch = this.#epochEnd.takeStranded(beat, isIdle);
    if (epoch !== undefined) this.#out.push({ kind: 'storeEpoch', which: 'accepted', epoch });
  }

  #holdsQuorum(): boolean {
    const alive = new Set([this.#options.sid]);
    for (const learner of this.#links.all())
      if (isAlive(learner, this.#beats.count, this.#options)) alive.add(learner.sid);
    return this.#broadcast.configs.every((config) => config.containsQuorum(alive));
  }

  #heard(link: Link): void {
    const learner = this.#links.get(link);
    if (learner !== undefined) learner.heardAt = this.#beats.count;
  }

  // Endings

  #disconnected(link: Link): void {
    const learner = this.#links.get(link);
    if (learner === undefined) return;
    this.#forget(learner);
    if (!this.#broadcast.isRetired) return;
    // The others go by themselves as soon as they read who is to lead: a link closed from here could lose them that.
    const { designatedLeader } = this.#broadcast;
    if (learner.sid === designatedLeader || !this.#holdsQuorum())
      this.#stepDown(`server ${designatedLeader} is to lead`, designatedLeader);
  }

  #close(learner: LearnerProgress, reason: string): void {
    this.#forget(learner);
    this.#refuse(learner.link, reason);
  }

  #refuse(link: Link, reason: string): void {
    this.#out.push({ kind: 'close', link, reason });
  }

  #forget(learner: LearnerProgress): void {
    this.#synchronisation.end(learner);
    this.#broadcast.acks.remove(learner.sid);
    this.#newLeaderAcks.delete(learner.sid);
    this.#links.remove(learner.link);
  }

  #handOver(): void {
    if (this.#phase !== 'broadcasting') return this.#stepDown('it is asked to, and was not established');
    this.#broadcast.handOver();
    this.#tryHandOver();
  }

  #tryHandOver(): void {
    if (!this.#broadcast.isIdle || this.#broadcast.isRetired) return;
    const synced = this.#links.syncedFollowers.map(({ sid }) => sid);
    const successor = this.#broadcast.successor(this.config, synced);
    this.#stepDown('it is asked to', successor);
  }

  #stepDown(reason: string, vote?: number): void {
    this.#phase = 'over';
    this.#out.push(vote === undefined ? { kind: 'stepDown', reason } : { kind: 'stepDown', reason, vote });
  }

  #enter(phase: LeaderPhase): void {
    this.#phase = phase;
    this.#phaseSince = this.#beats.count;
  }

  #hasVote(learner: LearnerProgress): boolean {
    return !learner.isObserver && this.config.voters.has(learner.sid);
  }

  #send(links: readonly Link[], packet: QuorumPacket): void {
    this.#out.push({ kind: 'send', links, packet });
  }
}

type LeaderPhase =
  | 'new'
  /** Waiting for a quorum's accepted epochs. */
  | 'joining'
  /** The new epoch goes to disk. */
  | 'storing'
  /** Waiting for a quorum's ACKEPOCH. */
  | 'agreeing'
  /** Waiting for a quorum's ACK of NEWLEADER. */
  | 'synchronising'
  | 'broadcasting'
  | 'over';

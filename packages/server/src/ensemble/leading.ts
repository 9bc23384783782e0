import type { DataTreeOptions } from '@corral/datatree';
import {
  epochOf,
  type QuorumConfig,
  type QuorumPacket,
  QuorumPacketType,
  type QuorumVerifier,
  type Zxid,
} from '@corral/protocol';
import type { Timer } from '@corral/runtime';
import type { Address } from '@corral/transport';
import { Leader, type LeaderInput, type LeaderOptions, type LeaderOutput } from '@corral/zab';
import { type CommitListener, type CommitPath, DurableLog } from '../commit-path.ts';
import { FrameArena } from '../frame-arena.ts';
import type { ServerOptions } from '../server.ts';
import { Serving } from '../serving.ts';
import { type SessionOwner, Sessions, trackerOf } from '../sessions.ts';
import { toError } from '../to-error.ts';
import { LeaderFigures } from './leader-figures.ts';
import { LeaderReconfigurations } from './leader-reconfigurations.ts';
import { LeaderRole } from './leader-role.ts';
import { type LearnerConnection, LearnerPort } from './learner-port.ts';
import { localTracker } from './local-sessions.ts';
import type { MemberEpochs } from './member-epochs.ts';
import { ProposalSizes } from './proposal-sizes.ts';
import type { Replica } from './replica.ts';
import { Stepper } from './stepper.ts';
import type { Term, TermEnd } from './term.ts';
import { WorkUnderWay } from './work-under-way.ts';

export interface LeadingOptions {
  readonly server: ServerOptions;
  readonly replica: Replica;
  readonly epochs: MemberEpochs;
  readonly treeOptions: DataTreeOptions;
  readonly sid: number;
  /** Where learners come; they all lead here. */
  readonly addresses: readonly Address[];
  readonly config: QuorumVerifier;
  readonly lastSeenConfig: QuorumVerifier | undefined;
  readonly withVersion: LeaderOptions['withVersion'];
  readonly mayLead: NonNullable<LeaderOptions['mayLead']>;
  readonly sessionPasswordKey: Uint8Array | undefined;
  /** The configuration in force. */
  readonly quorum: () => QuorumConfig;
  /** Where the counter of an epoch begins: 0, unless a test says otherwise. */
  readonly initialCounter: number;
  /** The real one; -1 where it is not open. */
  readonly clientPort: () => number;
  /** It gives up, because one of its voters has. */
  readonly onDisloyalVoter: () => void;
  /** A quorum follows, in this epoch. */
  readonly onEstablished: (epoch: number) => void;
  /** A configuration is about to be proposed: it is to be kept first. */
  readonly onProposed: (config: QuorumConfig) => void;
  /** A configuration is in force from now on. */
  readonly onConfig: (config: QuorumVerifier, designatedLeader: number) => void;
}

/** This server leads: a port for learners, the leader's core, and the clients served meanwhile. */
export class Leading implements Term {
  readonly over: Promise<TermEnd>;
  readonly #o: LeadingOptions;
  readonly #end: (end: TermEnd) => void;
  /** It leads no more: whoever waits for a quorum waits in vain. */
  readonly #ended: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #leader: Leader;
  readonly #reconfigurations: LeaderReconfigurations;
  readonly #stepper: Stepper<LeaderInput, LeaderOutput>;
  readonly #log: DurableLog;
  readonly #entries: FrameArena = new FrameArena();
  readonly #port: LearnerPort;
  readonly #work: WorkUnderWay = new WorkUnderWay((cause) => this.#fail(cause));
  readonly #timer: Timer;
  /** Monotonic milliseconds. */
  readonly #since: number;
  /** The same; since when a quorum follows. */
  #servingSince = 0;
  readonly #proposalSizes: ProposalSizes = new ProposalSizes();
  readonly #figures: LeaderFigures;
  #isWaitingForEpoch = true;
  #serving: Serving | undefined = undefined;
  #role: LeaderRole | undefined = undefined;
  #commits: CommitListener | undefined = undefined;
  #isOver = false;

  constructor(options: LeadingOptions) {
    const { server, replica, epochs } = options;
    const { config, runtime, metrics, storage } = server;
    const { clock } = runtime;
    const ensemble = config.ensemble!;
    const { promise, resolve } = Promise.withResolvers<TermEnd>();
    this.over = promise;
    this.#end = resolve;
    this.#o = options;
    this.#since = clock.monotonic();
    this.#figures = new LeaderFigures(metrics, clock);
    this.#leader = new Leader({
      sid: options.sid,
      config: options.config,
      ...(options.lastSeenConfig === undefined ? {} : { lastSeenConfig: options.lastSeenConfig }),
      withVersion: options.withVersion,
      mayLead: options.mayLead,
      reconfigEnabled: config.reconfigEnabled,
      acceptedEpoch: epochs.accepted,
      currentEpoch: epochs.current,
      lastZxid: replica.lastZxid,
      committedLog: replica.committedLog,
      tickMs: config.tickTime,
      initLimit: ensemble.initLimit,
      syncLimit: ensemble.syncLimit,
      forceSnapshotSync: ensemble.forceSnapshotSync,
      txnLogSyncEnabled: ensemble.snapshotSizeFactor >= 0,
      maxConcurrentSnapSyncs: ensemble.maxConcurrentSnapSyncs,
      maxConcurrentDiffSyncs: ensemble.maxConcurrentDiffSyncs,
      linearizableSync: ensemble.linearizableSync,
      initialCounter: options.initialCounter,
    });
    this.#reconfigurations = new LeaderReconfigurations(this.#leader, server.logger, options.onProposed);
    this.#stepper = new Stepper<LeaderInput, LeaderOutput>(
      this.#leader,
      (output) => this.#perform(output),
      () => this.#port.flushLater(),
    );
    this.#port = new LearnerPort({
      server,
      replica,
      addresses: options.addresses,
      onPacket: (learner, packet) => this.#packet(learner, packet),
      onTurn: (learner) => this.#stepAck(learner),
      step: (input) => this.#step(input),
      task: (work) => this.#work.add(work),
    });
    this.#log = new DurableLog(storage.log, clock, metrics, {
      onCommitted: (zxid) => {
        this.#figures.durable(zxid);
        this.#step({ kind: 'durable', zxid });
      },
      onCommitFailed: (cause) => this.#fail(cause),
    });
    this.#timer = clock.every(Math.max(1, Math.floor(config.tickTime / TICKS_PER_TICK)), () => this.#tick());
    this.#work.add(this.#port.listen());
    this.#tick();
  }

  get serving(): Serving | undefined {
    return this.#o.server.config.ensemble!.leaderServes ? this.#serving : undefined;
  }

  leave(reason: string): void {
    const serving = this.#serving;
    if (serving === undefined) {
      this.#finish(reason, undefined, undefined);
      return;
    }
    this.#work.add(serving.stop(this.#ended.promise).then(() => this.#step({ kind: 'handOver' })));
  }

  get isFollowed(): boolean {
    for (const learner of this.#port.all()) if (learner.isFollower && !learner.link.isOver) return true;
    return false;
  }

  /**
   * Of those whose votes made this server a leader, one has given it up: where no epoch could be agreed upon for so long,
   * neither will this server wait on (`leader.maxTimeToWaitForEpoch`, Leader.reportLookingSid).
   */
  voterLooks(sid: number): void {
    const { clock } = this.#o.server.runtime;
    const limitMs = this.#o.server.config.ensemble!.maxTimeToWaitForEpoch;
    if (limitMs < 0 || !this.#isWaitingForEpoch || !this.#o.config.voters.has(sid)) return;
    if (clock.monotonic() - this.#since <= limitMs) return;
    this.#o.onDisloyalVoter();
    this.#finish(`server ${sid} looks for a leader, and no quorum has come`, undefined, undefined);
  }

  /** @throws JuteError, RangeError where the packet makes no sense: the link ends with it */
  #packet(learner: LearnerConnection, packet: QuorumPacket): void {
    const requests = learner.isSynced ? this.#role?.requests : undefined;
    switch (packet.type) {
      case QuorumPacketType.REQUEST:
        if (requests === undefined) throw new RangeError('a request before it was synchronised');
        if (!requests.submit(packet, learner.owner))
          this.#step({ kind: 'sync', token: LEARNERS_SYNC, link: learner.number });
        break;
      case QuorumPacketType.REVALIDATE:
        if (requests === undefined) throw new RangeError('a session asked for before it was synchronised');
        this.#figures.revalidated();
        learner.link.send(requests.revalidate(packet, learner.owner));
        break;
      case QuorumPacketType.PING:
        requests?.touch(packet);
        this.#step({ kind: 'packet', link: learner.number, packet });
        break;
      case QuorumPacketType.ACK:
        this.#ack(learner, packet);
        break;
      default:
        this.#step({ kind: 'packet', link: learner.number, packet });
    }
  }

  /**
   * An acknowledgement is one of all proposed before, too, and a learner sends one for each: of those that come together
   * the last is enough, and what they commit is applied and answered at once.
   */
  #ack(learner: LearnerConnection, packet: QuorumPacket): void {
    this.#figures.acked(learner.sid, packet.zxid);
    if (!learner.isSynced || packet.zxid > this.#leader.lastProposed)
      this.#step({ kind: 'packet', link: learner.number, packet });
    else if (learner.ack === undefined || packet.zxid > learner.ack.zxid) learner.ack = packet;
  }

  #stepAck(learner: LearnerConnection): void {
    const packet = learner.ack;
    if (packet === undefined) return;
    learner.ack = undefined;
    this.#step({ kind: 'packet', link: learner.number, packet });
  }

  #tick(): void {
    const now = this.#o.server.runtime.clock.monotonic();
    this.#port.tick(now);
    this.#step({ kind: 'tick', now });
  }

  /**
   * A learner that stands still cannot tell whom it hears: while it is given the time to come back, nobody who is attached
   * to it expires.
   */
  #excuseSilent(sessions: Sessions, now: number): void {
    // It is sent a PING in every half of a tick.
    const silentSince = now - this.#o.server.config.tickTime;
    const silent = new Set<SessionOwner>();
    for (const learner of this.#port.all())
      if (learner.isSynced && learner.heardAt < silentSince) silent.add(learner.owner);
    if (silent.size === 0) return;
    for (const session of sessions.tracker.sessions())
      if (session.owner !== undefined && silent.has(session.owner)) sessions.tracker.touch(session, now);
  }

  #step(input: LeaderInput): void {
    if (!this.#isOver) this.#stepper.step(input);
  }

  #perform(output: LeaderOutput): void {
    if (this.#isOver) return;
    switch (output.kind) {
      case 'commit':
        this.#o.server.probe?.committed(output.zxid);
        this.#figures.committed(output.zxid);
        this.#commits?.onCommitted(output.zxid);
        break;
      case 'syncDone':
        this.#role?.syncs.done(output.token);
        break;
      case 'storeEpoch': {
        const { which, epoch } = output;
        this.#isWaitingForEpoch = false;
        this.#work.add(
          this.#o.epochs.store(which, epoch).then(() => this.#step({ kind: 'epochStored', which, epoch })),
        );
        break;
      }
      case 'established':
        this.#serve(output.zxid);
        break;
      case 'configActivated':
        this.#o.onConfig(output.config, output.designatedLeader);
        break;
      case 'stepDown':
        this.#finish(output.reason, undefined, output.vote);
        break;
      default:
        this.#port.perform(output);
    }
  }

  #serve(zxid: Zxid): void {
    const { server, replica, sid, sessionPasswordKey, clientPort } = this.#o;
    const { config, runtime, metrics, logger } = server;
    const { clock } = runtime;
    const { tree } = replica;
    tree.lastProcessedZxid = zxid;
    this.#figures.begins(zxid);
    this.#servingSince = clock.monotonic();
    const sessions = new Sessions({
      tracker: trackerOf(tree.sessions, config.tickTime, clock.monotonic()),
      serverId: sid,
      passwordKey: sessionPasswordKey,
      runtime,
      known: tree.sessions,
      local: localTracker(config, clock.monotonic()),
      metrics,
    });
    this.#serving = new Serving({
      server,
      tree,
      sessions,
      snapshotting: replica.snapshotting,
      role: (parts) => {
        this.#role = new LeaderRole(parts, {
          server,
          replica,
          sid,
          sessions,
          reconfigurations: this.#reconfigurations,
          commitPath: (listener) => this.#commitPath(listener),
          onSync: (token) => this.#step({ kind: 'sync', token }),
          excuseSilent: (now) => this.#excuseSilent(sessions, now),
        });
        return this.#role.face;
      },
      ensemble: {
        quorum: this.#o.quorum,
        learners: () => this.#port.counts,
        proposalSizes: this.#proposalSizes,
        leader: () => ({
          uptimeMs: Math.floor(clock.monotonic() - this.#servingSince),
          pendingSyncs: this.#leader.pendingSyncs,
          nonVotingFollowers: this.#nonVotingFollowers,
        }),
        masterId: undefined,
      },
      clientPort,
      onFatal: (cause) => this.#fail(cause),
    });
    this.#serving.start();
    server.probe?.serving('leader', this.#leader.epoch, tree);
    this.#o.onEstablished(this.#leader.epoch);
    logger.info({ epoch: this.#leader.epoch }, 'leading, and serving');
  }

  /** Proposals go to the log here and to the others; what a quorum has durably is committed. */
  #commitPath(listener: CommitListener): CommitPath {
    this.#commits = listener;
    return {
      propose: (zxid, entry) => {
        // Behind the end of the counter comes what looks like the next epoch: it must not be in this log.
        if (this.#isOver || epochOf(zxid) !== this.#leader.epoch) return;
        this.#o.server.probe?.proposed(zxid, entry);
        this.#proposalSizes.note(entry.length);
        this.#figures.proposed(zxid);
        this.#log.propose(zxid, entry);
        const config = this.#reconfigurations.at(zxid);
        if (config === undefined) this.#step({ kind: 'propose', zxid, entry: this.#kept(entry) });
        else this.#step({ kind: 'propose', zxid, entry: this.#kept(entry), config });
      },
    };
  }

  /** Up to date, and yet to be taken in by a reconfiguration. */
  get #nonVotingFollowers(): number {
    const { voters } = this.#leader.config;
    let count = 0;
    for (const { isSynced, isFollower, sid } of this.#port.all())
      if (isSynced && isFollower && !voters.has(sid!)) count++;
    return count;
  }

  /** For the proposals under way, and the committed log. */
  #kept(entry: Uint8Array): Uint8Array {
    const arena = this.#entries;
    // The next entry comes in the memory of this one.
    arena.begin();
    const at = arena.keep(entry, 0, entry.length);
    return arena.bytes.subarray(at, at + entry.length);
  }

  /** The disk, or what this server believes of its own state, is broken. */
  #fail(cause: unknown): void {
    this.#finish(toError(cause).message, toError(cause), undefined);
  }

  #finish(reason: string, fatal: Error | undefined, vote: number | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended.resolve();
    this.#timer.cancel();
    this.#port.end(reason);
    void this.#cleanUp(reason, fatal, vote);
  }

  async #cleanUp(reason: string, fatal: Error | undefined, vote: number | undefined): Promise<void> {
    let failure = fatal;
    try {
      await this.#serving?.abort();
      await this.#port.close();
      await this.#work.ended();
      if (fatal === undefined) await this.#o.replica.settle();
    } catch (error) {
      failure ??= toError(error);
    }
    this.#port.destroy(reason);
    this.#end({ reason, fatal: failure, designatedLeader: vote });
  }
}

/** How often the core is told the time, in each tick. */
const TICKS_PER_TICK = 4;
/** Of a sync that a learner forwarded: it is told by a packet. */
const LEARNERS_SYNC = 0;

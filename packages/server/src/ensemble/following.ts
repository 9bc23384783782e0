import type { DataTreeOptions } from '@corral/datatree';
import { JuteWriter } from '@corral/jute';
import {
  counterOf,
  type QuorumConfig,
  QuorumPacket,
  QuorumPacketType,
  toZxid,
  type Zxid,
} from '@corral/protocol';
import type { Timer } from '@corral/runtime';
import type { Address } from '@corral/transport';
import { Learner, type LearnerInput, type LearnerOutput } from '@corral/zab';
import { DurableLog } from '../commit-path.ts';
import { valueMaxOf } from '../from-config.ts';
import type { MemberProbe } from '../probe.ts';
import type { ServerOptions } from '../server.ts';
import { Serving } from '../serving.ts';
import { Sessions } from '../sessions.ts';
import { toError } from '../to-error.ts';
import { dialLeader } from './dial-leader.ts';
import { LearnerFigures } from './learner-figures.ts';
import { LearnerRole } from './learner-role.ts';
import type { MemberEpochs } from './member-epochs.ts';
import { type ConfigSummary, ObserverService } from './observer-service.ts';
import { OnceATurn } from './once-a-turn.ts';
import { QuorumLink } from './quorum-link.ts';
import { localTracker } from './local-sessions.ts';
import type { Replica } from './replica.ts';
import { ImageReceiver } from './snapshot-stream.ts';
import { Stepper } from './stepper.ts';
import type { Term, TermEnd } from './term.ts';
import { WorkUnderWay } from './work-under-way.ts';
import { TouchedSessions } from './touched-sessions.ts';

export interface FollowingOptions {
  readonly server: ServerOptions;
  readonly replica: Replica;
  readonly epochs: MemberEpochs;
  readonly treeOptions: DataTreeOptions;
  readonly sid: number;
  readonly isObserver: boolean;
  /** Whom it connects to: the leader, or for an observer maybe a follower of it. */
  readonly leader: { readonly sid: number; readonly addresses: readonly Address[] };
  /** How often it tries to. */
  readonly dialAttemptsMax: number;
  /** Where it serves observers itself; none where it does not. */
  readonly observerAddresses: readonly Address[];
  readonly config: () => ConfigSummary;
  /** The zxid of the configuration in force here. */
  readonly configVersion: number;
  readonly sessionPasswordKey: Uint8Array | undefined;
  /** The configuration in force. */
  readonly quorum: () => QuorumConfig;
  /** The real one; -1 where it is not open. */
  readonly clientPort: () => number;
  /** It is up to date: the leader leads in this epoch. */
  readonly onEstablished: (epoch: number) => void;
  /** A configuration was proposed. */
  readonly onProposed: (text: Uint8Array) => void;
  /** A configuration is in force from now on. Returns why this server cannot go on following under it, if so. */
  readonly onActivated: (text: Uint8Array, designatedLeader: number | undefined) => string | undefined;
}

/** This server follows or observes: a connection with the leader, the learner's core, and the clients served meanwhile. */
export class Following implements Term {
  readonly over: Promise<TermEnd>;
  readonly #o: FollowingOptions;
  readonly #end: (end: TermEnd) => void;
  /** It follows no more: whoever waits for its leader waits in vain. */
  readonly #ended: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #learner: Learner;
  readonly #figures: LearnerFigures;
  readonly #stepper: Stepper<LearnerInput, LearnerOutput>;
  readonly #log: DurableLog;
  /** Once for all that a turn forwards. */
  readonly #flushing: OnceATurn;
  readonly #work: WorkUnderWay = new WorkUnderWay((cause) => this.#fail(cause));
  readonly #timer: Timer;
  #link: QuorumLink | undefined = undefined;
  #serving: Serving | undefined = undefined;
  #role: LearnerRole | undefined = undefined;
  #touched: TouchedSessions | undefined = undefined;
  #observers: ObserverService | undefined = undefined;
  #isReceivingImage = false;
  /** What the disk said to a TRUNC. */
  #truncateFailure: Error | undefined = undefined;
  /** Packets that came together are being handed over. */
  #isInTurn = false;
  #designatedLeader: number | undefined = undefined;
  #isOver = false;

  constructor(options: FollowingOptions) {
    const { server, replica, epochs, sid, isObserver, configVersion } = options;
    const { config, runtime, metrics, storage } = server;
    const { clock } = runtime;
    const ensemble = config.ensemble!;
    const { promise, resolve } = Promise.withResolvers<TermEnd>();
    this.over = promise;
    this.#end = resolve;
    this.#o = options;
    this.#figures = new LearnerFigures(metrics, clock, isObserver);
    this.#flushing = new OnceATurn(clock, () => this.#link?.flush());
    this.#learner = new Learner({
      sid,
      isObserver,
      syncEnabled: ensemble.syncEnabled,
      acceptedEpoch: epochs.accepted,
      currentEpoch: epochs.current,
      lastLoggedZxid: replica.lastZxid,
      configVersion,
      reconfigEnabled: config.reconfigEnabled,
      tickMs: config.tickTime,
      initLimitMs: ensemble.initLimit * config.tickTime,
      syncLimitMs: ensemble.syncLimit * config.tickTime,
    });
    this.#stepper = new Stepper<LearnerInput, LearnerOutput>(
      this.#learner,
      (output) => this.#perform(output),
      () => this.#settled(),
    );
    this.#log = new DurableLog(storage.log, clock, metrics, {
      onCommitted: (zxid) => this.#step({ kind: 'durable', zxid }),
      onCommitFailed: (cause) => this.#fail(cause),
    });
    this.#timer = clock.every(Math.max(1, Math.floor(config.tickTime / TICKS_PER_TICK)), () => {
      const now = clock.monotonic();
      this.#observers?.tick(now);
      this.#step({ kind: 'tick', now });
    });
    this.#step({ kind: 'tick', now: clock.monotonic() });
    this.#work.add(this.#dial());
  }

  get serving(): Serving | undefined {
    return this.#serving;
  }

  leave(reason: string): void {
    this.#o.server.logger.info({ reason }, 'leaving the leader');
    const disconnect = (): void => this.#step({ kind: 'disconnected' });
    if (this.#serving === undefined) disconnect();
    else this.#work.add(this.#serving.stop(this.#ended.promise).then(disconnect));
  }

  get isFollowed(): boolean {
    return false;
  }

  voterLooks(): void {}

  async #dial(): Promise<void> {
    const { server, leader } = this.#o;
    const { config, transport, runtime, logger } = server;
    const ensemble = config.ensemble!;
    const limit = ensemble.connectToLearnerMasterLimit || ensemble.initLimit;
    try {
      await dialLeader(
        {
          transport,
          clock: runtime.clock,
          addresses: leader.addresses,
          limitMs: limit * config.tickTime,
          retryDelayMs: ensemble.leaderConnectDelayDuringRetryMs,
          attemptsMax: this.#o.dialAttemptsMax,
          isWanted: () => !this.#isOver,
        },
        (connection) => {
          if (this.#isOver) throw new Error('this server does not follow any more');
          const link = new QuorumLink(
            connection,
            {
              onPacket: (packet) => {
                this.#isInTurn = true;
                if (packet.type === QuorumPacketType.LEADERINFO) this.#figures.joins();
                if (server.probe !== undefined) tellOfSynchronisation(server.probe, packet);
                this.#step({ kind: 'packet', packet });
              },
              onTurn: () => {
                this.#isInTurn = false;
                this.#role?.writes.flush();
                this.#link?.flush();
              },
              onClose: (reason) => {
                logger.info({ leader: leader.sid, reason }, 'the connection with the leader is over');
                this.#step({ kind: 'disconnected' });
              },
            },
            { valueMax: this.#valueMax },
            UNSENT_MAX_BYTES,
          );
          this.#link = link;
          return link;
        },
      );
      this.#step({ kind: 'connected' });
    } catch (error) {
      logger.warn({ leader: leader.sid, error: toError(error) }, 'the leader cannot be reached');
      this.#step({ kind: 'disconnected' });
    }
  }

  #step(input: LearnerInput): void {
    if (!this.#isOver) this.#stepper.step(input);
  }

  #settled(): void {
    this.#role?.settled();
    const link = this.#link;
    if (link === undefined || this.#isOver) return;
    this.#observers?.committed(this.#o.replica.tree.lastProcessedZxid);
    link.flush();
    if (!this.#isInTurn) this.#role?.writes.flush();
    if (this.#learner.wantsPackets || this.#isReceivingImage) link.release();
    else link.hold();
  }

  #perform(output: LearnerOutput): void {
    if (this.#isOver) return;
    const { replica, epochs, server } = this.#o;
    switch (output.kind) {
      case 'send':
        if (server.probe !== undefined) tellOfAck(server.probe, output.packet);
        this.#link?.send(output.packet);
        if (output.packet.type === QuorumPacketType.ACK) this.#figures.acked(output.packet.zxid);
        break;
      case 'append':
        if (this.#role !== undefined) this.#figures.proposed(output.txn.header);
        replica.hold(output.txn, output.entry);
        this.#log.propose(output.zxid, output.entry);
        break;
      case 'hold':
        replica.hold(output.txn, output.entry);
        break;
      case 'commit':
        this.#commit(output.zxid);
        break;
      case 'pinged':
        this.#answerPing(output.zxid);
        break;
      case 'deliver':
        this.#deliver(output.packet);
        break;
      case 'serve':
        this.#serve();
        break;
      case 'storeEpoch': {
        const { which, epoch } = output;
        this.#work.add(
          epochs.store(which, epoch).then(() => this.#step({ kind: 'epochStored', which, epoch })),
        );
        break;
      }
      case 'receiveSnapshot':
        this.#receiveImage(output.zxid);
        break;
      case 'truncate':
        this.#work.add(
          replica.truncate(output.zxid).then(
            () => this.#step({ kind: 'truncated' }),
            (cause: unknown) => {
              this.#truncateFailure = toError(cause);
              this.#step({ kind: 'truncateFailed', reason: this.#truncateFailure.message });
            },
          ),
        );
        break;
      case 'takeSnapshot':
        this.#work.add(replica.keepAdopted().then(() => this.#step({ kind: 'snapshotTaken' })));
        break;
      case 'config':
        if (output.isActive) this.#activated(output.text, output.designatedLeader);
        else this.#o.onProposed(output.text);
        this.#observers?.configured(this.#o.config());
        break;
      case 'leave':
        this.#finish(
          output.reason,
          output.isFatal ? (this.#truncateFailure ?? new Error(output.reason)) : undefined,
          output.isTreeTorn,
        );
        break;
      case 'note':
        server.logger[output.level]({ leader: this.#o.leader.sid }, output.text);
        break;
    }
  }

  #commit(zxid: Zxid): void {
    this.#o.server.probe?.committed(zxid);
    if (this.#role !== undefined) {
      this.#role.writes.commit(zxid);
      return;
    }
    const { replica } = this.#o;
    for (let txn = replica.takeCommitted(zxid); txn !== undefined; txn = replica.takeCommitted(zxid))
      replica.tree.apply(txn, undefined);
  }

  #activated(text: Uint8Array, designatedLeader: number | undefined): void {
    this.#observers?.committed(this.#o.replica.tree.lastProcessedZxid, designatedLeader);
    const reason = this.#o.onActivated(text, designatedLeader);
    if (reason === undefined) return;
    this.#designatedLeader = designatedLeader;
    this.#finish(reason, undefined, false);
  }

  #receiveImage(zxid: Zxid): void {
    this.#isReceivingImage = true;
    const receiver = new ImageReceiver(
      this.#o.treeOptions,
      this.#valueMax,
      zxid,
      () => this.#step({ kind: 'progress' }),
      (tree) => {
        this.#isReceivingImage = false;
        this.#link?.hold();
        this.#work.add(this.#o.replica.adopt(tree).then(() => this.#step({ kind: 'snapshotReceived' })));
      },
    );
    this.#link?.receiveRaw(receiver);
  }

  #answerPing(zxid: number): void {
    const touched = this.#touched?.take() ?? [];
    const w = new JuteWriter(touched.length * SESSION_BYTES);
    for (const { id, timeoutMs } of touched) {
      w.writeLong(id);
      w.writeInt(timeoutMs);
    }
    this.#link?.send(new QuorumPacket(QuorumPacketType.PING, zxid, w.bytes(), null));
  }

  #deliver(packet: QuorumPacket): void {
    if (this.#observers?.answered(packet) === true) return;
    const role = this.#role;
    if (packet.type !== QuorumPacketType.SYNC) role?.entrance.revalidated(packet);
    // The leader answers them in the order they came to it.
    else if (role?.syncs.oldest !== undefined) role.syncs.done(role.syncs.oldest);
  }

  #serve(): void {
    const { server, replica, sid, isObserver, leader, sessionPasswordKey, clientPort } = this.#o;
    const { config, runtime, metrics, logger } = server;
    const { tree } = replica;
    const touched = new TouchedSessions({ tickMs: config.tickTime, now: runtime.clock.monotonic() });
    const sessions = new Sessions({
      tracker: touched,
      serverId: sid,
      passwordKey: sessionPasswordKey,
      runtime,
      known: tree.sessions,
      local: localTracker(config, runtime.clock.monotonic()),
      metrics,
    });
    this.#touched = touched;
    const send = (packet: QuorumPacket): void => {
      this.#observers?.asked(packet);
      this.#link?.send(packet);
      this.#flushing.ask();
    };
    this.#serving = new Serving({
      server,
      tree,
      sessions,
      snapshotting: replica.snapshotting,
      role: (parts) => {
        const figures = this.#figures;
        this.#role = new LearnerRole(parts, { server, replica, sessions, isObserver, figures, send });
        return this.#role.face;
      },
      ensemble: {
        quorum: this.#o.quorum,
        learners: () => ({ followers: 0, observers: this.#observers?.count ?? 0 }),
        proposalSizes: undefined,
        leader: undefined,
        masterId: leader.sid,
      },
      clientPort,
      onFatal: (cause) => this.#fail(cause),
    });
    this.#serving.start();
    this.#figures.synced();
    this.#serveObservers(sessions, touched);
    server.probe?.serving(isObserver ? 'observer' : 'follower', this.#o.epochs.current, tree);
    this.#work.add(this.#keepBeginning());
    this.#o.onEstablished(this.#o.epochs.current);
    logger.info({ leader: leader.sid, mode: isObserver ? 'observer' : 'follower' }, 'serving');
  }

  #serveObservers(sessions: Sessions, touched: TouchedSessions): void {
    const { server, replica, epochs, sid, observerAddresses, config } = this.#o;
    if (observerAddresses.length === 0) return;
    this.#observers = new ObserverService({
      server,
      replica,
      sid,
      epoch: epochs.current,
      addresses: observerAddresses,
      config: config(),
      sessions,
      touched,
      send: (packet) => {
        this.#link?.send(packet);
        this.#flushing.ask();
      },
      task: (work) => this.#work.add(work),
    });
  }

  /** Never a log without a snapshot under it: a later start could not tell it from one that was lost. */
  async #keepBeginning(): Promise<void> {
    const { replica, server } = this.#o;
    if ((await server.storage.snapshots.list()).length === 0) replica.snapshotting.begin();
  }

  /** The disk, or what this server believes of its own state, is broken. */
  #fail(cause: unknown): void {
    this.#finish(toError(cause).message, toError(cause), true);
  }

  #finish(reason: string, fatal: Error | undefined, isTreeTorn: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended.resolve();
    this.#timer.cancel();
    this.#observers?.end(reason);
    this.#link?.close(reason);
    void this.#cleanUp(reason, fatal, isTreeTorn);
  }

  async #cleanUp(reason: string, fatal: Error | undefined, isTreeTorn: boolean): Promise<void> {
    let failure = fatal;
    try {
      await this.#serving?.abort();
      await this.#observers?.close(reason);
      await this.#work.ended();
      if (fatal === undefined) await (isTreeTorn ? this.#o.replica.reload() : this.#o.replica.settle());
    } catch (error) {
      failure ??= toError(error);
    }
    this.#end({ reason, fatal: failure, designatedLeader: this.#designatedLeader });
  }

  get #valueMax(): number {
    return valueMaxOf(this.#o.server.config);
  }
}

function tellOfAck(probe: MemberProbe, { type, zxid }: QuorumPacket): void {
  // The answer to NEWLEADER carries the first zxid of the epoch, which is no transaction's.
  if (type === QuorumPacketType.ACK) probe.acknowledged(toZxid(zxid), counterOf(toZxid(zxid)) === 0);
}

function tellOfSynchronisation(probe: MemberProbe, { type }: QuorumPacket): void {
  if (type === QuorumPacketType.DIFF) probe.synchronised('DIFF');
  else if (type === QuorumPacketType.TRUNC) probe.synchronised('TRUNC');
  else if (type === QuorumPacketType.SNAP) probe.synchronised('SNAP');
}

/** How often the core is told the time, in each tick. */
const TICKS_PER_TICK = 4;
const SESSION_BYTES = 12;
/** What the leader may leave unread of what is forwarded to it, before it is taken for dead. */
const UNSENT_MAX_BYTES = 64 * 1024 * 1024;

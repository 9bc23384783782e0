import { JuteReader } from '@corral/jute';
import { OpCode, type QuorumPacket, QuorumPacketType, type Zxid } from '@corral/protocol';
import type { Address } from '@corral/transport';
import { ObserverMaster, type ObserverMasterInput, type ObserverMasterOutput } from '@corral/zab';
import type { ServerOptions } from '../server.ts';
import type { Sessions } from '../sessions.ts';
import { toError } from '../to-error.ts';
import { isWrite } from '../write-requests.ts';
import { type LearnerConnection, LearnerPort } from './learner-port.ts';
import type { Replica } from './replica.ts';
import { Stepper } from './stepper.ts';
import type { TouchedSessions } from './touched-sessions.ts';

/** Of the configuration: the zxid of the one in force, and the text of the newest one seen. */
export interface ConfigSummary {
  readonly version: number;
  readonly newest: string;
}

export interface ObserverServiceOptions {
  readonly server: ServerOptions;
  readonly replica: Replica;
  readonly sid: number;
  /** Of the leader that this server follows. */
  readonly epoch: number;
  readonly addresses: readonly Address[];
  readonly config: ConfigSummary;
  readonly sessions: Sessions;
  readonly touched: TouchedSessions;
  /** To the leader, in order. */
  readonly send: (packet: QuorumPacket) => void;
  /** Work that must have ended before this server does something else. */
  readonly task: (work: Promise<unknown>) => void;
}

/**
 * A follower that observers come to (`observerMasterPort`, ObserverMaster.java): what it commits they are told, what they
 * ask for goes to the leader as if its own clients had asked, and the leader's answers go back to whoever asked.
 */
export class ObserverService {
  readonly #o: ObserverServiceOptions;
  readonly #port: LearnerPort;
  readonly #stepper: Stepper<ObserverMasterInput, ObserverMasterOutput>;
  /** Who asked for what, in that order: undefined is this server itself. So does the leader answer. */
  readonly #revalidations: (LearnerConnection | undefined)[] = [];
  readonly #syncs: (LearnerConnection | undefined)[] = [];
  #committed: Zxid;

  constructor(options: ObserverServiceOptions) {
    const { server, replica, config } = options;
    const ensemble = server.config.ensemble!;
    this.#o = options;
    this.#committed = replica.tree.lastProcessedZxid;
    const core = new ObserverMaster({
      sid: options.sid,
      epoch: options.epoch,
      configVersion: config.version,
      newestConfig: config.newest,
      committed: this.#committed,
      committedLog: replica.committedLog,
      tickMs: server.config.tickTime,
      initLimit: ensemble.initLimit,
      syncLimit: ensemble.syncLimit,
      forceSnapshotSync: ensemble.forceSnapshotSync,
      txnLogSyncEnabled: ensemble.snapshotSizeFactor >= 0,
      maxConcurrentSnapSyncs: ensemble.maxConcurrentSnapSyncs,
      maxConcurrentDiffSyncs: ensemble.maxConcurrentDiffSyncs,
    });
    this.#port = new LearnerPort({
      server,
      replica,
      addresses: options.addresses,
      onPacket: (observer, packet) => this.#packet(observer, packet),
      step: (input) => this.#stepper.step(input),
      task: options.task,
    });
    this.#stepper = new Stepper<ObserverMasterInput, ObserverMasterOutput>(
      core,
      (output) => this.#port.perform(output),
      () => this.#port.flushLater(),
    );
    options.task(this.#listen());
  }

  /** Observers that are up to date. */
  get count(): number {
    return this.#port.counts.observers;
  }

  /** @param now monotonic milliseconds */
  tick(now: number): void {
    this.#port.tick(now);
    this.#stepper.step({ kind: 'tick', now });
  }

  /**
   * Everything up to there is applied here.
   *
   * @param designatedLeader who leads from now on, where the last of it is a reconfiguration that is in force
   */
  committed(zxid: Zxid, designatedLeader?: number): void {
    if (zxid <= this.#committed) return;
    this.#committed = zxid;
    if (designatedLeader === undefined) this.#stepper.step({ kind: 'committed', zxid });
    else this.#stepper.step({ kind: 'committed', zxid, designatedLeader });
  }

  configured({ version, newest }: ConfigSummary): void {
    this.#stepper.step({ kind: 'config', version, newest });
  }

  /** This server itself sends that to the leader. */
  asked(packet: QuorumPacket): void {
    if (packet.type === QuorumPacketType.REVALIDATE) this.#revalidations.push(undefined);
    else if (this.#typeOf(packet) === OpCode.sync) this.#syncs.push(undefined);
  }

  /** The leader's answer to a REVALIDATE or SYNC. False where this server itself has asked. */
  answered(packet: QuorumPacket): boolean {
    const isSync = packet.type === QuorumPacketType.SYNC;
    const observer = (isSync ? this.#syncs : this.#revalidations).shift();
    if (observer === undefined) return false;
    if (!isSync) this.#revalidated(packet);
    observer.link.send(packet);
    this.#port.flushLater();
    return true;
  }

  /** Observers go, and look for somebody else. */
  end(reason: string): void {
    this.#port.end(reason);
  }

  /** Resolves when nothing of it is left. */
  async close(reason: string): Promise<void> {
    await this.#port.close();
    this.#port.destroy(reason);
  }

  async #listen(): Promise<void> {
    try {
      await this.#port.listen();
    } catch (error) {
      // Observers have the others, and the leader.
      this.#o.server.logger.error({ error: toError(error) }, 'observers cannot come here');
    }
  }

  /** @throws JuteError, RangeError where the packet makes no sense: the link ends with it */
  #packet(observer: LearnerConnection, packet: QuorumPacket): void {
    switch (packet.type) {
      case QuorumPacketType.REQUEST:
        this.#forward(observer, packet);
        break;
      case QuorumPacketType.REVALIDATE:
        if (!observer.isSynced) throw new RangeError('a session asked for before it was synchronised');
        this.#o.server.metrics.counter('revalidate_count').add(1);
        this.#revalidations.push(observer);
        this.#o.send(packet);
        break;
      case QuorumPacketType.PING:
        if (observer.isSynced) this.#touch(packet);
        break;
      default:
        break;
    }
    this.#stepper.step({ kind: 'packet', link: observer.number, packet });
  }

  #forward(observer: LearnerConnection, packet: QuorumPacket): void {
    if (!observer.isSynced) throw new RangeError('a request before it was synchronised');
    const type = this.#typeOf(packet);
    if (type === OpCode.sync) this.#syncs.push(observer);
    else if (!isWrite(type)) throw new RangeError(`a forwarded request of type ${type}`);
    this.#o.send(packet);
  }

  #revalidated({ data }: QuorumPacket): void {
    const r = new JuteReader(data ?? NOTHING);
    const id = r.readLong();
    // The client has gone from here to the observer.
    if (r.readBool()) this.#o.sessions.tracker.get(id)?.owner?.end();
  }

  #touch({ data }: QuorumPacket): void {
    const r = new JuteReader(data ?? NOTHING);
    while (r.remaining > 0) this.#o.touched.touchElsewhere(r.readLong(), r.readInt());
  }

  /** @throws JuteError where it is no request */
  #typeOf({ type, data }: QuorumPacket): number {
    if (type !== QuorumPacketType.REQUEST) return OpCode.notification;
    const r = new JuteReader(data ?? NOTHING);
    r.skip(REQUEST_TYPE_AT);
    return r.readInt();
  }
}

/** Behind the session and the client's number for the request. */
const REQUEST_TYPE_AT = 12;
const NOTHING = new Uint8Array(0);

import { epochOf, type QuorumPacket, QuorumPacketType, type Zxid, ZXID_NONE, zxidOf } from '@corral/protocol';
import { Beats } from './beats.ts';
import { type CommittedLog, isSuccessor } from './committed-log.ts';
import { bare, inform, informAndActivate, leaderInfo, newLeader, upToDate } from './leader-packets.ts';
import type { LeaderOutput, Link, LogExtent } from './leader-step.ts';
import { type LearnerIntroduction, readCurrentEpoch, readIntroduction } from './learner-introduction.ts';
import { type LearnerLimits, overdue } from './learner-limits.ts';
import { LearnerLinks } from './learner-links.ts';
import { LearnerProgress } from './learner-progress.ts';
import type { ObserverMasterInput, ObserverMasterOutput } from './observer-master-step.ts';
import { hex } from './proposal.ts';
import { Synchronisation, type SynchronisationLimits } from './synchronisation.ts';

export interface ObserverMasterOptions extends LearnerLimits, Partial<SynchronisationLimits> {
  readonly sid: number;
  /** Of the leader that this server follows. */
  readonly epoch: number;
  /** The zxid of the configuration in force, and the text of the newest one seen. */
  readonly configVersion: number;
  readonly newestConfig: string;
  /** Where the tree stands. */
  readonly committed: Zxid;
  /** What this server commits is in it before it is told here. */
  readonly committedLog: CommittedLog;
  readonly tickMs: number;
  readonly forceSnapshotSync: boolean;
  /** Whether the log on disk may serve. */
  readonly txnLogSyncEnabled: boolean;
}

/**
 * A follower that is up to date, as those observers see it that come to it and not to the leader (ObserverMaster.java): it
 * brings them to where it is and tells them what is committed. It decides nothing: what they ask for goes on to the leader,
 * by the host.
 */
export class ObserverMaster {
  readonly #o: ObserverMasterOptions;
  readonly #leaderOut: LeaderOutput[] = [];
  readonly #links = new LearnerLinks();
  readonly #beats: Beats;
  readonly #synchronisation: Synchronisation;
  readonly #newLeaderZxid: Zxid;
  #committed: Zxid;
  #configVersion: number;
  #newLeader: QuorumPacket;

  constructor(options: ObserverMasterOptions) {
    this.#o = options;
    this.#beats = new Beats(options.tickMs);
    this.#synchronisation = new Synchronisation(undefined, this.#leaderOut, {
      maxConcurrentSnapSyncs: options.maxConcurrentSnapSyncs ?? 10,
      maxConcurrentDiffSyncs: options.maxConcurrentDiffSyncs ?? 100,
    });
    this.#newLeaderZxid = zxidOf(options.epoch, 0);
    this.#committed = options.committed;
    this.#configVersion = options.configVersion;
    this.#newLeader = newLeader(this.#newLeaderZxid, options.newestConfig);
  }

  /** What follows from `input`, in order. The array is the same each time. */
  step(input: ObserverMasterInput): readonly ObserverMasterOutput[] {
    this.#leaderOut.length = 0;
    this.#take(input);
    // Of a leader's outputs, what has to do with its learners alone.
    return this.#leaderOut as ObserverMasterOutput[];
  }

  #take(input: ObserverMasterInput): void {
    switch (input.kind) {
      case 'packet':
        return this.#packet(input.link, input.packet);
      case 'committed':
        return this.#tellCommitted(input.zxid, input.designatedLeader);
      case 'tick':
        return this.#tick(input.now);
      case 'progress':
        return this.#heard(input.link);
      case 'logLocated':
        return this.#located(input.link, input.extent);
      case 'config':
        this.#configVersion = input.version;
        this.#newLeader = newLeader(this.#newLeaderZxid, input.newest);
        return undefined;
      default:
        return this.#forget(this.#links.get(input.link));
    }
  }

  #packet(link: Link, packet: QuorumPacket): void {
    const observer = this.#links.get(link);
    if (observer === undefined) return this.#introduced(link, packet);
    observer.heardAt = this.#beats.count;
    switch (packet.type) {
      case QuorumPacketType.ACKEPOCH:
        return this.#epochAcked(observer, packet);
      case QuorumPacketType.ACK:
        return this.#acked(observer, packet.zxid);
      case QuorumPacketType.PING:
      case QuorumPacketType.REQUEST:
      case QuorumPacketType.REVALIDATE:
        return undefined;
      default:
        return this.#close(observer, `packet type ${packet.type} is not for an observer master`);
    }
  }

  #introduced(link: Link, packet: QuorumPacket): void {
    const told = readIntroduction(packet);
    const refusal = typeof told === 'string' ? told : this.#refusalOf(told);
    if (typeof told === 'string' || refusal !== undefined) {
      this.#leaderOut.push({ kind: 'close', link, reason: refusal! });
      return;
    }
    const before = this.#links.ofSid(told.sid);
    if (before !== undefined) this.#close(before, `server ${told.sid} has come on another link`);
    const observer = new LearnerProgress(link, told.sid, true, this.#beats.count);
    observer.phase = 'invited';
    this.#links.add(observer);
    this.#send([link], leaderInfo(this.#newLeaderZxid));
  }

  #refusalOf(told: LearnerIntroduction): string | undefined {
    const { sid, epoch } = this.#o;
    if (!told.isObserver) return 'only observers are welcome here';
    if (told.sid === sid) return 'it has the id of this server';
    if (told.configVersion > this.#configVersion)
      return `its configuration ${hex(told.configVersion as Zxid)} is newer than ${hex(this.#configVersion as Zxid)}`;
    if (told.acceptedEpoch > epoch)
      return `it has accepted epoch ${told.acceptedEpoch}, and this is ${epoch}`;
    return undefined;
  }

  #epochAcked(observer: LearnerProgress, packet: QuorumPacket): void {
    if (observer.phase !== 'invited') return this.#close(observer, 'ACKEPOCH was not its turn');
    if (readCurrentEpoch(packet) === undefined) return this.#close(observer, 'an ACKEPOCH without an epoch');
    observer.lastZxid = packet.zxid;
    // It knows more of this epoch, from the leader or another follower, and all of it is committed: Apache would have it cut
    // that off, and clients would see the past again.
    if (packet.zxid > this.#committed && epochOf(packet.zxid as Zxid) === this.#o.epoch)
      return this.#close(
        observer,
        `it is ahead: ${hex(packet.zxid as Zxid)} against ${hex(this.#committed)}`,
      );
    observer.phase = 'ready';
    this.#synchronise(observer, 'unasked');
  }

  #synchronise(observer: LearnerProgress, extent: LogExtent | undefined | 'unasked'): void {
    const { committedLog, forceSnapshotSync, txnLogSyncEnabled } = this.#o;
    const source = { committedLog, lastProcessed: this.#committed, forceSnapshotSync, txnLogSyncEnabled };
    if (!this.#synchronisation.begin(observer, source, extent, this.#newLeader))
      return this.#close(observer, 'too many learners synchronise already');
    observer.heardAt = this.#beats.count;
    this.#links.phaseChanged();
  }

  #located(link: Link, extent: LogExtent | undefined): void {
    const observer = this.#links.get(link);
    if (observer?.phase === 'locating') this.#synchronise(observer, extent);
  }

  /** Of NEWLEADER, or of UPTODATE, which is that again. Nothing else is an observer's to acknowledge. */
  #acked(observer: LearnerProgress, zxid: number): void {
    if (zxid !== this.#newLeaderZxid || observer.phase !== 'syncing') return;
    this.#synchronisation.end(observer);
    observer.phase = 'synced';
    this.#links.phaseChanged();
    this.#send([observer.link], upToDate());
    this.#leaderOut.push({ kind: 'synced', link: observer.link, sid: observer.sid, isObserver: true });
  }

  #tellCommitted(zxid: Zxid, designatedLeader: number | undefined): void {
    const { committedLog } = this.#o;
    const { observers } = this.#links;
    let last = this.#committed;
    if (zxid <= last) return;
    this.#committed = zxid;
    if (observers.length === 0) return;
    for (let i = committedLog.indexAbove(last); i < committedLog.size; i++) {
      const next = committedLog.zxidAt(i);
      if (next > zxid) break;
      if (last !== ZXID_NONE && !isSuccessor(next, last)) break;
      last = next;
      const entry = committedLog.entryAt(i);
      const isReconfig = designatedLeader !== undefined && next === zxid;
      this.#send(
        observers,
        isReconfig ? informAndActivate(next, designatedLeader, entry) : inform(next, entry),
      );
    }
    if (last === zxid) return;
    for (const link of observers)
      this.#close(this.#links.get(link)!, `what was committed behind ${hex(last)} is not remembered`);
  }

  #tick(now: number): void {
    if (!this.#beats.pass(now)) return;
    for (const observer of this.#links.all()) {
      const reason = overdue(observer, this.#beats.count, this.#o);
      if (reason !== undefined) this.#close(observer, reason);
    }
    const { synced } = this.#links;
    if (synced.length > 0) this.#send(synced, bare(QuorumPacketType.PING, this.#committed));
  }

  #heard(link: Link): void {
    const observer = this.#links.get(link);
    if (observer !== undefined) observer.heardAt = this.#beats.count;
  }

  #close(observer: LearnerProgress, reason: string): void {
    this.#forget(observer);
    this.#leaderOut.push({ kind: 'close', link: observer.link, reason });
  }

  #forget(observer: LearnerProgress | undefined): void {
    if (observer === undefined) return;
    this.#synchronisation.end(observer);
    this.#links.remove(observer.link);
  }

  #send(links: readonly Link[], packet: QuorumPacket): void {
    this.#leaderOut.push({ kind: 'send', links, packet });
  }
}

import { counterOf, epochOf, type QuorumPacket, QuorumPacketType, type Zxid, zxidOf } from '@corral/protocol';
import { readLeaderInfo } from './leader-info.ts';
import { LearnerHistory } from './learner-history.ts';
import { ackEpochPacket, ackPacket, learnerInfoPacket } from './learner-packets.ts';
import { isPhaseOfPackets, type LearnerPhase } from './learner-phase.ts';
import type { LearnerInput, LearnerOutput } from './learner-step.ts';
import { LearnerTransactions } from './learner-transactions.ts';
import { packetName } from './packet-name.ts';
import { Patience } from './patience.ts';
import { hex, requireEpochZxid, requireZxid } from './proposal.ts';
import { Refusal } from './refusal.ts';

export interface LearnerOptions {
  readonly sid: number;
  readonly isObserver: boolean;
  /** Whether an observer keeps a log (`syncEnabled`); a follower always does. */
  readonly syncEnabled: boolean;
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  /** Where the log ends: durable up to it, with nothing under way. Without a log, where the tree stands. */
  readonly lastLoggedZxid: Zxid;
  /** The version of the configuration in force. A leader whose own is older refuses us. */
  readonly configVersion: number;
  readonly reconfigEnabled: boolean;
  readonly tickMs: number;
  /** How long a leader may be silent until this learner is up to date. */
  readonly initLimitMs: number;
  /** And from then on. */
  readonly syncLimitMs: number;
}

/**
 * A follower or observer, from the connection with its leader to the end of it (Java: Learner, Follower, Observer,
 * SendAckRequestProcessor). One instance for one connection.
 *
 * Discovery: who we are, and the promise to obey nobody of an older epoch. Synchronisation: our history becomes the
 * leader's. Broadcast: what the leader proposes is logged, acknowledged, and applied when it says so. Whatever does not
 * belong where it comes ends all: the learner leaves, and nothing of that step is done.
 */
export class Learner {
  readonly #options: LearnerOptions;
  readonly #outputs: LearnerOutput[] = [];
  readonly #patience: Patience;
  #phase: LearnerPhase = 'unconnected';
  #wantsPackets = false;
  /** The leader's, from LEADERINFO on. */
  #epoch = 0;
  #currentEpoch: number;
  /** From the end of DIFF, TRUNC or SNAP on. */
  #history: LearnerHistory | undefined;
  #transactions: LearnerTransactions | undefined;
  /** What the leader has sent when it says NEWLEADER, at least. */
  #syncTo: Zxid | undefined;
  #isSnapshot = false;
  #isTreeTorn = false;
  /** The configuration that NEWLEADER carried, in force with UPTODATE. */
  #newConfig: Uint8Array | undefined;
  /** While `securing`: the epoch to store once all before it is durable, and the packet that waits for it. */
  #securing = 0;
  #postponed: QuorumPacket | undefined;

  constructor(options: LearnerOptions) {
    this.#options = options;
    this.#currentEpoch = options.currentEpoch;
    this.#patience = new Patience(options.tickMs);
  }

  /** Whether the next packet may be handed in. False while an answer of the host, or its disk, is waited for. */
  get wantsPackets(): boolean {
    return this.#wantsPackets;
  }

  /**
   * @returns what is to be done, in order; valid until the next step
   * @throws TypeError for an input that cannot come now: a packet while none is wanted, an answer nobody asked for
   */
  step(input: LearnerInput): readonly LearnerOutput[] {
    const outputs = this.#outputs;
    outputs.length = 0;
    if (this.#phase === 'left') return outputs;
    try {
      this.#handle(input);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      outputs.length = 0;
      this.#leave(error.message, error.isFatal);
    }
    return outputs;
  }

  #handle(input: LearnerInput): void {
    switch (input.kind) {
      case 'packet':
        if (!this.#wantsPackets) throw new TypeError(`a packet while ${this.#phase}`);
        this.#patience.heard();
        this.#packet(input.packet);
        return;
      case 'durable':
        this.#durable(input.zxid);
        return;
      case 'tick':
        this.#tick(input.now);
        return;
      case 'connected':
        this.#answers('unconnected', input.kind);
        this.#register();
        return;
      case 'epochStored':
        this.#epochStored(input.which, input.epoch);
        return;
      case 'progress':
        this.#patience.heard();
        return;
      case 'snapshotReceived':
        this.#answers('receivingSnapshot', input.kind);
        this.#synchronize(this.#syncTo!);
        return;
      case 'truncated':
        this.#answers('truncating', input.kind);
        this.#isTreeTorn = false;
        this.#synchronize(this.#syncTo!);
        return;
      case 'truncateFailed':
        this.#answers('truncating', input.kind);
        throw new Refusal(`cannot truncate to ${hex(this.#syncTo!)}: ${input.reason}`, true);
      case 'snapshotTaken':
        this.#answers('takingSnapshot', input.kind);
        this.#isTreeTorn = false;
        this.#history!.snapshotTaken();
        this.#secure(this.#epoch);
        return;
      case 'disconnected':
        this.#leave('the connection is over', false);
    }
  }

  #packet(packet: QuorumPacket): void {
    switch (this.#phase) {
      case 'broadcast':
        this.#broadcast(packet);
        return;
      case 'synchronizing':
      case 'acknowledged':
        this.#transfer(packet);
        return;
      case 'choosing':
        this.#begin(packet);
        return;
      default:
        this.#discover(packet);
    }
  }

  // Discovery

  #register(): void {
    const { isObserver, sid, acceptedEpoch, configVersion } = this.#options;
    this.#send(learnerInfoPacket(isObserver, sid, acceptedEpoch, configVersion));
    this.#enter('discovering');
  }

  #discover(packet: QuorumPacket): void {
    const { acceptedEpoch, lastLoggedZxid } = this.#options;
    this.#epoch = readLeaderInfo(packet, acceptedEpoch);
    if (this.#epoch > acceptedEpoch) {
      this.#outputs.push({ kind: 'storeEpoch', which: 'accepted', epoch: this.#epoch });
      this.#enter('acceptingEpoch');
    } else {
      // Promised before, perhaps to another leader: the promise must not count twice.
      this.#send(ackEpochPacket(lastLoggedZxid, -1));
      this.#enter('choosing');
    }
  }

  #epochStored(which: 'accepted' | 'current', epoch: number): void {
    if (which === 'accepted') {
      this.#answers('acceptingEpoch', 'epochStored');
      this.#send(ackEpochPacket(this.#options.lastLoggedZxid, this.#currentEpoch));
      this.#enter('choosing');
      return;
    }
    this.#answers('storingEpoch', 'epochStored');
    this.#currentEpoch = epoch;
    this.#secured();
  }

  // Synchronisation

  /** The leader has chosen how our history becomes its own. */
  #begin({ type, zxid }: QuorumPacket): void {
    const to = requireZxid(zxid);
    const { lastLoggedZxid } = this.#options;
    if (epochOf(to) > this.#epoch)
      throw new Refusal(`${packetName(type)} to ${hex(to)} by a leader of epoch ${this.#epoch}`);
    this.#syncTo = to;
    switch (type) {
      case QuorumPacketType.DIFF:
        // An epoch in which nothing was proposed leaves a last zxid that nobody else has seen.
        if (to < lastLoggedZxid && counterOf(lastLoggedZxid) !== 0) {
          throw new Refusal(`DIFF to ${hex(to)}, which is before ${hex(lastLoggedZxid)}`);
        }
        this.#note(`DIFF from ${hex(lastLoggedZxid)} to ${hex(to)}`);
        this.#synchronize(lastLoggedZxid);
        // What was logged here and never committed is the leader's too, or it would have said TRUNC.
        this.#outputs.push({ kind: 'commit', zxid: lastLoggedZxid });
        return;
      case QuorumPacketType.TRUNC:
        if (to > lastLoggedZxid)
          throw new Refusal(`TRUNC to ${hex(to)}, which is behind ${hex(lastLoggedZxid)}`);
        this.#note(`TRUNC from ${hex(lastLoggedZxid)} to ${hex(to)}`);
        this.#isTreeTorn = true;
        this.#outputs.push({ kind: 'truncate', zxid: to });
        this.#enter('truncating');
        return;
      case QuorumPacketType.SNAP:
        this.#note(`SNAP at ${hex(to)}`);
        this.#isSnapshot = true;
        this.#isTreeTorn = true;
        this.#outputs.push({ kind: 'receiveSnapshot', zxid: to });
        this.#enter('receivingSnapshot');
        return;
      default:
        throw new Refusal(`${packetName(type)} in place of DIFF, TRUNC or SNAP`);
    }
  }

  #synchronize(base: Zxid): void {
    const keepsLog = !this.#options.isObserver || this.#options.syncEnabled;
    this.#history = new LearnerHistory(this.#outputs, keepsLog, this.#epoch, base, this.#isSnapshot);
    this.#transactions = new LearnerTransactions(this.#outputs, this.#history, this.#options);
    this.#enter('synchronizing');
  }

  #transfer(packet: QuorumPacket): void {
    switch (packet.type) {
      case QuorumPacketType.PING:
        // Before UPTODATE the leader expects nothing but the ACK; Apache's would break off.
        return;
      case QuorumPacketType.NEWLEADER:
        this.#newLeader(packet);
        return;
      case QuorumPacketType.UPTODATE:
        this.#upToDate();
        return;
      case QuorumPacketType.SYNC:
      case QuorumPacketType.REVALIDATE:
        throw new Refusal(`${packetName(packet.type)}, which nobody asked for`);
      default:
        this.#transaction(packet);
    }
  }

  #newLeader({ zxid, data }: QuorumPacket): void {
    if (this.#phase !== 'synchronizing') throw new Refusal('NEWLEADER again');
    if (requireEpochZxid(zxid) !== this.#epoch)
      throw new Refusal(`NEWLEADER of epoch ${requireEpochZxid(zxid)}, not ${this.#epoch}`);
    const { committed } = this.#history!;
    const syncTo = this.#syncTo!;
    if (committed < syncTo && counterOf(syncTo) !== 0) {
      throw new Refusal(
        `the leader promised transactions up to ${hex(syncTo)} and sent them up to ${hex(committed)}`,
      );
    }
    if (data !== null && data.byteLength > 1 && this.#options.reconfigEnabled) {
      this.#newConfig = data;
      this.#outputs.push({ kind: 'config', text: data, isActive: false });
    }
    if (this.#isSnapshot) {
      this.#outputs.push({ kind: 'takeSnapshot', zxid: committed });
      this.#enter('takingSnapshot');
    } else this.#secure(this.#epoch);
  }

  /**
   * Stores the current epoch behind the history it stands for, never before: with the new epoch and the old history a
   * server wins an election over those who have what it lacks (ZOOKEEPER-4643).
   */
  #secure(epoch: number): void {
    this.#securing = epoch;
    this.#enter('securing');
    this.#secureIfDurable();
  }

  #secureIfDurable(): void {
    if (!this.#history!.isDurable) return;
    if (this.#currentEpoch >= this.#securing) {
      this.#secured();
      return;
    }
    this.#outputs.push({ kind: 'storeEpoch', which: 'current', epoch: this.#securing });
    this.#enter('storingEpoch');
  }

  #secured(): void {
    const packet = this.#postponed;
    if (packet !== undefined) {
      this.#postponed = undefined;
      this.#enter('synchronizing');
      this.#transaction(packet);
      return;
    }
    // Only now: whoever counts this ACK counts on the whole history (ZOOKEEPER-4646, 3911, 3023).
    this.#send(ackPacket(zxidOf(this.#epoch, 0)));
    this.#history!.goLive();
    this.#enter('acknowledged');
  }

  #upToDate(): void {
    if (this.#phase !== 'acknowledged') throw new Refusal('UPTODATE before NEWLEADER');
    if (this.#newConfig !== undefined)
      this.#outputs.push({ kind: 'config', text: this.#newConfig, isActive: true });
    this.#send(ackPacket(zxidOf(this.#epoch, 0)));
    this.#outputs.push({ kind: 'serve' });
    this.#enter('broadcast');
    this.#acknowledge();
  }

  // Broadcast

  #broadcast(packet: QuorumPacket): void {
    switch (packet.type) {
      case QuorumPacketType.PING:
        this.#outputs.push({ kind: 'pinged', zxid: packet.zxid });
        return;
      case QuorumPacketType.SYNC:
      case QuorumPacketType.REVALIDATE:
        this.#outputs.push({ kind: 'deliver', packet });
        return;
      default:
        this.#transaction(packet);
    }
  }

  #transaction(packet: QuorumPacket): void {
    const epoch = this.#transactions!.take(packet, this.#currentEpoch);
    if (epoch !== undefined) {
      this.#postponed = packet;
      this.#secure(epoch);
    } else this.#acknowledge();
  }

  #durable(zxid: Zxid): void {
    this.#history?.durable(zxid);
    if (this.#phase === 'securing') this.#secureIfDurable();
    else this.#acknowledge();
  }

  /** Nothing before UPTODATE; and observers nothing at all: an observer master would break off. */
  #acknowledge(): void {
    if (this.#phase === 'broadcast' && !this.#options.isObserver) this.#history!.acknowledge();
  }

  // All phases

  #tick(now: number): void {
    const waitsForLeader = this.#wantsPackets || this.#phase === 'receivingSnapshot';
    if (!waitsForLeader) this.#patience.heard();
    // Until UPTODATE the leader may be waiting for somebody slower than us, for as long as `initLimit`.
    const limitMs = this.#phase === 'broadcast' ? this.#options.syncLimitMs : this.#options.initLimitMs;
    if (this.#patience.tick(now, limitMs) && waitsForLeader)
      throw new Refusal(`the leader was silent for ${limitMs} ms`);
  }

  #enter(phase: LearnerPhase): void {
    this.#phase = phase;
    this.#wantsPackets = isPhaseOfPackets(phase);
    this.#patience.heard();
  }

  #answers(phase: LearnerPhase, answer: LearnerInput['kind']): void {
    if (this.#phase !== phase) throw new TypeError(`${answer} while ${this.#phase}`);
  }

  #send(packet: QuorumPacket): void {
    this.#outputs.push({ kind: 'send', packet });
  }

  #note(text: string): void {
    this.#outputs.push({ kind: 'note', level: 'info', text });
  }

  #leave(reason: string, isFatal: boolean): void {
    this.#enter('left');
    this.#history = undefined;
    this.#transactions = undefined;
    this.#outputs.push({ kind: 'leave', reason, isFatal, isTreeTorn: this.#isTreeTorn });
  }
}

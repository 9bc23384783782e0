import { epochOf, QuorumPacket, QuorumPacketType, type Zxid, zxidOf } from '@corral/protocol';
import { isSuccessor } from '../src/committed-log.ts';
import { Learner } from '../src/learner.ts';
import type { LearnerInput, LearnerOutput } from '../src/learner-step.ts';
import { txnEntry, txnText } from './txn-text.ts';

/** A transaction as `1:5 x` would be: what log, tree and snapshot consist of here. */
export interface Written {
  readonly zxid: Zxid;
  readonly word: string;
}

/** What a crash leaves. */
export interface Disk {
  readonly accepted: number;
  readonly current: number;
  /** What the snapshot holds; empty where there is none. */
  readonly snapshot: readonly Written[];
  readonly log: readonly Written[];
}

/** What is read after a crash. */
export function recover({
  accepted,
  current,
  snapshot,
  log,
}: Disk): Disk & { readonly history: readonly Written[] } {
  const base = lastOf(snapshot);
  const history = [...snapshot];
  for (const written of log) {
    if (written.zxid <= base) continue;
    if (!isSuccessor(written.zxid, lastOf(history)))
      throw new Error(`the log has a hole before ${written.zxid}`);
    history.push(written);
  }
  // A snapshot of an epoch that was not stored yet: it holds what that epoch's leader had committed.
  const lifted = Math.max(current, epochOf(lastOf(history)));
  if (lifted > accepted) throw new Error(`epoch ${lifted} was never accepted`);
  return { accepted, current: lifted, snapshot, log, history };
}

export function lastOf(history: readonly Written[]): Zxid {
  return history.at(-1)?.zxid ?? zxidOf(0, 0);
}

/** How eager the disk is: whether the log is synced after each entry, or only when nothing else is left to do. */
export type SyncHabit = 'eager' | 'lazy';

/**
 * A follower with its disk, in steps that are each atomic: one effect on the disk, one packet sent, one packet taken. Who
 * watches may stop it after any of them, and has what a crash would leave.
 */
export class LearnerMember {
  readonly #learner: Learner;
  readonly #habit: SyncHabit;
  readonly #inbox: QuorumPacket[] = [];
  readonly #leaderTree: () => readonly Written[];
  readonly sent: QuorumPacket[] = [];
  accepted: number;
  current: number;
  snapshot: readonly Written[];
  log: Written[];
  #durable: number;
  tree: Written[];
  #held: Written[] = [];
  isServing = false;
  left: Extract<LearnerOutput, { kind: 'leave' }> | undefined;
  /** What is to be done next, in order: effects of outputs, and the answers behind them. */
  #todo: (() => void)[] = [];

  /** @param leaderTree what SNAP brings */
  constructor(disk: Disk, habit: SyncHabit, leaderTree: () => readonly Written[]) {
    const { accepted, current, history, log, snapshot } = recover(disk);
    this.accepted = accepted;
    this.current = current;
    this.snapshot = snapshot;
    this.log = [...log];
    this.#durable = this.log.length;
    this.tree = [...history];
    this.#habit = habit;
    this.#leaderTree = leaderTree;
    this.#learner = new Learner({
      sid: 1,
      isObserver: false,
      syncEnabled: true,
      acceptedEpoch: accepted,
      currentEpoch: current,
      lastLoggedZxid: lastOf(history),
      configVersion: 0,
      reconfigEnabled: false,
      tickMs: 1000,
      initLimitMs: 10_000,
      syncLimitMs: 5000,
    });
    this.#todo.push(() => this.#step({ kind: 'connected' }));
  }

  /** What a crash now would leave: of what was not synced, nothing or all. */
  disk(keepsUnsynced: boolean): Disk {
    const { accepted, current, snapshot } = this;
    return {
      accepted,
      current,
      snapshot,
      log: keepsUnsynced ? [...this.log] : this.log.slice(0, this.#durable),
    };
  }

  receive(packets: readonly QuorumPacket[]): void {
    this.#inbox.push(...packets);
  }

  /** Does the next thing. @returns whether there was one */
  advance(): boolean {
    const next = this.#todo.shift();
    if (next !== undefined) next();
    else if (this.#habit === 'lazy' && this.#learner.wantsPackets && this.#takePacket()) return true;
    else if (this.#durable < this.log.length) this.#syncLog();
    else return this.#learner.wantsPackets && this.#takePacket();
    return true;
  }

  /** The link is lost. What is under way comes to its end, as the host must let it. */
  disconnect(): void {
    this.#step({ kind: 'disconnected' });
    for (let next = this.#todo.shift(); next !== undefined; next = this.#todo.shift()) next();
  }

  #takePacket(): boolean {
    const packet = this.#inbox.shift();
    if (packet === undefined) return false;
    this.#step({ kind: 'packet', packet });
    return true;
  }

  #syncLog(): void {
    this.#durable = this.log.length;
    this.#step({ kind: 'durable', zxid: this.log.at(-1)!.zxid });
  }

  #step(input: LearnerInput): void {
    for (const output of this.#learner.step(input)) this.#do(output);
  }

  #do(output: LearnerOutput): void {
    const later = (...effects: (() => void)[]): void => void this.#todo.push(...effects);
    switch (output.kind) {
      case 'send':
        return later(() => void this.sent.push(output.packet));
      case 'storeEpoch':
        return later(
          () => void (this[output.which] = output.epoch),
          () => this.#step({ kind: 'epochStored', which: output.which, epoch: output.epoch }),
        );
      case 'receiveSnapshot':
        return later(() => {
          this.tree = [...this.#leaderTree()].filter(({ zxid }) => zxid <= output.zxid);
          this.#held = [];
          this.#step({ kind: 'snapshotReceived' });
        });
      case 'truncate':
        return later(
          () => this.#truncate(output.zxid),
          () => this.#step({ kind: 'truncated' }),
        );
      case 'takeSnapshot':
        return later(
          () => this.#cutLog(({ zxid }) => zxid <= output.zxid),
          () => void (this.snapshot = [...this.tree]),
          () => this.#cutLog(() => false),
          () => this.#step({ kind: 'snapshotTaken' }),
        );
      case 'append':
      case 'hold':
        return later(() => {
          const written = { zxid: output.zxid, word: txnText(output.entry) };
          this.#held.push(written);
          if (output.kind === 'append') this.log.push(written);
        });
      case 'commit':
        return later(() => {
          while (this.#held.length > 0 && this.#held[0]!.zxid <= output.zxid)
            this.tree.push(this.#held.shift()!);
        });
      case 'serve':
        return later(() => void (this.isServing = true));
      case 'leave':
        this.left = output;
        return undefined;
      default:
        return undefined;
    }
  }

  #truncate(zxid: Zxid): void {
    this.#cutLog((written) => written.zxid <= zxid);
    this.tree = [...recover(this.disk(false)).history];
  }

  #cutLog(keep: (written: Written) => boolean): void {
    this.log = this.log.filter(keep);
    this.#durable = this.log.length;
  }
}

/** A leader with a history: what it sends to bring a follower up to date, and then a little more. */
export class ScriptedLeader {
  readonly epoch: number;
  /** Committed, all of epochs before this one's. */
  readonly history: readonly Written[];
  /** Proposed in this epoch: outstanding while the follower synchronises, and committed behind its ACK. */
  readonly outstanding: readonly Written[];
  readonly #sendsSnapshot: boolean;
  #taken = 0;

  constructor(
    epoch: number,
    history: readonly Written[],
    outstanding: readonly Written[],
    sendsSnapshot: boolean,
  ) {
    this.epoch = epoch;
    this.history = history;
    this.outstanding = outstanding;
    this.#sendsSnapshot = sendsSnapshot;
  }

  get whole(): readonly Written[] {
    return [...this.history, ...this.outstanding];
  }

  /** What it answers to the packets it has not seen yet. */
  answer(sent: readonly QuorumPacket[]): readonly QuorumPacket[] {
    const answers: QuorumPacket[] = [];
    while (this.#taken < sent.length) answers.push(...this.#answerOne(sent, this.#taken++));
    return answers;
  }

  #answerOne(sent: readonly QuorumPacket[], at: number): readonly QuorumPacket[] {
    const { type, zxid } = sent[at]!;
    const epochZxid = zxidOf(this.epoch, 0);
    if (type === QuorumPacketType.FOLLOWERINFO) {
      return [new QuorumPacket(QuorumPacketType.LEADERINFO, epochZxid, Uint8Array.of(0, 1, 0, 0), null)];
    }
    if (type === QuorumPacketType.ACKEPOCH) {
      return [
        ...this.#synchronise(zxid as Zxid),
        new QuorumPacket(QuorumPacketType.NEWLEADER, epochZxid, null, null),
      ];
    }
    const isFirstAck = sent.findIndex((packet) => packet.type === QuorumPacketType.ACK) === at;
    if (type !== QuorumPacketType.ACK || !isFirstAck) return [];
    const commits = this.outstanding.map((written) => commitOf(written.zxid));
    const half = Math.ceil(commits.length / 2);
    const upToDate = new QuorumPacket(QuorumPacketType.UPTODATE, -1, null, null);
    return [...commits.slice(0, half), upToDate, ...commits.slice(half)];
  }

  #synchronise(peer: Zxid): readonly QuorumPacket[] {
    const last = lastOf(this.history);
    const outstanding = this.outstanding.map(proposalOf);
    const shared = this.history.filter(({ zxid }) => zxid <= peer);
    const common = lastOf(shared);
    const mayTruncate = epochOf(common) === epochOf(peer);
    if (this.#sendsSnapshot || (common !== peer && !mayTruncate)) {
      // Cut in the middle of things: the last two came while it was sent, and one of them is in it already.
      const at = this.history.at(-2)?.zxid ?? last;
      const behind = this.history
        .filter(({ zxid }) => zxid >= at)
        .flatMap((written) => [proposalOf(written), commitOf(written.zxid)]);
      return [new QuorumPacket(QuorumPacketType.SNAP, at, null, null), ...behind, ...outstanding];
    }
    const missing = this.history
      .slice(shared.length)
      .flatMap((written) => [proposalOf(written), commitOf(written.zxid)]);
    const kind = common === peer ? QuorumPacketType.DIFF : QuorumPacketType.TRUNC;
    return [new QuorumPacket(kind, common === peer ? last : common, null, null), ...missing, ...outstanding];
  }
}

function proposalOf({ zxid, word }: Written): QuorumPacket {
  return new QuorumPacket(QuorumPacketType.PROPOSAL, zxid, txnEntry(zxid, word), null);
}

function commitOf(zxid: Zxid): QuorumPacket {
  return new QuorumPacket(QuorumPacketType.COMMIT, zxid, null, null);
}

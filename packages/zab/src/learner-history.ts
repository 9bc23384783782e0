import { counterOf, epochOf, type Zxid } from '@corral/protocol';
import { isSuccessor } from './committed-log.ts';
import { Fifo } from './fifo.ts';
import { ackPacket } from './learner-packets.ts';
import type { LearnerOutput } from './learner-step.ts';
import { hex, type Proposal } from './proposal.ts';
import { Refusal } from './refusal.ts';

/** Transactions a leader may propose and leave uncommitted. Far above what one lets in; beyond, the learner leaves. */
export const UNCOMMITTED_BYTES_MAX = 0x4000_0000;

/**
 * What a learner has of the leader's history: proposals come in order and without a gap, are committed in that order,
 * and are acknowledged once they are durable.
 *
 * Until the learner is *live* (NEWLEADER acknowledged) a proposal waits here and reaches the log only together with its
 * commit. So the log never holds more than the leader called committed before the epoch is stored, and a crash leaves
 * the leader's history up to some point: a DIFF of any length passes through without gathering anywhere. Afterwards
 * proposals are logged as they come.
 */
export class LearnerHistory {
  readonly #outputs: LearnerOutput[];
  readonly #keepsLog: boolean;
  readonly #epoch: number;
  readonly #uncommitted: Fifo<Proposal> = new Fifo();
  #uncommittedBytes = 0;
  readonly #unacknowledged: Fifo<Zxid> = new Fifo();
  /** The last proposal taken, or where synchronisation began. */
  #last: Zxid;
  /** The newest zxid that is committed. */
  #committed: Zxid;
  #appended: Zxid;
  #durable: Zxid;
  /** Where the leader's snapshot stands while it is not durable: nothing is logged until then. */
  #snapshotAt: Zxid | undefined;
  #isLive = false;

  /**
   * @param base where log and tree end, or the snapshot the leader sent
   * @param isSnapshot it is in no log yet
   */
  constructor(outputs: LearnerOutput[], keepsLog: boolean, epoch: number, base: Zxid, isSnapshot: boolean) {
    this.#outputs = outputs;
    this.#keepsLog = keepsLog;
    this.#epoch = epoch;
    this.#last = base;
    this.#committed = base;
    this.#appended = base;
    this.#durable = base;
    this.#snapshotAt = isSnapshot ? base : undefined;
  }

  get committed(): Zxid {
    return this.#committed;
  }

  /** Whether NEWLEADER is acknowledged. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Whether all that was appended is durable. */
  get isDurable(): boolean {
    return this.#durable >= this.#appended;
  }

  /** Whether committing `zxid` now would log it. */
  logs(zxid: Zxid): boolean {
    return this.#keepsLog && this.#snapshotAt === undefined && zxid > this.#appended;
  }

  /** Whether this may come now: nothing is missing before it, and it is of an epoch that may speak. */
  admit(proposal: Proposal): void {
    const { zxid } = proposal;
    const epoch = epochOf(zxid);
    if (epoch > this.#epoch || (this.#isLive && epoch !== this.#epoch)) {
      throw new Refusal(`transaction ${hex(zxid)} is not of epoch ${this.#epoch}`);
    }
    // Apache's leaders queue what was committed while they cut the snapshot: the snapshot holds it already.
    const isCovered = !this.#isLive && this.#snapshotAt === this.#last && zxid <= this.#last;
    if (isCovered) proposal.standing = 'covered';
    else if (zxid === this.#last && proposal.isError) proposal.standing = 'repeat';
    else if (!isSuccessor(zxid, this.#last)) {
      throw new Refusal(`transaction ${hex(zxid)} does not follow ${hex(this.#last)}`);
    }
  }

  /** Takes what was admitted: it waits for its commit. */
  propose(proposal: Proposal): void {
    if (proposal.standing === 'repeat') {
      this.#repeat(proposal);
      return;
    }
    if (proposal.standing === 'next') this.#last = proposal.zxid;
    this.#uncommitted.push(proposal);
    this.#uncommittedBytes += proposal.entry.byteLength;
    if (this.#uncommittedBytes > UNCOMMITTED_BYTES_MAX) {
      throw new Refusal(`${this.#uncommitted.size} proposals wait for their commit`);
    }
    if (!this.#isLive) return;
    this.#handOver(proposal);
    this.#unacknowledged.push(proposal.zxid);
  }

  /**
   * Apache's leaders commit a zxid once, so a repeat is committed with what it repeats; where that is committed already,
   * they never commit the repeat (and nothing behind it). It changes nothing, so its client is answered at once. Before
   * anybody is served there is nobody to answer.
   */
  #repeat(proposal: Proposal): void {
    if (!this.#isLive) return;
    this.#handOver(proposal);
    if (proposal.zxid <= this.#committed) this.#commit(this.#committed);
    this.#unacknowledged.push(proposal.zxid);
  }

  /** The proposal that a COMMIT of `zxid` means: only the oldest can be. */
  head(zxid: Zxid): Proposal {
    const head = this.#uncommitted.peek();
    if (head === undefined) throw new Refusal(`COMMIT of ${hex(zxid)}, which was not proposed`);
    if (head.zxid === zxid) return head;
    throw new Refusal(`COMMIT of ${hex(zxid)} where ${hex(head.zxid)} is next`, this.#isLive);
  }

  /** Commits the oldest proposal. */
  commitHead(): void {
    const proposal = this.#uncommitted.shift()!;
    this.#uncommittedBytes -= proposal.entry.byteLength;
    if (proposal.standing === 'covered') return;
    if (!this.#isLive) this.#handOver(proposal);
    this.#commit(proposal.zxid);
  }

  /** As `admit`, for an observer. What old leaders proposed to it before, and never commit, may come. */
  admitInform(proposal: Proposal): void {
    if (this.#uncommitted.peek()?.zxid !== proposal.zxid) this.admit(proposal);
  }

  /** An observer hears of transactions when they are committed. Takes what was admitted. */
  inform(proposal: Proposal): void {
    if (this.#uncommitted.peek()?.zxid === proposal.zxid) {
      this.commitHead();
      return;
    }
    if (proposal.standing === 'covered') return;
    this.#last = proposal.zxid;
    this.#handOver(proposal);
    this.#commit(proposal.zxid);
  }

  /** The tree is on disk as a snapshot, and the log goes on behind it. */
  snapshotTaken(): void {
    this.#snapshotAt = undefined;
    this.#appended = this.#committed;
    this.#durable = this.#committed;
  }

  /** NEWLEADER is acknowledged: what waits, and what comes from now on, is logged at once. */
  goLive(): void {
    this.#isLive = true;
    for (const proposal of this.#uncommitted) {
      if (proposal.standing === 'covered') continue;
      this.#handOver(proposal);
      this.#unacknowledged.push(proposal.zxid);
    }
  }

  durable(zxid: Zxid): void {
    if (zxid > this.#durable) this.#durable = zxid;
  }

  /** One ACK for each proposal that is durable, in order (Java: SendAckRequestProcessor). */
  acknowledge(): void {
    for (let next = this.#unacknowledged.peek(); next !== undefined; next = this.#unacknowledged.peek()) {
      if (next > this.#durable) return;
      this.#unacknowledged.shift();
      this.#outputs.push({ kind: 'send', packet: ackPacket(next) });
    }
  }

  #handOver({ zxid, entry, txn, standing }: Proposal): void {
    if (standing === 'next' && this.logs(zxid)) {
      this.#appended = zxid;
      this.#outputs.push({ kind: 'append', zxid, entry, txn });
    } else this.#outputs.push({ kind: 'hold', zxid, entry, txn });
  }

  #commit(zxid: Zxid): void {
    this.#committed = zxid;
    this.#outputs.push({ kind: 'commit', zxid });
  }
}

/** Apache 3.9 proposes an error under zxid `epoch << 32` where a request it cannot read is an epoch's first, and never commits it. */
export function isVoid({ zxid, isError }: Proposal): boolean {
  return isError && counterOf(zxid) === 0;
}

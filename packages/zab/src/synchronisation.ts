import { type QuorumPacket, QuorumPacketType, type Zxid } from '@corral/protocol';
import { bare, proposal } from './leader-packets.ts';
import type { LeaderOutput, LogExtent } from './leader-step.ts';
import type { LearnerProgress } from './learner-progress.ts';
import { hex } from './proposal.ts';
import { planSync, type SyncPlan, type SyncSource } from './sync-plan.ts';
import { SyncThrottle } from './sync-throttle.ts';

export interface SynchronisationLimits {
  readonly maxConcurrentSnapSyncs: number;
  readonly maxConcurrentDiffSyncs: number;
}

/** Proposals that are not committed: those who acknowledge them must have them too. */
export interface InFlight {
  readonly committed: Zxid;
  readonly lastProposed: Zxid;
  entryOf(zxid: Zxid): Uint8Array;
}

/**
 * Brings learners to where this leader is: what it takes out of the committed log, the disk and the tree, then what is in
 * flight, then NEWLEADER. All of it is put out in one step, so no proposal or commit can fall between.
 */
export class Synchronisation {
  readonly #inFlight: InFlight | undefined;
  readonly #out: LeaderOutput[];
  readonly #snaps: SyncThrottle;
  readonly #diffs: SyncThrottle;

  /** @param inFlight undefined where nobody votes */
  constructor(inFlight: InFlight | undefined, out: LeaderOutput[], limits: SynchronisationLimits) {
    this.#inFlight = inFlight;
    this.#out = out;
    this.#snaps = new SyncThrottle(limits.maxConcurrentSnapSyncs);
    this.#diffs = new SyncThrottle(limits.maxConcurrentDiffSyncs);
  }

  /** False where too many learners synchronise already. Leaves the learner `locating` where the disk must be asked first. */
  begin(
    learner: LearnerProgress,
    source: SyncSource,
    extent: LogExtent | undefined | 'unasked',
    newLeader: QuorumPacket,
  ): boolean {
    const plan = planSync(learner.lastZxid, source, extent);
    if (plan.kind === 'locate') {
      learner.phase = 'locating';
      this.#out.push({ kind: 'locateLog', link: learner.link, zxid: learner.lastZxid as Zxid });
      return true;
    }
    const throttledAs = plan.kind === 'SNAP' ? 'SNAP' : 'DIFF';
    if (!this.#throttle(throttledAs).begin(!learner.isObserver)) return false;
    learner.throttledAs = throttledAs;
    const after = this.#sendHistory(learner, plan, source);
    if (!learner.isObserver) this.#sendProposals(learner, after);
    this.#send(learner, newLeader);
    learner.phase = 'syncing';
    return true;
  }

  /** It has acknowledged NEWLEADER, or is gone. */
  end(learner: LearnerProgress): void {
    if (learner.throttledAs === undefined) return;
    this.#throttle(learner.throttledAs).end();
    learner.throttledAs = undefined;
  }

  /** Returns the last zxid that the learner has then. */
  #sendHistory(
    learner: LearnerProgress,
    plan: Exclude<SyncPlan, { kind: 'locate' }>,
    source: SyncSource,
  ): Zxid {
    const { link, sid } = learner;
    if (plan.kind === 'SNAP') {
      this.#note(
        sid,
        `SNAP at ${hex(source.lastProcessed)}, the learner is at ${hex(learner.lastZxid as Zxid)}`,
      );
      this.#out.push({ kind: 'sendSnapshot', link, zxid: source.lastProcessed });
      return source.lastProcessed;
    }
    this.#note(sid, `${plan.kind} to ${hex(plan.zxid)}, the learner is at ${hex(learner.lastZxid as Zxid)}`);
    this.#send(learner, bare(QuorumPacketType[plan.kind], plan.zxid));
    if (plan.upTo === undefined) return this.#sendCommitted(learner, plan.after, source);
    this.#out.push({ kind: 'sendLog', link, after: plan.after, upTo: plan.upTo });
    return this.#sendCommitted(learner, plan.upTo, source);
  }

  #sendCommitted(learner: LearnerProgress, after: Zxid, { committedLog }: SyncSource): Zxid {
    let last = after;
    for (let i = committedLog.indexAbove(after); i < committedLog.size; i++) {
      last = committedLog.zxidAt(i);
      this.#send(learner, proposal(last, committedLog.entryAt(i)));
      this.#send(learner, bare(QuorumPacketType.COMMIT, last));
    }
    return last;
  }

  #sendProposals(learner: LearnerProgress, after: Zxid): void {
    if (this.#inFlight === undefined) return;
    const { committed, lastProposed } = this.#inFlight;
    for (let zxid = Math.max(after, committed) + 1; zxid <= lastProposed; zxid++)
      this.#send(learner, proposal(zxid as Zxid, this.#inFlight.entryOf(zxid as Zxid)));
  }

  #send(learner: LearnerProgress, packet: QuorumPacket): void {
    this.#out.push({ kind: 'send', links: [learner.link], packet });
  }

  #note(sid: number, text: string): void {
    this.#out.push({ kind: 'note', level: 'info', text, sid });
  }

  #throttle(kind: 'SNAP' | 'DIFF'): SyncThrottle {
    return kind === 'SNAP' ? this.#snaps : this.#diffs;
  }
}

import type { Zxid } from '@corral/protocol';
import { ZXID_NONE } from '@corral/protocol';
import type { LeaderOutput, Link } from './leader-step.ts';

/** How far a learner has come on its link. */
export type LearnerPhase =
  /** FOLLOWERINFO has come: the epoch is not chosen yet. */
  | 'joined'
  /** LEADERINFO is sent. */
  | 'invited'
  /** ACKEPOCH has come: no quorum has sent it yet. */
  | 'ready'
  /** The host looks into its log. */
  | 'locating'
  /** Everything up to NEWLEADER is sent. */
  | 'syncing'
  /** It has acknowledged NEWLEADER: this leader is not established yet. */
  | 'acked'
  /** UPTODATE is sent. */
  | 'synced';

/** One learner on one link. Times are counted in beats: halves of a tick. */
export class LearnerProgress {
  readonly link: Link;
  readonly sid: number;
  readonly isObserver: boolean;
  readonly joinedAt: number;
  phase: LearnerPhase = 'joined';
  /** The beat in which it was heard of last. */
  heardAt: number;
  /** Its last logged zxid, as ACKEPOCH told. */
  lastZxid = -1;
  /** The last proposal it has acknowledged on this link. */
  acked: Zxid = ZXID_NONE;
  /** The proposal whose acknowledgement is timed; 0 where there is none. One at a time is enough: when it comes, the latest is next. */
  awaited: Zxid = ZXID_NONE;
  awaitedSince = 0;
  /**
   * What was committed while it synchronised, for after its UPTODATE. Apache's followers up to 3.9.2 forget what came before
   * NEWLEADER as soon as they have logged it, and break down at a COMMIT of it that comes before UPTODATE; then they come
   * again, with part of their log twice (ZOOKEEPER-4394).
   */
  readonly owed: LeaderOutput[] = [];
  /** Which throttle counts its synchronisation. */
  throttledAs: 'SNAP' | 'DIFF' | undefined = undefined;
  /** PINGs sent behind UPTODATE, each of which is answered, and the answers. */
  pingsSent = 0;
  pingsAnswered = 0;
  /** The PING from which on an answer shows that it followed when the round of syncs began; 0: none sent in that round. */
  roundPing = 0;

  constructor(link: Link, sid: number, isObserver: boolean, beat: number) {
    this.link = link;
    this.sid = sid;
    this.isObserver = isObserver;
    this.joinedAt = beat;
    this.heardAt = beat;
  }

  /** Whether proposals and commits, or INFORMs, go to it. */
  get isForwarded(): boolean {
    return this.phase === 'syncing' || this.phase === 'acked' || this.phase === 'synced';
  }

  /** Commits from `from` to `to`, to be sent behind UPTODATE. */
  oweCommits(from: Zxid, to: Zxid): void {
    const last = this.owed.at(-1);
    if (last?.kind === 'sendCommits') this.owed[this.owed.length - 1] = { ...last, to };
    else this.owed.push({ kind: 'sendCommits', links: [this.link], from, to });
  }

  /** A proposal is on its way to it. */
  await(zxid: Zxid, beat: number): void {
    if (this.awaited !== ZXID_NONE) return;
    this.awaited = zxid;
    this.awaitedSince = beat;
  }
}

import { QuorumPacketType, type Zxid, ZXID_NONE } from '@corral/protocol';
import type { Broadcast } from './broadcast.ts';
import { bare } from './leader-packets.ts';
import type { LeaderOutput, Link } from './leader-step.ts';
import type { LearnerLinks } from './learner-links.ts';
import type { LearnerProgress } from './learner-progress.ts';
import type { QuorumRounds } from './quorum-rounds.ts';

/** Somebody who waits for the commit of `zxid` and, where asked for, for the round trip with a quorum. */
interface SyncRequest {
  readonly token: number;
  /** Absent: a client of the leader itself. */
  readonly link: Link | undefined;
  readonly zxid: Zxid;
  /** 0: none is waited for. */
  readonly round: number;
}

/**
 * Answers syncs in the order in which they came, which is the order of what they wait for. As many wait as the host admits
 * requests. The PINGs are here since their answers are what a linearizable sync waits for.
 */
export class Syncs {
  readonly #broadcast: Broadcast;
  readonly #links: LearnerLinks;
  readonly #rounds: QuorumRounds;
  readonly #out: LeaderOutput[];
  readonly #isLinearizable: boolean;
  #queue: SyncRequest[] = [];
  #head = 0;

  constructor(
    broadcast: Broadcast,
    links: LearnerLinks,
    rounds: QuorumRounds,
    out: LeaderOutput[],
    isLinearizable: boolean,
  ) {
    this.#broadcast = broadcast;
    this.#links = links;
    this.#rounds = rounds;
    this.#out = out;
    this.#isLinearizable = isLinearizable;
  }

  ask(token: number, link: Link | undefined): void {
    const round = this.#isLinearizable ? this.#rounds.next : 0;
    this.#queue.push({ token, link, zxid: this.#broadcast.lastProposed, round });
    this.answer();
  }

  get waiting(): number {
    return this.#queue.length - this.#head;
  }

  /** What was proposed last before the sync that has waited longest; undefined where none waits. */
  get barrier(): Zxid | undefined {
    return this.#queue[this.#head]?.zxid;
  }

  /**
   * Answers the syncs that came when `barrier` had been proposed last, because a later proposal is about to be
   * committed: what a client reads behind its sync must not show what it wrote behind that. No round trip is waited for,
   * since the quorum that has acknowledged the later proposal followed this leader when it did.
   */
  overtake(barrier: Zxid): void {
    for (let next = this.#queue[this.#head]; next?.zxid === barrier; next = this.#queue[this.#head]) {
      this.#head += 1;
      this.#done(next);
    }
    this.#forgetAnswered();
  }

  /** To be called when something was committed. */
  answer(): void {
    const last = this.#queue.at(-1);
    if (last === undefined) return;
    if (last.round >= this.#rounds.next && !this.#rounds.isRunning) this.#beginRound();
    const { committed } = this.#broadcast;
    const { confirmed } = this.#rounds;
    while (this.#head < this.#queue.length) {
      const next = this.#queue[this.#head]!;
      if (next.zxid > committed || next.round > confirmed) return;
      this.#head += 1;
      this.#done(next);
    }
    this.#forgetAnswered();
  }

  /** A PING to all that are synchronised. */
  ping(): void {
    const { synced } = this.#links;
    if (synced.length === 0) return;
    const packet = bare(QuorumPacketType.PING, this.#broadcast.lastProposed);
    this.#out.push({ kind: 'send', links: synced, packet });
    this.#rounds.pinged();
  }

  pinged(learner: LearnerProgress): void {
    this.#rounds.answered(learner);
    if (!this.#rounds.isRunning || learner.isObserver) return;
    this.#rounds.tryConfirm(this.#broadcast.configs);
    this.answer();
  }

  #forgetAnswered(): void {
    if (this.#head < this.#queue.length) return;
    this.#queue = [];
    this.#head = 0;
  }

  #beginRound(): void {
    this.#rounds.begin();
    this.ping();
    this.#rounds.tryConfirm(this.#broadcast.configs);
  }

  #done({ token, link }: SyncRequest): void {
    if (link === undefined) this.#out.push({ kind: 'syncDone', token });
    else if (this.#links.get(link) !== undefined)
      this.#out.push({ kind: 'send', links: [link], packet: bare(QuorumPacketType.SYNC, ZXID_NONE) });
  }
}

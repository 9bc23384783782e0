import { NO_VOTE, type Notification, ServerState } from '@corral/protocol';
import { BackOff } from './back-off.ts';
import { Ballots } from './ballots.ts';
import type { Electorate } from './electorate.ts';
import { notificationOf, type Outbox } from './outbox.ts';
import { isRound } from './round.ts';
import { isBetterVote, type Vote, voteIn } from './vote.ts';

export interface Patience {
  /** How long a quorum waits for something better to turn up. */
  readonly finalizeWaitMs: number;
  readonly minNotificationIntervalMs: number;
  readonly maxNotificationIntervalMs: number;
}

/**
 * One search for a leader (FastLeaderElection.lookForLeader), from its first proposal to the vote it ends with: each
 * method that may be the end returns that vote.
 *
 * Everybody proposes itself, adopts what is better and says so, and ends where a quorum has given one and the same vote.
 * Who comes late finds a quorum of settled servers that name one leader, and joins them.
 */
export class Looking {
  readonly #sid: number;
  readonly #electorate: Electorate;
  readonly #outbox: Outbox;
  readonly #patience: Patience;
  /** What this server says of itself, but for the round. A higher round is entered with this, not with what was adopted. */
  readonly #initial: Omit<Vote, 'electionEpoch'>;
  #proposal: Vote;
  /** The words of this round, this server's own among them; those of settled servers, too. */
  readonly #ballots = new Ballots();
  /** The words of servers that have settled, in whatever round. Who looks again, or is down, is no longer among them. */
  readonly #settled = new Ballots();
  /** Voters that are down for sure. Subset of the voters. */
  readonly #down = new Set<number>();
  /** While waiting for something better: those that came with a higher round and nothing better. At most one per voter. */
  readonly #latecomers = new Map<number, Notification>();
  readonly #backOff: BackOff;
  #resendAt = 0;
  /** When the quorum has waited long enough; undefined while there is none. */
  #finalAt: number | undefined = undefined;

  constructor(sid: number, electorate: Electorate, initial: Vote, patience: Patience, outbox: Outbox) {
    this.#sid = sid;
    this.#electorate = electorate;
    this.#initial = initial;
    this.#proposal = initial;
    this.#patience = patience;
    this.#outbox = outbox;
    this.#backOff = new BackOff(patience.minNotificationIntervalMs, patience.maxNotificationIntervalMs);
  }

  get proposal(): Vote {
    return this.#proposal;
  }

  get round(): number {
    return this.#proposal.electionEpoch;
  }

  /** Voters that have spoken in the last moments and are owed an answer. */
  get latecomers(): Iterable<number> {
    return this.#latecomers.keys();
  }

  start(now: number): Vote | undefined {
    this.#announce(now);
    this.#wake();
    return this.#count(now);
  }

  /** Of a voter, other than this server. */
  hear(from: number, n: Notification, now: number): Vote | undefined {
    this.#down.delete(from);
    if (n.state === ServerState.LOOKING) this.#settled.delete(from);
    if (!this.#electorate.isVoter(n.leader)) {
      if (n.leader !== NO_VOTE)
        this.#outbox.note('warn', `${from} votes for ${n.leader}, which has no vote itself`);
      return undefined;
    }
    if (n.state === ServerState.LOOKING) return this.#hearLooking(from, n, now);
    if (n.state === ServerState.OBSERVING) return undefined;
    return this.#hearSettled(from, n, now);
  }

  /** What was said by one that is gone is not waited for, and it leads nobody. */
  refused(sid: number): Vote | undefined {
    if (!this.#electorate.isVoter(sid) || sid === this.#sid) return undefined;
    this.#down.add(sid);
    this.#settled.delete(sid);
    return this.#finalAt !== undefined && this.#isNothingBetterToCome() ? this.#proposal : undefined;
  }

  tick(now: number, isDelivered: boolean): Vote | undefined {
    if (this.#finalAt !== undefined) {
      if (now >= this.#finalAt) return this.#proposal;
    } else if (now >= this.#resendAt) {
      this.#backOff.grow();
      if (isDelivered) this.#announce(now);
      else {
        this.#outbox.put({ kind: 'connectAll' });
        this.#resendAt = now + this.#backOff.waitMs;
      }
    }
    this.#wake();
    // An oracle behind the configuration may think otherwise by now (QuorumOracleMaj.revalidateVoteset).
    return this.#count(now);
  }

  /** Whether there is a quorum now: something else than a vote has changed. */
  recount(now: number): Vote | undefined {
    return this.#count(now);
  }

  #hearLooking(from: number, n: Notification, now: number): Vote | undefined {
    if (this.#initial.zxid === NO_DATA || n.zxid === NO_DATA) return undefined;
    if (!isRound(n.electionEpoch)) {
      this.#outbox.note('warn', `${from} is in round ${n.electionEpoch}, which cannot be`);
      return undefined;
    }
    if (n.electionEpoch !== this.round) this.#withdraw(from);
    if (n.electionEpoch < this.round) return undefined;
    if (n.electionEpoch > this.round) {
      if (this.#finalAt !== undefined && !this.#isBetter(n, this.#proposal)) {
        this.#latecomers.set(from, n);
        return undefined;
      }
      this.#enterRound(n, now);
    } else if (this.#isBetter(n, this.#proposal)) this.#adopt(voteIn(n), now);
    else if (!this.#ballots.has(from)) this.#tell(from);
    this.#ballots.put(from, n);
    return this.#count(now) ?? this.#hearLatecomers(now);
  }

  /** Its vote of this round does not stand any more: it has begun another one, or, after a crash, from the first. */
  #withdraw(from: number): void {
    this.#ballots.delete(from);
    if (this.#finalAt === undefined || this.#hasQuorum()) return;
    this.#finalAt = undefined;
    this.#wake();
  }

  /** Everything of the old round is void, what was adopted there included: whoever said it may be gone. */
  #enterRound(n: Notification, now: number): void {
    this.#ballots.clear();
    const own = { ...this.#initial, electionEpoch: n.electionEpoch };
    this.#adopt(this.#isBetter(n, own) ? voteIn(n) : own, now);
  }

  #adopt(vote: Vote, now: number): void {
    this.#proposal = vote;
    this.#finalAt = undefined;
    this.#backOff.reset();
    this.#announce(now);
    this.#wake();
  }

  /** There is something better than what the quorum had; so those that came meanwhile are heard after all. */
  #hearLatecomers(now: number): Vote | undefined {
    if (this.#finalAt !== undefined || this.#latecomers.size === 0) return undefined;
    const latecomers = [...this.#latecomers];
    for (const [sid, n] of latecomers) {
      if (!this.#latecomers.delete(sid)) continue;
      const end = this.#hearLooking(sid, n, now);
      if (end !== undefined) return end;
    }
    return undefined;
  }

  #hearSettled(from: number, n: Notification, now: number): Vote | undefined {
    if (n.electionEpoch === this.round) {
      this.#ballots.put(from, n);
      if (this.#mayJoin(this.#ballots, this.#ballots.agreeingInRound(n), n)) return voteIn(n);
      // It may have ended before this server, on the very votes that count here; if only its leader lives.
      const end = this.#ballots.has(this.#proposal.leader) ? this.#count(now) : undefined;
      if (end !== undefined) return end;
    }
    this.#settled.put(from, n);
    if (this.#mayJoin(this.#settled, this.#settled.agreeingAcrossRounds(n), n)) return voteIn(n);
    // Of two, the other one has the oracle's permission, so it leads (ZOOKEEPER-3922).
    const isGrantedToOther = this.#electorate.oracle === false && n.leader === from;
    return n.state === ServerState.LEADING && isGrantedToOther ? voteIn(n) : undefined;
  }

  /**
   * A quorum that names a leader is not enough: the leader itself must have said that it leads, otherwise all would elect,
   * over and over, one that has died. Of itself this server knows; it leads where it has taken part in that round.
   */
  #mayJoin(ballots: Ballots, supporters: ReadonlySet<number>, n: Notification): boolean {
    if (!this.#electorate.containsQuorum(supporters)) return false;
    return n.leader === this.#sid ? n.electionEpoch === this.round : ballots.isLeading(n.leader);
  }

  #isBetter(n: Notification, than: Vote): boolean {
    return this.#electorate.mayLead(n.leader) && isBetterVote(voteIn(n), than);
  }

  /** With a quorum for the proposal the wait for something better begins; it is over when nobody is left to bring it. */
  #count(now: number): Vote | undefined {
    if (!this.#hasQuorum()) {
      if (this.#finalAt === undefined) return undefined;
      this.#finalAt = undefined;
      this.#wake();
      return undefined;
    }
    if (this.#isNothingBetterToCome()) return this.#proposal;
    if (this.#finalAt === undefined) {
      this.#finalAt = now + this.#patience.finalizeWaitMs;
      this.#wake();
    }
    return undefined;
  }

  #hasQuorum(): boolean {
    return (
      this.#electorate.isVoter(this.#proposal.leader) &&
      this.#electorate.containsQuorum(this.#ballots.supportersOf(this.#proposal))
    );
  }

  /**
   * Who has spoken in this round has nothing better than the proposal: it would have been adopted. Votes for a leader that
   * is down are older than its fall: then there is time for it to come back.
   */
  #isNothingBetterToCome(): boolean {
    if (this.#down.has(this.#proposal.leader)) return false;
    for (const sid of this.#electorate.voters)
      if (!this.#ballots.has(sid) && !this.#down.has(sid)) return false;
    return true;
  }

  /**
   * Who speaks for the first time in this round may have begun to look only now, and has not heard what was said before.
   * In Apache it hears it again when somebody loses patience, so that it waits for something better in vain.
   */
  #tell(sid: number): void {
    this.#outbox.put({ kind: 'send', to: sid, notification: this.#word() });
  }

  #word(): Notification {
    return notificationOf(ServerState.LOOKING, this.#proposal, this.round, this.#electorate.text);
  }

  #announce(now: number): void {
    const notification = this.#word();
    for (const sid of this.#electorate.voters)
      if (sid !== this.#sid) this.#outbox.put({ kind: 'send', to: sid, notification });
    this.#resendAt = now + this.#backOff.waitMs;
    // A voter without data it may trust has no vote to give: it waits for the others (ZOOKEEPER-261).
    if (this.#initial.zxid !== NO_DATA) this.#ballots.putOwn(this.#sid, this.#proposal);
  }

  #wake(): void {
    this.#outbox.wake(this.#finalAt ?? this.#resendAt);
  }
}

/** The zxid of a server whose disk is empty though nobody said that it should be. */
const NO_DATA = -1;

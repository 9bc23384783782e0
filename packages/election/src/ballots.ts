import { type Notification, ServerState } from '@corral/protocol';
import { isSameVote, type Vote, voteIn } from './vote.ts';

/** What one server has said. */
export interface Ballot {
  readonly vote: Vote;
  readonly state: ServerState;
  readonly version: number;
}

/** The newest word of each voter, by its id. At most one per voter. */
export class Ballots {
  readonly #ballots = new Map<number, Ballot>();

  put(sid: number, n: Notification): void {
    this.#ballots.set(sid, { vote: voteIn(n), state: n.state, version: n.version });
  }

  putOwn(sid: number, vote: Vote): void {
    this.#ballots.set(sid, { vote, state: ServerState.LOOKING, version: 0 });
  }

  has(sid: number): boolean {
    return this.#ballots.has(sid);
  }

  delete(sid: number): void {
    this.#ballots.delete(sid);
  }

  clear(): void {
    this.#ballots.clear();
  }

  isLeading(sid: number): boolean {
    return this.#ballots.get(sid)?.state === ServerState.LEADING;
  }

  /** Who has said exactly this, of this round. */
  supportersOf(vote: Vote): Set<number> {
    return this.#sidsOf((ballot) => isSameVote(ballot.vote, vote));
  }

  /**
   * Who agrees with a settled server within one round. Those that have settled need only name the same leader: some of
   * them have followed it into its new epoch already, some have not.
   */
  agreeingInRound(n: Notification): Set<number> {
    const vote = voteIn(n);
    return this.#sidsOf((ballot) =>
      ballot.state === ServerState.LOOKING ? isSameVote(ballot.vote, vote) : ballot.vote.leader === n.leader,
    );
  }

  /**
   * Which settled servers agree with this one, whatever their rounds: the same leader in the same epoch. Zxid and round
   * are those of the moment each of them settled and may differ (ZOOKEEPER-1805, 1818). A server from before
   * ZOOKEEPER-1732 (version 0) has not moved its epoch on, so that beside a newer one only the leader is compared.
   */
  agreeingAcrossRounds(n: Notification): Set<number> {
    return this.#sidsOf(
      ({ vote, version }) =>
        vote.leader === n.leader && (vote.peerEpoch === n.peerEpoch || version > 0 !== n.version > 0),
    );
  }

  #sidsOf(isWanted: (ballot: Ballot) => boolean): Set<number> {
    const sids = new Set<number>();
    for (const [sid, ballot] of this.#ballots) if (isWanted(ballot)) sids.add(sid);
    return sids;
  }
}

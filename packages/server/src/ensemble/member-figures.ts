import type { Clock, Counter, Metrics, Summary } from '@corral/runtime';

/** How long it takes a member to find its place, under Apache's names (QuorumPeer, Leader, Follower). */
export class MemberFigures {
  readonly #clock: Clock;
  readonly #looking: Counter;
  readonly #disloyal: Counter;
  readonly #electionTime: Summary;
  readonly #unavailableTime: Summary;
  readonly #leaderUnavailableTime: Summary;
  /** Monotonic milliseconds; undefined while it leads or follows. */
  #unavailableSince: number | undefined = undefined;
  #lookingSince = 0;

  constructor(metrics: Metrics, clock: Clock) {
    this.#clock = clock;
    this.#looking = metrics.counter('looking_count');
    this.#disloyal = metrics.counter('quit_leading_due_to_disloyal_voter');
    this.#electionTime = metrics.summary('election_time');
    this.#unavailableTime = metrics.summary('unavailable_time');
    this.#leaderUnavailableTime = metrics.summary('leader_unavailable_time');
  }

  looks(): void {
    this.#lookingSince = this.#clock.monotonic();
    this.#unavailableSince ??= this.#lookingSince;
    this.#looking.add(1);
  }

  /** It has found its leader. Of an observer, who only hears of it, Apache keeps no time. */
  elected(isObserver: boolean): void {
    if (!isObserver) this.#electionTime.observe(this.#clock.monotonic() - this.#lookingSince);
  }

  /** It serves clients from now on. */
  established(isLeader: boolean): void {
    if (this.#unavailableSince === undefined) return;
    const ms = this.#clock.monotonic() - this.#unavailableSince;
    this.#unavailableSince = undefined;
    this.#unavailableTime.observe(ms);
    if (isLeader) this.#leaderUnavailableTime.observe(ms);
  }

  /** It gives up to lead, because one of its voters has. */
  quitsLeading(): void {
    this.#disloyal.add(1);
  }
}

import type { HostAndPort, QuorumConfig } from '@corral/protocol';
import type { Random } from '@corral/runtime';

/** Whom a learner connects to. */
export interface LearnerMaster {
  readonly sid: number;
  readonly addresses: readonly HostAndPort[];
  /** All others have been tried: this is the moment to wait a while. */
  readonly isLast: boolean;
}

/**
 * Whom an observer turns to: with `observerMasterPort` to the followers, one after another in an order of its own, so that
 * many observers spread over them; when none of them would have it, to the leader.
 */
export class LearnerMasters {
  readonly #port: number;
  readonly #random: Random;
  #config: QuorumConfig | undefined = undefined;
  #leader: number | undefined = undefined;
  #left: number[] = [];
  #wasLeaderLast = true;

  /** @param port `observerMasterPort`; 0: all go to the leader */
  constructor(port: number, random: Random) {
    this.#port = port;
    this.#random = random;
  }

  /** The next to be tried while that server leads. */
  next(config: QuorumConfig, leader: number): LearnerMaster {
    if (
      config !== this.#config ||
      leader !== this.#leader ||
      (this.#left.length === 0 && this.#wasLeaderLast)
    )
      this.#beginAnew(config, leader);
    const sid = this.#left.pop();
    this.#wasLeaderLast = sid === undefined;
    if (sid === undefined) return { sid: leader, addresses: addressesOf(config, leader), isLast: true };
    const addresses = addressesOf(config, sid).map(({ host }) => ({ host, port: this.#port }));
    return { sid, addresses, isLast: false };
  }

  #beginAnew(config: QuorumConfig, leader: number): void {
    this.#config = config;
    this.#leader = leader;
    this.#left = this.#port === 0 ? [] : [...config.voters].filter((sid) => sid !== leader);
    for (let i = this.#left.length - 1; i > 0; i--) {
      const other = this.#random.below(i + 1);
      [this.#left[i], this.#left[other]] = [this.#left[other]!, this.#left[i]!];
    }
  }
}

function addressesOf(config: QuorumConfig, sid: number): readonly HostAndPort[] {
  return config.servers.get(sid)?.addresses ?? [];
}

import type { QuorumVerifier } from '@corral/protocol';

/** Who votes, whose votes are enough, and who may be voted for: the configuration, and the one proposed, if there is one. */
export class Electorate {
  readonly config: QuorumVerifier;
  readonly voters: ReadonlySet<number>;
  /** What notifications carry; said once, for the configuration would build it each time. */
  readonly text: string;
  /** Whether the oracle lets one of two go on alone; undefined where it has not been asked. */
  oracle: boolean | undefined = undefined;
  readonly #configs: readonly QuorumVerifier[];

  constructor(config: QuorumVerifier, lastSeen?: QuorumVerifier) {
    const isProposed = lastSeen !== undefined && lastSeen.version > config.version;
    this.config = config;
    this.#configs = isProposed ? [config, lastSeen] : [config];
    this.voters = new Set(this.#configs.flatMap(({ voters }) => [...voters]));
    this.text = config.toString();
  }

  /** In either configuration (QuorumPeer.getCurrentAndNextConfigVoters). */
  isVoter(sid: number): boolean {
    return this.voters.has(sid);
  }

  /** A voter of weight 0 never leads. */
  mayLead(sid: number): boolean {
    return this.voters.has(sid) && this.config.weightOf(sid) !== 0;
  }

  /** Enough in both configurations: as long as one is proposed, the old and the new have to agree. */
  containsQuorum(sids: ReadonlySet<number>): boolean {
    return this.#configs.every((config) => config.containsQuorum(sids) || this.#isGranted(config));
  }

  #isGranted(config: QuorumVerifier): boolean {
    return this.oracle === true && config.voters.size === 2;
  }
}

import type { HostAndPort, QuorumConfig } from '@corral/protocol';
import type { ConfigStore } from '../config-store.ts';

/** The role that a change is looked at from. */
export interface TermRole {
  readonly leader: number;
  readonly isObserver: boolean;
}

/**
 * Who belongs to the ensemble, as this server knows it: the configuration in force, and the one that is proposed
 * (QuorumPeer.setQuorumVerifier, setLastSeenQuorumVerifier).
 */
export class Membership {
  readonly #sid: number;
  readonly #store: ConfigStore | undefined;
  #current: QuorumConfig;
  #newest: QuorumConfig;

  constructor(
    sid: number,
    current: QuorumConfig,
    proposed: QuorumConfig | undefined,
    store: ConfigStore | undefined,
  ) {
    this.#sid = sid;
    this.#store = store;
    this.#current = current;
    this.#newest = proposed !== undefined && proposed.version > current.version ? proposed : current;
  }

  get current(): QuorumConfig {
    return this.#current;
  }

  /** Undefined where it is the one in force. */
  get proposed(): QuorumConfig | undefined {
    return this.#newest === this.#current ? undefined : this.#newest;
  }

  /** Where the line of this server says that its clients connect. */
  get clientAddress(): HostAndPort | undefined {
    return this.#current.servers.get(this.#sid)?.client;
  }

  get isObserver(): boolean {
    return this.#current.observers.has(this.#sid);
  }

  /** False where it is known already. What a leader proposes anew replaces what an earlier one did. */
  propose(config: QuorumConfig): boolean {
    if (config.version <= this.#current.version || config.version === this.#newest.version) return false;
    this.#store?.proposed(config);
    this.#newest = config;
    return true;
  }

  /** Returns the configuration before; undefined where this one is not newer. */
  activate(config: QuorumConfig): QuorumConfig | undefined {
    const before = this.#current;
    if (config.version <= before.version) return undefined;
    const newest = this.#newest.version > config.version ? this.#newest : config;
    this.#store?.activated(config, newest.version);
    this.#current = config;
    this.#newest = newest;
    return before;
  }

  /**
   * Why this server cannot go on as it is now that the configuration is another one; undefined where it can. A server that
   * is left out goes on without a vote (QuorumPeer.processReconfig).
   *
   * @param designatedLeader who is to lead from now on, where somebody said so
   */
  reasonToLeave(
    before: QuorumConfig,
    role: TermRole,
    designatedLeader: number | undefined,
  ): string | undefined {
    if (before.equals(this.#current)) return undefined;
    if (this.isObserver !== role.isObserver)
      return this.isObserver ? 'it becomes an observer' : 'it is an observer no more';
    if (designatedLeader !== undefined)
      return designatedLeader === role.leader ? undefined : `server ${designatedLeader} is to lead`;
    return placeOf(before, role.leader) === placeOf(this.#current, role.leader)
      ? undefined
      : 'its leader is to be elsewhere';
  }

  /** Whether this server may lead under `config`: with a vote, at the address it has (Leader.getDesignatedLeader). */
  mayLead(config: QuorumConfig): boolean {
    return config.voters.has(this.#sid) && placeOf(config, this.#sid) === placeOf(this.#current, this.#sid);
  }
}

/** Where learners find a voter, as text; empty where it is none. */
function placeOf(config: QuorumConfig, sid: number): string {
  if (!config.voters.has(sid)) return '';
  return config.servers
    .get(sid)!
    .addresses.map(({ host, port }) => `${host} ${port}`)
    .join();
}

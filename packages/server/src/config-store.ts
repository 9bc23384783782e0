import type { QuorumConfig } from '@corral/protocol';

/**
 * Where a member keeps the configurations of its ensemble for its next start. Both calls return when that is durable:
 * what they are told is promised to others right after. Rare, so they may take their time.
 */
export interface ConfigStore {
  /** It was proposed: this server is to know of it after a restart, until it or a later one is in force. */
  proposed(config: QuorumConfig): void;
  /** It is in force. `newestVersion` is that of the newest proposed: the same, or it is still to be known. */
  activated(config: QuorumConfig, newestVersion: number): void;
}

import { type ClusterOptions, standardInvariants } from '@corral/testing';

const OF_GLOBAL_SESSIONS: ReadonlySet<string> = new Set(['acknowledged-is-committed', 'living-sessions']);

/**
 * Sessions are known to one server alone until they have an ephemeral node: what they write before that is of a session that
 * was never opened in the log, and their end is no transaction.
 */
export const LOCAL_SESSIONS: ClusterOptions = {
  ensemble: { localSessionsEnabled: true, localSessionsUpgradingEnabled: true },
  invariants: standardInvariants.filter(({ name }) => !OF_GLOBAL_SESSIONS.has(name)),
};

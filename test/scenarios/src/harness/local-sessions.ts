import { type ClusterOptions, standardInvariants } from '@corral/testing';

/** Sessions are known to one server alone until they have an ephemeral node. Their end is no transaction: one zxid answers several. */
export const LOCAL_SESSIONS: ClusterOptions = {
  ensemble: { localSessionsEnabled: true, localSessionsUpgradingEnabled: true },
  invariants: standardInvariants.filter(({ name }) => name !== 'acknowledged-is-committed'),
};

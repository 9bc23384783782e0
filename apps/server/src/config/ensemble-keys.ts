import { parseJavaInt, parseStrictBoolean, decodeJavaInt, LONG_MAX } from './java-values.ts';
import type { Draft } from './settings.ts';

/** Every key that means something to a member of an ensemble alone. A standalone server says that it has no effect. */
export const ensembleKeys: Readonly<Record<string, (draft: Draft, value: string, key: string) => void>> = {
  // QuorumPeerConfig.parseProperties
  connectToLearnerMasterLimit: strictInt((e, ticks) => (e.connectToLearnerMasterLimit = ticks)),
  electionAlg,
  localSessionsEnabled: strictBoolean((e, is) => (e.localSessionsEnabled = is)),
  localSessionsUpgradingEnabled: strictBoolean((e, is) => (e.localSessionsUpgradingEnabled = is)),
  'multiAddress.enabled': strictBoolean((e, is) => (e.multiAddress.enabled = is)),
  observerMasterPort: strictInt((e, port) => (e.observerMasterPort = Math.max(0, port))),
  oraclePath: (draft, value) => void (draft.file.oraclePath = value),
  peerType,
  quorumListenOnAllIPs: strictBoolean((e, is) => (e.quorumListenOnAllIPs = is)),
  syncEnabled: strictBoolean((e, is) => (e.syncEnabled = is)),

  // System properties.
  cnxTimeout: int((e, ms) => (e.cnxTimeout = ms)),
  commitLogCount: int((e, n) => (e.commitLogCount = n), { min: 500 }),
  'db.autocreate': boolean((e, is) => (e.dbAutocreate = is)),
  enableEagerACLCheck: boolean((_, is, draft) => (draft.server.enableEagerAclCheck = is)),
  electionPortBindRetry: int((e, n) => (e.electionPortBindRetry = n), { min: 0 }),
  'fastleader.maxNotificationInterval': int((e, ms) => (e.fastLeaderElection.maxNotificationInterval = ms)),
  'fastleader.minNotificationInterval': int((e, ms) => (e.fastLeaderElection.minNotificationInterval = ms)),
  forceSnapshotSync: boolean((e, is) => (e.forceSnapshotSync = is)),
  'leader.maxConcurrentDiffSyncs': int((e, n) => (e.maxConcurrentDiffSyncs = n), { min: 1 }),
  'leader.maxConcurrentSnapSyncs': int((e, n) => (e.maxConcurrentSnapSyncs = n), { min: 1 }),
  'leader.maxTimeToWaitForEpoch': int((e, ms) => (e.maxTimeToWaitForEpoch = ms)),
  leaderConnectDelayDuringRetryMs: int((e, ms) => (e.leaderConnectDelayDuringRetryMs = ms)),
  leaderServes: (draft, value) => void (draft.ensemble.leaderServes = value !== 'no'),
  'observer.election.DelayMs': int((e, ms) => (e.observerElectionDelayMs = ms), { max: LONG_MAX }),
  'observer.reconnectDelayMs': int((e, ms) => (e.observerReconnectDelayMs = ms), { max: LONG_MAX }),
  'observer.syncEnabled': boolean((_, is, draft) => (draft.file.observerSyncEnabled = is)),
  // Corral's own: Apache has no such sync.
  linearizableSync: boolean((e, is) => (e.linearizableSync = is)),
  quorumCnxnTimeoutMs: int((e, ms) => (e.quorumCnxnTimeoutMs = ms)),
  snapshotSizeFactor,
  tcpKeepAlive: boolean((e, is) => (e.tcpKeepAlive = is)),
};

type Ensemble = Draft['ensemble'];
type Read = (draft: Draft, value: string, key: string) => void;

function strictInt(set: (ensemble: Ensemble, value: number) => void): Read {
  return (draft, value) => set(draft.ensemble, parseJavaInt(value));
}

function strictBoolean(set: (ensemble: Ensemble, value: boolean) => void): Read {
  return (draft, value, key) => set(draft.ensemble, parseStrictBoolean(key, value));
}

/** Of nonsense, and of what is out of its range, the default stays. */
function int(
  set: (ensemble: Ensemble, value: number) => void,
  { min = -LONG_MAX, max }: { min?: number; max?: number } = {},
): Read {
  return (draft, value, key) => {
    const number = decodeJavaInt(value, max);
    if (number === undefined || number < min) sayDefaultStays(draft, key, value);
    else set(draft.ensemble, number);
  };
}

/** `Boolean.parseBoolean`: all but `true` is false. */
function boolean(set: (ensemble: Ensemble, value: boolean, draft: Draft) => void): Read {
  return (draft, value, key) => {
    const lower = value.toLowerCase();
    if (lower !== 'true' && lower !== 'false')
      draft.notices.push(`${key}=${value} is taken for false, as Apache takes it`);
    set(draft.ensemble, lower === 'true', draft);
  };
}

function electionAlg(_draft: Draft, value: string): void {
  if (parseJavaInt(value) !== 3) throw new Error('Invalid electionAlg value. Only 3 is supported.');
}

function peerType(draft: Draft, value: string): void {
  const type = value.toLowerCase();
  if (type !== 'participant' && type !== 'observer') throw new Error(`Unrecognised peertype: ${value}`);
  draft.file.peerType = type;
}

/** `ZKDatabase`: a part of the snapshot, at most all of it; below zero, logs are never sent. */
function snapshotSizeFactor(draft: Draft, value: string, key: string): void {
  const factor = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(value) ? Number(value) : Number.NaN;
  if (factor <= 1) draft.ensemble.snapshotSizeFactor = factor;
  else sayDefaultStays(draft, key, value);
}

function sayDefaultStays(draft: Draft, key: string, value: string): void {
  draft.notices.push(`${key}=${value} is not a number this key can have: the default stays`);
}

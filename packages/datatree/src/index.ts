export { DataTree, type DataTreeOptions } from './data-tree.ts';
export type { NodeId } from './node-record.ts';
export { Outcome } from './outcome.ts';
export type { ChangeObserver } from './change-observer.ts';
export {
  NOT_SWIFT,
  Preparation,
  type PreparableRequest,
  type PreparationOptions,
  type Reconfigurations,
  type RequestContext,
} from './preparation.ts';
export { Watches, WatchEvent, type WatchKind, type WatchLists } from './watches.ts';

// Snapshots
export { SnapshotImage } from './snapshot-image.ts';
export { SnapshotLoader } from './snapshot-loader.ts';
export { SnapshotError, type SnapshotErrorCode } from './snapshot-error.ts';

// ACLs
export { fixupAcl, isAllowed, maskAcl } from './acl.ts';
export {
  type AuthProvider,
  type AuthProviders,
  authProviders,
  digestProvider,
  ipProvider,
  saslProvider,
  x509Provider,
} from './auth-providers.ts';

// What a server shows of its tree
export type { DigestLog, ZxidDigest } from './digest-log.ts';
export { DIGEST_VERSION } from './tree-digest.ts';
export type { Quota } from './quotas.ts';
export type { QuotaText } from './quota-text.ts';

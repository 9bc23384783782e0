export { DataTree, type DataTreeOptions, type NodeId, type ZxidDigest } from './data-tree.ts';
export { Outcome } from './outcome.ts';
export type { ChangeObserver } from './change-observer.ts';
export { Preparation, type PreparationOptions, type RequestContext } from './preparation.ts';
export { Watches, WatchEvent, type WatchKind } from './watches.ts';
export { SnapshotImage } from './snapshot-image.ts';
export { SnapshotLoader } from './snapshot-loader.ts';
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

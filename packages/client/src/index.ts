export { createClient, type ClientOptions, type ClientWorld } from './create-client.ts';
export type { Client } from './client.ts';
export type {
  ChangeOptions,
  CreateOptions,
  DeleteOptions,
  SubscribeOptions,
  WatchOptions,
} from './options.ts';
export type { CreateCare } from './create-with-care.ts';
export type { CreateKind } from './arguments.ts';
export type { Guard } from './guard.ts';
export type { Op, Signal } from './abort-signal.ts';
export type { SessionState } from './session-machine.ts';
export type { Children, Created, Data, Got, Identity, NodeData } from './results.ts';
export { Stat } from './stat.ts';
export { acl, digestAcl, type Acl } from './acl.ts';
export type { WatchEvent } from './watch-event.ts';
export type { Watch } from './watch.ts';
export type { Subscription } from './watching.ts';
export type { Once, Seen } from './once.ts';
export type { Transaction, CreatedInTransaction } from './transaction.ts';
export type { MultiRead } from './multi-read.ts';
export type { TypedNode } from './typed-node.ts';
export { bytes, utf8, json, DataError, type Codec } from './codec.ts';
export type { StandardSchema, SchemaIssue, SchemaResult } from './standard-schema.ts';
export type { Ensemble, EnsembleConfig, Reconfiguration } from './ensemble.ts';
export type { Quotas, Quota, QuotaUse } from './quotas.ts';
export {
  diagnosticsObserver,
  type ConnectMessage,
  type RequestMessage,
  type SessionMessage,
  type WatchMessage,
} from './diagnostics-observer.ts';
export type { ObservedRequest, Observer, RequestObserver } from './observer.ts';
export type { ServerAddress } from './server-list.ts';
export type { ServiceLookup } from './service-lookup.ts';
export { parseConnectString, type ConnectString } from './connect-string.ts';
export {
  ApiError,
  AuthFailedError,
  BadArgumentsError,
  BadVersionError,
  ClosedError,
  ConnectionLossError,
  DataInconsistencyError,
  EphemeralOnLocalSessionError,
  InvalidAclError,
  InvalidCallbackError,
  MarshallingError,
  NewConfigNoQuorumError,
  NoAuthError,
  NoChildrenForEphemeralsError,
  NoNodeError,
  NotEmptyError,
  NotReadOnlyError,
  NoWatcherError,
  NodeExistsError,
  OperationTimeoutError,
  OutcomeUnknownError,
  QuotaExceededError,
  ReconfigDisabledError,
  ReconfigInProgressError,
  RequestTimeoutError,
  RuntimeInconsistencyError,
  SessionClosedRequireSaslAuthError,
  SessionExpiredError,
  SessionMovedError,
  SystemError,
  ThrottledOpError,
  UnimplementedError,
  UnknownSessionError,
  ZkError,
  type ZkErrorDetails,
} from './errors.ts';

export { simulate, type SimulationOptions, type SimulationResult } from './simulate.ts';
export { calm, type FaultName, faultNames, standardStorm, stormExpirySlackMs, type Storm } from './storm.ts';
export { shrink, type ShrinkOptions, type Shrunk } from './shrink.ts';
export { type ClientScript, standardWorkload, type Workload } from './clients/workload.ts';
export type { Violation } from './world/world.ts';
export type { OpenOnDisk } from './world/medium.ts';

// Scripts: an ensemble that does what it is told
export { Cluster, type ClusterOptions, type OwnConfig, serverLine } from './cluster/cluster.ts';
export type { ClusterClient } from './cluster/cluster-client.ts';
export type { ClusterDisk, DiskImage } from './cluster/cluster-disk.ts';
export type { DiskEffect } from './cluster/gates.ts';

// Histories: what clients did and saw
export { checkHistory, type CheckOptions } from './checker/check-history.ts';
export type { CommittedTransaction } from './checker/committed.ts';
export type { HistoryViolation, Rule } from './checker/violation.ts';
export type { SyncMode } from './checker/sync-rules.ts';
export type {
  AclRecord,
  ConnectedRecord,
  DisconnectedRecord,
  EventRecord,
  FurtherOperation,
  HistoryRecord,
  HistorySink,
  Operation,
  OperationResult,
  PartialRead,
  RequestRecord,
  StatRecord,
  WriteOperation,
} from './history.ts';

// What must always hold
export { standardInvariants } from './checks/standard-invariants.ts';
export type {
  Checks,
  ClientEvidence,
  Invariant,
  MemberEvidence,
  MemberRole,
  WatchedWorld,
  WatchRegistration,
} from './invariant.ts';
export type { CommittedHistory, CommittedTxn } from './world/committed-history.ts';
export type { DurableRecord, LoggedEntry } from './world/durable-record.ts';

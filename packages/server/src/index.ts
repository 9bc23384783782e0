export { startServer } from './start-server.ts';
export type { Server, ServerOptions, SnapshotSource } from './server.ts';
export { type AuditEvent, auditLine, type AuditSink } from './audit.ts';
export type { ClientListening } from './client-listeners.ts';
export type { ConfigStore } from './config-store.ts';
export type { RequestMessage } from './request-watch.ts';
export type { MemberProbe } from './probe.ts';
export {
  defaultEnsembleConfig,
  defaultServerConfig,
  type EnsembleConfig,
  type ServerConfig,
} from './config.ts';

// For those who show a server's state
export type {
  AdminStanding,
  ConnectionView,
  DigestView,
  ExpiryView,
  LatencyView,
  LeaderView,
  TopEntry,
  TopView,
  MonitorFigure,
  ServerMode,
  ServerView,
  WatchesView,
} from './four-letter-words/index.ts';
export { APACHE_VERSION, fullVersion, metricFamilies, monitorFigures } from './four-letter-words/index.ts';

// For those who read what a server has stored, without a server
export { recover, type Recovered, type RecoveryOptions } from './recovery.ts';

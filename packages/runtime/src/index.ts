export type { Clock, Timer } from './clock.ts';
export type { Random } from './random.ts';
export type { Digests, DigestAlgorithm } from './digests.ts';
export type { DiagnosticChannel, Diagnostics } from './diagnostics.ts';
export { silentLogger, type Logger, type LogFields, type LogLevel } from './logger.ts';
export {
  noMetrics,
  type Counter,
  type Durations,
  type MetricLabel,
  type Metrics,
  type Summary,
} from './metrics.ts';
export type { Runtime } from './runtime.ts';
export {
  collectingMetrics,
  type CollectingMetrics,
  type MetricFamily,
  type MetricSample,
} from './collecting-metrics.ts';

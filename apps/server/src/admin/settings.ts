/** `admin.*` keys. */
export interface AdminSettings {
  readonly isEnabled: boolean;
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly idleTimeoutMs: number;
  /** Begins with a slash. */
  readonly commandUrl: string;
  readonly isSnapshotEnabled: boolean;
  readonly isRestoreEnabled: boolean;
  /** Of a snapshot that is sent to be restored. */
  readonly restoreBytesMax: number;
  readonly rateLimiterIntervalMs: number;
}

/** Apache's, but for the address: its port is open to the world unless one says otherwise. */
export const defaultAdminSettings: AdminSettings = {
  isEnabled: true,
  address: '127.0.0.1',
  port: 8080,
  idleTimeoutMs: 30_000,
  commandUrl: '/commands',
  isSnapshotEnabled: true,
  isRestoreEnabled: true,
  restoreBytesMax: 16 * 1024 ** 3,
  rateLimiterIntervalMs: 300_000,
};

/** `metricsProvider.*` keys of Apache's PrometheusMetricsProvider. */
export interface PrometheusSettings {
  readonly address: string;
  readonly port: number;
  /** Figures of the process beside those of the server (`exportJvmInfo`). */
  readonly hasProcess: boolean;
}

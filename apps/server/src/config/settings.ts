import type { LearnerType } from '@corral/protocol';
import { defaultEnsembleConfig, defaultServerConfig, type ServerConfig } from '@corral/server';
import type { LogLevel } from '@corral/runtime';
import { type AdminSettings, defaultAdminSettings, type PrometheusSettings } from '../admin/settings.ts';
import { defaultWebSocketSettings, type WebSocketSettings } from '../web-socket/settings.ts';

/** All that `start-foreground` needs to know, worked out from file, flags and environment. */
export interface Settings {
  readonly server: ServerConfig;
  readonly storage: StorageSettings;
  readonly admin: AdminSettings;
  /** Undefined where no port of its own is wanted for figures. */
  readonly prometheus: PrometheusSettings | undefined;
  /** Undefined where no clients come over WebSocket. */
  readonly webSocket: WebSocketSettings | undefined;
  /** Absolute; undefined where the server runs without one. What a reconfiguration edits. */
  readonly configFile: string | undefined;
  /** Where the members are named; undefined where that is `configFile`. */
  readonly dynamicConfigFile: string | undefined;
  readonly audit: AuditSettings;
  readonly logLevel: LogLevel;
  /** What the operator should read at every start: keys without effect, values not understood. */
  readonly notices: readonly string[];
}

/** `audit.*` keys. */
export interface AuditSettings {
  readonly isEnabled: boolean;
  /** Absolute; undefined: the server's log. */
  readonly file: string | undefined;
}

interface StorageSettings {
  readonly kind: 'file' | 'level';
  /** Absolute, as are all paths here; the files are in `version-2` below it. */
  readonly dataDir: string;
  readonly dataLogDir: string;
  /** Make missing directories (`datadir.autocreate`). */
  readonly autocreate: boolean;
  readonly preAllocSizeKb: number;
  /** 0 or less: log files end when a snapshot begins, and only then. */
  readonly txnLogSizeLimitKb: number;
  readonly forceSync: boolean;
  /** A sync that takes longer is warned of, in milliseconds. */
  readonly fsyncWarningThresholdMs: number;
  readonly snapshotCompression: '' | 'gz' | 'snappy';
}

/** Settings while the keys are being read. */
export interface Draft {
  server: Mutable<Omit<ServerConfig, 'ensemble'>>;
  ensemble: Mutable<typeof defaultEnsembleConfig>;
  storage: Mutable<StorageSettings>;
  admin: Mutable<AdminSettings>;
  webSocket: Mutable<WebSocketSettings>;
  audit: Mutable<AuditSettings>;
  logLevel: LogLevel;
  notices: string[];
  /** What the parser remembers to check at the end. */
  file: {
    clientPort: number | undefined;
    clientPortAddress: string | undefined;
    secureClientPort: number | undefined;
    secureClientPortAddress: string | undefined;
    dataDir: string | undefined;
    dataLogDir: string | undefined;
    dynamicConfigFile: string | undefined;
    metricsProviderClassName: string | undefined;
    webSocketPort: number | undefined;
    metricsHost: string;
    metricsPort: number;
    metricsHasProcess: boolean;
    standaloneEnabled: boolean;
    readOnlyMode: boolean;
    sessionPasswords: ServerConfig['sessionPasswords'] | undefined;
    peerType: LearnerType;
    oraclePath: string | undefined;
    /** Above `syncEnabled` where it is said. */
    observerSyncEnabled: boolean | undefined;
    /** Said under keys that concern ensembles alone: what a standalone server leaves alone. */
    ensembleNotices: string[];
    sslQuorum: boolean;
    initLimit: number;
    syncLimit: number;
    quorumSasl: { enabled: boolean; serverRequired: boolean; learnerRequired: boolean };
  };
}

type Mutable<T> = T extends object
  ? { -readonly [K in keyof T]: T[K] extends readonly unknown[] ? T[K] : Mutable<T[K]> }
  : T;

export function newDraft(): Draft {
  return {
    server: structuredClone<Draft['server']>(defaultServerConfig),
    ensemble: structuredClone<Draft['ensemble']>(defaultEnsembleConfig),
    storage: {
      kind: 'file',
      dataDir: '',
      dataLogDir: '',
      autocreate: true,
      preAllocSizeKb: 65_536,
      txnLogSizeLimitKb: -1,
      forceSync: true,
      fsyncWarningThresholdMs: 1000,
      snapshotCompression: '',
    },
    admin: { ...defaultAdminSettings },
    webSocket: { ...defaultWebSocketSettings },
    audit: { isEnabled: false, file: undefined },
    logLevel: 'info',
    notices: [],
    file: {
      clientPort: undefined,
      clientPortAddress: undefined,
      secureClientPort: undefined,
      secureClientPortAddress: undefined,
      dataDir: undefined,
      dataLogDir: undefined,
      dynamicConfigFile: undefined,
      metricsProviderClassName: undefined,
      webSocketPort: undefined,
      metricsHost: '0.0.0.0',
      metricsPort: 7000,
      metricsHasProcess: true,
      standaloneEnabled: true,
      readOnlyMode: false,
      sessionPasswords: undefined,
      peerType: 'participant',
      oraclePath: undefined,
      observerSyncEnabled: undefined,
      ensembleNotices: [],
      sslQuorum: false,
      initLimit: 0,
      syncLimit: 0,
      quorumSasl: { enabled: false, serverRequired: false, learnerRequired: false },
    },
  };
}

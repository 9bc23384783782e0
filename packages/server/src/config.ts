import type { QuorumConfig } from '@corral/protocol';

/**
 * What a server is told, in one flat record. Names are `zoo.cfg`'s and the system properties' own, units are in the
 * comments. `apps/server` fills it from files and flags; `defaultServerConfig` holds Apache 3.9's defaults.
 */
export interface ServerConfig {
  /** Shown by `conf`; the high byte of session ids. A standalone server calls itself 0 and stamps ids with 1. */
  readonly serverId: number;
  readonly clientPortAddress: string;
  readonly clientPort: number;
  /** Connections that may wait to be accepted; -1 leaves it to the system. */
  readonly clientPortListenBacklog: number;
  readonly clientTcpKeepAlive: boolean;
  /** Milliseconds; the unit of session expiry. */
  readonly tickTime: number;
  /** Milliseconds; -1 stands for 2 and 20 ticks. */
  readonly minSessionTimeout: number;
  readonly maxSessionTimeout: number;
  /** Connections from one IP address; 0 is unlimited. */
  readonly maxClientCnxns: number;
  /** Connections in all; 0 is unlimited. */
  readonly maxCnxns: number;
  /** Milliseconds a connection may take to its ConnectRequest (`nio.sessionlessCnxnTimeout`). */
  readonly sessionlessCnxnTimeout: number;
  /** The longest request frame, and the longest buffer or string in it, in bytes (`jute.maxbuffer`). */
  readonly juteMaxBuffer: number;
  /** Added to `juteMaxBuffer` for what is read back from disk, in bytes. */
  readonly juteMaxBufferExtraSize: number;
  /** Requests in flight over all connections before reading pauses. */
  readonly globalOutstandingLimit: number;
  /** Bytes in flight of requests larger than the threshold; threshold -1 is off. */
  readonly largeRequestMaxBytes: number;
  readonly largeRequestThreshold: number;
  /** How many requests are worked on at once; the others wait. */
  readonly requestThrottle: {
    /** 0: any number. */
    readonly maxRequests: number;
    /** Milliseconds after which those that wait are looked at again at the latest. */
    readonly stallTime: number;
    /** Stale ones are dropped, and their connection with them. */
    readonly dropStale: boolean;
    /** A request is stale where its connection has ended, */
    readonly staleConnectionCheck: boolean;
    /** and where it has waited for longer than its session's timeout. */
    readonly staleLatencyCheck: boolean;
    /** Milliseconds after which one that has waited is answered with THROTTLEDOP; 0: never. */
    readonly throttledOpWaitTime: number;
    /** Milliseconds for those that wait when the server stops. */
    readonly shutdownTimeout: number;
  };
  /** How many clients may come. One costs one token, or what its kind weighs. */
  readonly connectionThrottle: {
    /** That the bucket holds; 0: clients are not counted. */
    readonly tokens: number;
    /** So many tokens are put in, in so many milliseconds. */
    readonly fillTime: number;
    readonly fillCount: number;
    /** Milliseconds between two changes of the chance of being turned away; -1: there is no such chance. */
    readonly freezeTime: number;
    /** Added to the chance while the bucket is empty, and taken off while no more than so much of it is gone. */
    readonly dropIncrease: number;
    readonly dropDecrease: number;
    readonly decreaseRatio: number;
    readonly weightEnabled: boolean;
    readonly globalSessionWeight: number;
    readonly localSessionWeight: number;
    readonly renewSessionWeight: number;
  };
  /** Bytes of replies and events one connection may leave unread before it is closed. */
  readonly unsentMaxBytes: number;
  /** Watches one connection may hold; 0 is unlimited. */
  readonly watchesMaxPerConnection: number;
  /** Operations one multi may hold. */
  readonly multiMaxOperations: number;
  /** Transactions between snapshots, roughly (random between half of it and it). At least 2. */
  readonly snapCount: number;
  /** Log bytes between snapshots, in KiB, the same way; 0 or less is off. */
  readonly snapSizeLimitInKb: number;
  readonly autopurge: { readonly snapRetainCount: number; readonly intervalMs: number };
  /** A request that takes so long, in milliseconds, is a line of the log; -1 is off. */
  readonly slowRequestMs: number;
  readonly digestEnabled: boolean;
  readonly serializeLastProcessedZxidEnabled: boolean;
  readonly closeSessionTxnEnabled: boolean;
  readonly extendedTypesEnabled: boolean;
  readonly emulate353TtlNodes: boolean;
  readonly container: {
    readonly checkIntervalMs: number;
    readonly maxPerMinute: number;
    readonly maxNeverUsedIntervalMs: number;
  };
  readonly skipAcl: boolean;
  /** Members refuse what their own tree does not allow, before they ask the leader. */
  readonly enableEagerAclCheck: boolean;
  readonly enforceQuota: boolean;
  /** Standalone, it decides how a reconfig is refused: RECONFIGDISABLED, or UNIMPLEMENTED where it is on. */
  readonly reconfigEnabled: boolean;
  readonly enforceAuth: { readonly enabled: boolean; readonly schemes: readonly string[] };
  readonly sessionRequireClientSaslAuth: boolean;
  readonly digestAuth: {
    readonly enabled: boolean;
    readonly algorithm: 'SHA1' | 'SHA-256' | 'SHA-512' | 'MD5';
    readonly superDigest: string | undefined;
  };
  readonly ensembleAuthName: string;
  /** Four-letter words answered: names, or `*`. */
  readonly fourLetterWordWhitelist: readonly string[];
  /** Reading words (all but crst, srst) are answered to callers on loopback whatever the list says. */
  readonly fourLetterWordsOnLoopback: boolean;
  /** Refuse to start on logs without a snapshot unless this is set (`snapshot.trust.empty`). */
  readonly snapshotTrustEmpty: boolean;
  /** `apache`: ZooKeeper's formula, which anybody can compute. `keyed`: a secret of this server. */
  readonly sessionPasswords: 'apache' | 'keyed';
  /** For `conf`, `dirs`, `envi`: shown, never interpreted. */
  readonly dataDir: string;
  readonly dataLogDir: string;
  /** Absent for a server that stands alone. */
  readonly ensemble?: EnsembleConfig | undefined;
}

/** What a member of an ensemble is told beside. */
export interface EnsembleConfig {
  /** The members, as this server's files say them; `serverId` is one of them. Its rules hold for all later ones. */
  readonly quorum: QuorumConfig;
  /** A configuration that was proposed and not seen to be committed (the file `.dynamic.next`). */
  readonly lastSeenQuorum: QuorumConfig | undefined;
  /** In ticks: for coming to a leader and up to date with it. */
  readonly initLimit: number;
  /** In ticks: for each answer once that is done. */
  readonly syncLimit: number;
  /** In ticks: for connecting to the leader; 0 stands for `initLimit`. */
  readonly connectToLearnerMasterLimit: number;
  /** Milliseconds between two attempts to connect to the leader. */
  readonly leaderConnectDelayDuringRetryMs: number;
  /**
   * Milliseconds after which a leader that waits for a quorum gives up as soon as one of its voters looks for a leader again;
   * -1: it waits for `initLimit`.
   */
  readonly maxTimeToWaitForEpoch: number;
  /** Whether a leader serves clients. */
  readonly leaderServes: boolean;
  /**
   * Whether a sync makes sure, by a round trip with a quorum, that the leader still leads. Without it, as in Apache, a
   * leader that was just replaced may answer one, and a read behind it may be old (ZOOKEEPER-1675, 2136).
   */
  readonly linearizableSync: boolean;
  /** Whether an observer keeps a log. */
  readonly syncEnabled: boolean;
  /** Transactions kept in memory for learners that missed a few. */
  readonly commitLogCount: number;
  /** How long a log may be, as a part of the snapshot, to be sent in its place; negative: it never is. */
  readonly snapshotSizeFactor: number;
  readonly forceSnapshotSync: boolean;
  readonly maxConcurrentSnapSyncs: number;
  readonly maxConcurrentDiffSyncs: number;
  /** Whether the quorum and election ports are opened on all addresses, whatever the configuration says. */
  readonly quorumListenOnAllIPs: boolean;
  /** Milliseconds for dialling another member for elections. */
  readonly cnxTimeout: number;
  /** Milliseconds of silence on an election connection that is not up yet; -1 stands for `tickTime` x `syncLimit`. */
  readonly quorumCnxnTimeoutMs: number;
  /** Attempts to open the election port, a second apart; 0 is without end. */
  readonly electionPortBindRetry: number;
  /** Of connections between members. */
  readonly tcpKeepAlive: boolean;
  /** Milliseconds between notifications that nobody answers: from the first, doubling, up to the second. */
  readonly fastLeaderElection: {
    readonly minNotificationInterval: number;
    readonly maxNotificationInterval: number;
  };
  /** Members may have several addresses, and say all of theirs when they dial. */
  readonly multiAddress: { readonly enabled: boolean };
  /** Milliseconds: an observer that lost its leader waits up to this long, at random, before it comes again; 0 is at once. */
  readonly observerReconnectDelayMs: number;
  /** Milliseconds an observer waits before it takes part in an election, up to this long at random. */
  readonly observerElectionDelayMs: number;
  /** Where followers accept observers; 0 is nowhere. */
  readonly observerMasterPort: number;
  readonly localSessionsEnabled: boolean;
  readonly localSessionsUpgradingEnabled: boolean;
  /** Serve reads to clients that accept it while there is no quorum (`readonlymode.enabled`). */
  readonly readOnlyMode: boolean;
  /** Whether a server without a database may start with an empty one, or only where the file `initialize` says so. */
  readonly dbAutocreate: boolean;
}

/** Apache 3.9's defaults. The two limits have none there. */
export const defaultEnsembleConfig: Omit<
  EnsembleConfig,
  'quorum' | 'lastSeenQuorum' | 'initLimit' | 'syncLimit'
> = {
  connectToLearnerMasterLimit: 0,
  leaderConnectDelayDuringRetryMs: 100,
  maxTimeToWaitForEpoch: -1,
  leaderServes: true,
  linearizableSync: true,
  syncEnabled: true,
  commitLogCount: 500,
  snapshotSizeFactor: 0.33,
  forceSnapshotSync: false,
  maxConcurrentSnapSyncs: 10,
  maxConcurrentDiffSyncs: 100,
  quorumListenOnAllIPs: false,
  cnxTimeout: 5000,
  quorumCnxnTimeoutMs: -1,
  electionPortBindRetry: 3,
  tcpKeepAlive: false,
  fastLeaderElection: { minNotificationInterval: 200, maxNotificationInterval: 60_000 },
  multiAddress: { enabled: false },
  observerReconnectDelayMs: 0,
  observerElectionDelayMs: 200,
  observerMasterPort: 0,
  localSessionsEnabled: false,
  localSessionsUpgradingEnabled: false,
  readOnlyMode: false,
  dbAutocreate: true,
};

export const defaultServerConfig: ServerConfig = {
  serverId: 0,
  clientPortAddress: '0.0.0.0',
  clientPort: 2181,
  clientPortListenBacklog: -1,
  clientTcpKeepAlive: false,
  tickTime: 3000,
  minSessionTimeout: -1,
  maxSessionTimeout: -1,
  maxClientCnxns: 60,
  maxCnxns: 0,
  sessionlessCnxnTimeout: 10_000,
  juteMaxBuffer: 0xfffff,
  juteMaxBufferExtraSize: 0xfffff,
  globalOutstandingLimit: 1000,
  largeRequestMaxBytes: 100 * 1024 * 1024,
  largeRequestThreshold: -1,
  requestThrottle: {
    maxRequests: 0,
    stallTime: 100,
    dropStale: true,
    staleConnectionCheck: true,
    staleLatencyCheck: false,
    throttledOpWaitTime: 0,
    shutdownTimeout: 10_000,
  },
  connectionThrottle: {
    tokens: 0,
    fillTime: 1,
    fillCount: 1,
    freezeTime: -1,
    dropIncrease: 0.02,
    dropDecrease: 0.002,
    decreaseRatio: 0,
    weightEnabled: false,
    globalSessionWeight: 3,
    localSessionWeight: 1,
    renewSessionWeight: 2,
  },
  unsentMaxBytes: 64 * 1024 * 1024,
  watchesMaxPerConnection: 0,
  multiMaxOperations: 100_000,
  snapCount: 100_000,
  snapSizeLimitInKb: 4_194_304,
  autopurge: { snapRetainCount: 3, intervalMs: 3_600_000 },
  slowRequestMs: -1,
  digestEnabled: true,
  serializeLastProcessedZxidEnabled: true,
  closeSessionTxnEnabled: true,
  extendedTypesEnabled: false,
  emulate353TtlNodes: false,
  container: { checkIntervalMs: 60_000, maxPerMinute: 10_000, maxNeverUsedIntervalMs: 0 },
  skipAcl: false,
  enableEagerAclCheck: false,
  enforceQuota: false,
  reconfigEnabled: false,
  enforceAuth: { enabled: false, schemes: [] },
  sessionRequireClientSaslAuth: false,
  digestAuth: { enabled: true, algorithm: 'SHA1', superDigest: undefined },
  ensembleAuthName: '',
  fourLetterWordWhitelist: ['srvr'],
  fourLetterWordsOnLoopback: true,
  snapshotTrustEmpty: false,
  sessionPasswords: 'keyed',
  dataDir: '',
  dataLogDir: '',
};

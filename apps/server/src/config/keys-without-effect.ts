/**
 * Keys of Apache 3.9 that are taken without complaint and change nothing here, with the reason that the log gives.
 * A name that ends in a point or underscore stands for all that begin with it.
 */
export function reasonForNoEffect(key: string): string | undefined {
  for (const [reason, names] of Object.entries(WITHOUT_EFFECT)) {
    if (names.some((name) => (/[._]$/.test(name) ? key.startsWith(name) : key === name))) return reason;
  }
  return undefined;
}

/** Of these Apache's parser wants a number, or true or false, even where nothing comes of it. */
export const strictWithoutEffect: Readonly<Record<string, 'int' | 'boolean'>> = {
  'quorum.cnxn.threads.size': 'int',
  'jvm.pause.warn-threshold.ms': 'int',
  'jvm.pause.info-threshold.ms': 'int',
  'jvm.pause.sleep.time.ms': 'int',
  'jvm.pause.monitor': 'boolean',
  'multiAddress.reachabilityCheckEnabled': 'boolean',
  'multiAddress.reachabilityCheckTimeoutMs': 'int',
  portUnification: 'boolean',
  sslQuorumReloadCertFiles: 'boolean',
};

const WITHOUT_EFFECT: Readonly<Record<string, readonly string[]>> = {
  'it concerns the threads and sockets of a Java member': [
    'commitProcessor.',
    'flexible.',
    'follower.',
    'forward_learner_requests_to_commit_processor_disabled',
    'leader.',
    'learner.',
    'messageTracker.',
    'quorum.cnxn.threads.size',
  ],
  'it concerns TLS, which this version does not speak': [
    'client.certReload',
    'client.portUnification',
    'fips-mode',
    'netty.',
    'portUnification',
    'ssl.',
    'sslQuorumReloadCertFiles',
    'X509AuthenticationProvider.',
  ],
  'it concerns SASL, which this version does not speak': [
    'quorum.auth.',
    'allowSaslFailedClients',
    'kerberos.',
    'kinit',
    'letAnySaslUserDoX',
    'requireKerberosConfig',
    'sasl.',
    'SASLAuthenticationProvider.',
    'security.auth_to_local',
    'superUser',
    'superUser.',
  ],
  'the HTTP port speaks plain HTTP/1.1, to whom it was asked by itself': [
    'admin.',
    'IPAuthenticationProvider.usexforwardedfor',
  ],
  'figures are gathered where they arise, by no thread of their own': ['metricsProvider.'],
  'it concerns the threads and buffers of a Java process': [
    'bitHashCacheSize',
    'intBufferStartingSizeBytes',
    'jmx.log4j.',
    'jvm.pause.',
    'log.',
    'maxInProcessingDeadWatchers',
    'nio.',
    'serverCnxnFactory',
    'watcherCleanIntervalInSeconds',
    'watcherCleanThreadsNum',
    'watcherCleanThreshold',
    'watchManagerName',
  ],
  'all addresses of a server are dialled at once': [
    'multiAddress.reachabilityCheckEnabled',
    'multiAddress.reachabilityCheckTimeoutMs',
  ],
  'observers of a follower are told from what it keeps for all learners (commitLogCount)': [
    'observerMaster.sizeLimit',
  ],
  'nodes lie encoded in the tree, so a cache of replies would save nothing': [
    'maxGetChildrenResponseCacheSize',
    'maxResponseCacheSize',
  ],
  'writes are gathered for one sync without a delay': ['flushDelay', 'maxBatchSize', 'maxWriteQueuePollTime'],
  'Java classes cannot be loaded here': ['audit.impl.class', 'authProvider.'],
  'this version has nothing of the kind': ['controllerPort', 'pathStats.', 'test.', 'testingonly.'],
};

import { javaAverage, javaDate, javaHex, javaSocketAddress } from './java-format.ts';
import { monitor } from './mntr.ts';
import type { ConnectionView, ExpiryView, ServerView } from './server-view.ts';

/**
 * The four-letter words (Java `server.command.*`). A word answers with pieces of text, as many as it likes, each
 * a few lines at most: whoever sends them paces them, so that a million watches block nobody.
 */
export interface FourLetterWord {
  readonly name: FourLetterWordName;
  /** It only reads: it changes no figure. */
  readonly reads: boolean;
  /** What it says while the server does not serve. Absent: it answers all the same. */
  readonly notServing?: string;
  answer(view: ServerView): Iterable<string> | Promise<Iterable<string>>;
}

// prettier-ignore
export type FourLetterWordName =
  | 'conf' | 'cons' | 'crst' | 'dirs' | 'dump' | 'envi' | 'gtmk' | 'hash' | 'isro' | 'mntr'
  | 'ruok' | 'srst' | 'srvr' | 'stat' | 'wchc' | 'wchp' | 'wchs';

const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests';

const notServing = `${NOT_SERVING}\n`;

export const fourLetterWords: readonly FourLetterWord[] = [
  { name: 'conf', reads: true, notServing, answer: configuration },
  { name: 'cons', reads: true, notServing, answer: connections },
  { name: 'crst', reads: false, notServing, answer: resetConnections },
  { name: 'dirs', reads: true, notServing, answer: directories },
  { name: 'dump', reads: true, notServing, answer: dump },
  { name: 'envi', reads: true, answer: environment },
  // Apache's default trace mask. There is nothing to trace by mask here, hence no `stmk`.
  { name: 'gtmk', reads: true, answer: () => ['306'] },
  // Without a newline, unlike the others.
  { name: 'hash', reads: true, notServing: NOT_SERVING, answer: digests },
  {
    name: 'isro',
    reads: true,
    notServing: 'null',
    answer: (view) => [view.mode === 'read-only' ? 'ro' : 'rw'],
  },
  { name: 'mntr', reads: true, notServing, answer: monitor },
  // Apache says so even when it does not serve: the process is there.
  { name: 'ruok', reads: true, answer: () => ['imok'] },
  { name: 'srst', reads: false, notServing, answer: resetServer },
  { name: 'srvr', reads: true, notServing, answer: server },
  { name: 'stat', reads: true, notServing, answer: serverAndClients },
  { name: 'wchc', reads: true, notServing, answer: watchesBySession },
  { name: 'wchp', reads: true, notServing, answer: watchesByPath },
  { name: 'wchs', reads: true, notServing, answer: watchSummary },
];

function* server(view: ServerView): Iterable<string> {
  yield versionLines(view);
  yield serverLines(view);
}

function* serverAndClients(view: ServerView): Iterable<string> {
  yield `${versionLines(view)}Clients:\n`;
  for (const connection of view.connections()) yield `${briefly(connection)})\n`;
  yield `\n${serverLines(view)}`;
}

function versionLines(view: ServerView): string {
  const readOnly = view.mode === 'read-only' ? 'READ-ONLY mode; serving only read-only clients\n' : '';
  return `Zookeeper version: ${view.version}\n${readOnly}`;
}

function serverLines(view: ServerView): string {
  const { min, avg, max } = view.latency;
  return (
    `Latency min/avg/max: ${Math.round(min)}/${javaAverage(avg)}/${Math.round(max)}\n` +
    `Received: ${view.packetsReceived}\n` +
    `Sent: ${view.packetsSent}\n` +
    `Connections: ${view.connectionCount}\n` +
    `Outstanding: ${view.outstandingRequests}\n` +
    `Zxid: 0x${javaHex(view.lastProcessedZxid)}\n` +
    `Mode: ${view.mode}\n` +
    `Node count: ${view.nodeCount}\n${proposalLine(view)}`
  );
}

function proposalLine({ ensemble }: ServerView): string {
  if (ensemble?.proposalSizes === undefined) return '';
  const { last, min, max } = ensemble.proposalSizes;
  return `Proposal sizes last/min/max: ${last}/${min}/${max}\n`;
}

function* connections(view: ServerView): Iterable<string> {
  for (const connection of view.connections()) yield `${briefly(connection)}${sessionDetails(connection)})\n`;
  yield '\n';
}

function briefly(connection: ConnectionView): string {
  const address = javaSocketAddress(connection.remoteHost, connection.remotePort);
  return (
    ` ${address}[${connection.interestOps.toString(16)}](queued=${connection.outstandingRequests}` +
    `,recved=${connection.packetsReceived},sent=${connection.packetsSent}`
  );
}

function sessionDetails(connection: ConnectionView): string {
  if (connection.sessionId === 0n) return '';
  const { min, avg, max } = connection.latency;
  const lastCxid = connection.lastCxid >= 0 ? `,lcxid=0x${javaHex(connection.lastCxid)}` : '';
  return (
    `,sid=0x${javaHex(connection.sessionId)},lop=${connection.lastOperation},est=${connection.establishedAt}` +
    `,to=${connection.sessionTimeout}${lastCxid},lzxid=0x${javaHex(connection.lastZxid)}` +
    `,lresp=${Math.trunc(connection.lastResponseTime)},llat=${Math.trunc(connection.lastLatency)}` +
    `,minlat=${Math.trunc(min)},avglat=${Math.trunc(avg)},maxlat=${Math.trunc(max)}`
  );
}

async function configuration(view: ServerView): Promise<Iterable<string>> {
  const { snapshotBytes, logBytes } = await view.sizes();
  const { config } = view;
  return [
    `clientPort=${view.clientPort}\n` +
      'secureClientPort=-1\n' +
      `dataDir=${config.dataDir}\n` +
      `dataDirSize=${snapshotBytes}\n` +
      `dataLogDir=${config.dataLogDir}\n` +
      `dataLogSize=${logBytes}\n` +
      `tickTime=${config.tickTime}\n` +
      `maxClientCnxns=${config.maxClientCnxns}\n` +
      `minSessionTimeout=${view.minSessionTimeout}\n` +
      `maxSessionTimeout=${view.maxSessionTimeout}\n` +
      `clientPortListenBacklog=${config.clientPortListenBacklog}\n` +
      `serverId=${config.serverId}\n` +
      ensembleConfiguration(view),
  ];
}

/** QuorumZooKeeperServer.dumpConf, ReadOnlyZooKeeperServer.dumpConf: the latter without the members. */
function ensembleConfiguration({ config, ensemble, mode }: ServerView): string {
  if (ensemble === undefined) return '';
  const { quorum } = ensemble;
  const own = quorum.servers.get(config.serverId)?.addresses ?? [];
  return (
    `initLimit=${config.ensemble!.initLimit}\n` +
    `syncLimit=${config.ensemble!.syncLimit}\n` +
    'electionAlg=3\n' +
    `electionPort=${own.map(({ electionPort }) => electionPort).join('|')}\n` +
    `quorumPort=${own.map(({ port }) => port).join('|')}\n` +
    `peerType=${quorum.observers.has(config.serverId) ? 1 : 0}\n` +
    (mode === 'read-only' ? '' : `membership: \n${quorum.toString()}`)
  );
}

async function directories(view: ServerView): Promise<Iterable<string>> {
  const { snapshotBytes, logBytes } = await view.sizes();
  return [`datadir_size: ${snapshotBytes}\nlogdir_size: ${logBytes}\n`];
}

function* dump(view: ServerView): Iterable<string> {
  yield 'SessionTracker dump:\n';
  yield* sessions(view);
  yield `ephemeral nodes dump:\nSessions with Ephemerals (${view.ephemeralOwnerCount}):\n`;
  for (const [sessionId, paths] of view.ephemerals()) {
    yield `0x${javaHex(sessionId)}:\n`;
    for (const path of paths) yield `\t${path}\n`;
  }
  yield 'Connections dump:\n';
  const waits = view.connectionExpiries();
  yield `Connections Sets (${waits.length})/(${view.connectionCount}):\n`;
  yield* expiries(waits, (connection) => {
    const address = javaSocketAddress(connection.remoteHost, connection.remotePort);
    return `ip: ${address} sessionId: 0x${javaHex(connection.sessionId)}`;
  });
}

/** SessionTrackerImpl.dumpSessions; LeaderSessionTracker's and LearnerSessionTracker's where there are local ones, or a leader elsewhere. */
function* sessions(view: ServerView): Iterable<string> {
  const local = view.ensemble?.localSessions();
  if (local !== undefined) {
    yield `Local Session Sets (${local.expiries.length})/(${local.count}):\n`;
    yield* expiries(local.expiries, (sessionId) => `0x${javaHex(sessionId)}`);
  }
  const global = view.ensemble?.globalSessions;
  if (global === undefined) {
    const sets = view.sessionExpiries();
    yield `${local === undefined ? '' : 'Global '}Session Sets (${sets.length})/(${view.sessionCount}):\n`;
    yield* expiries(sets, (sessionId) => `0x${javaHex(sessionId)}`);
    return;
  }
  yield `Global Sessions(${global.size}):\n`;
  for (const [sessionId, timeoutMs] of [...global].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    yield `0x${javaHex(sessionId)}\t${timeoutMs}ms\n`;
}

function* expiries<T>(sets: Iterable<ExpiryView<T>>, print: (member: T) => string): Iterable<string> {
  for (const set of sets) {
    yield `${set.count} expire at ${javaDate(set.expiresAt)}:\n`;
    for (const member of set.members()) yield `\t${print(member)}\n`;
  }
}

function* environment(view: ServerView): Iterable<string> {
  yield `Environment:\nzookeeper.version=${view.version}\n`;
  for (const [name, value] of view.environment()) yield `${name}=${value}\n`;
}

function* digests(view: ServerView): Iterable<string> {
  for (const { zxid, digest } of view.digests()) yield `${javaHex(zxid)}: ${BigInt.asIntN(64, digest)}\n`;
}

function watchSummary({ watches }: ServerView): Iterable<string> {
  return [
    `${watches.connectionCount} connections watching ${watches.pathCount} paths\n` +
      `Total watches:${watches.watchCount}\n`,
  ];
}

function* watchesBySession(view: ServerView): Iterable<string> {
  for (const [sessionId, paths] of view.watches.bySession()) {
    yield `0x${javaHex(sessionId)}\n`;
    for (const path of paths) yield `\t${path}\n`;
  }
  yield '\n';
}

function* watchesByPath(view: ServerView): Iterable<string> {
  for (const [path, sessionIds] of view.watches.byPath()) {
    yield `${path}\n`;
    for (const sessionId of sessionIds) yield `\t0x${javaHex(sessionId)}\n`;
  }
  yield '\n';
}

function resetConnections(view: ServerView): Iterable<string> {
  view.resetConnectionStatistics();
  return ['Connection stats reset.\n'];
}

function resetServer(view: ServerView): Iterable<string> {
  view.resetStatistics();
  return ['Server stats reset.\n'];
}

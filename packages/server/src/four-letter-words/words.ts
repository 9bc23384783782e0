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
    `Node count: ${view.nodeCount}\n`
  );
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
      `serverId=${config.serverId}\n`,
  ];
}

async function directories(view: ServerView): Promise<Iterable<string>> {
  const { snapshotBytes, logBytes } = await view.sizes();
  return [`datadir_size: ${snapshotBytes}\nlogdir_size: ${logBytes}\n`];
}

function* dump(view: ServerView): Iterable<string> {
  yield 'SessionTracker dump:\n';
  const sessions = view.sessionExpiries();
  yield `Session Sets (${sessions.length})/(${view.sessionCount}):\n`;
  yield* expiries(sessions, (sessionId) => `0x${javaHex(sessionId)}`);
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

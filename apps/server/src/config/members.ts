import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import {
  EXTENDED_SERVER_ID_MAX,
  type HostAndPort,
  isQuorumKey,
  type Property,
  QuorumConfig,
  QuorumConfigError,
  type QuorumRules,
} from '@corral/protocol';
import type { EnsembleConfig } from '@corral/server';
import { oracleOf } from './oracle.ts';
import type { Draft } from './settings.ts';

/** The lines about members, and the file they stand in. */
export interface MemberLines {
  readonly file: string;
  readonly properties: readonly Property[];
}

export interface Members {
  /** Those in force. */
  readonly current: MemberLines;
  /** Those that were proposed last, where the file `.dynamic.next` says so. */
  readonly next: MemberLines | undefined;
}

/**
 * What the files say of the members, of which this server must be one; undefined for a server that stands alone
 * (`QuorumPeerConfig.parseDynamicConfig`, `setupMyId`, `setupClientPort`, `setupPeerType`, `checkValidity`).
 *
 * @throws Error with Apache's message, and the line
 */
export function joinEnsemble(draft: Draft, { current, next }: Members): EnsembleConfig | undefined {
  const rules = rulesOf(draft);
  const quorum = parse(current, rules);
  const myid = readMyid(draft);
  useClientAddress(draft, quorum, myid);
  const isDistributed = !rules.isStandaloneEnabled || quorum.voters.size > 1;
  if (!isDistributed) {
    if (quorum.voters.size === 1)
      draft.notices.push('Invalid configuration, only one server specified (ignoring)');
    if (draft.file.sslQuorum) draft.notices.push('sslQuorum has no effect: it concerns ensembles');
    return undefined;
  }
  checkLimits(draft);
  draft.server.serverId = checkedMyid(draft, quorum, myid);
  refuseWhatIsNotSpoken(draft);
  sayWhatIsOdd(draft, quorum, myid);
  return {
    ...draft.ensemble,
    quorum,
    lastSeenQuorum: next === undefined ? undefined : parse(next, rules),
    initLimit: draft.file.initLimit,
    syncLimit: draft.file.syncLimit,
    syncEnabled: draft.file.observerSyncEnabled ?? draft.ensemble.syncEnabled,
    readOnlyMode: draft.file.readOnlyMode,
  };
}

function rulesOf({ ensemble, file }: Draft): QuorumRules {
  return {
    isMultiAddress: ensemble.multiAddress.enabled,
    isStandaloneEnabled: file.standaloneEnabled,
    oracle: file.oraclePath === undefined ? undefined : oracleOf(file.oraclePath),
  };
}

function parse({ file, properties }: MemberLines, rules: QuorumRules): QuorumConfig {
  try {
    return QuorumConfig.fromProperties(
      properties.filter(({ key }) => isQuorumKey(key)),
      rules,
    );
  } catch (error) {
    if (!(error instanceof QuorumConfigError) || error.line === undefined) throw error;
    throw new Error(`${file}, line ${error.line}: ${error.message}`, { cause: error });
  }
}

function readMyid({ storage }: Draft): number | undefined {
  let text;
  try {
    text = readFileSync(join(storage.dataDir, 'myid'), 'latin1').split(/\r?\n|\r/)[0] ?? '';
  } catch {
    return undefined;
  }
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`serverid ${text} is not a number`);
  return Number(text);
}

/** What the line of this server says of its clients counts, unless its own file says something else. */
function useClientAddress(draft: Draft, quorum: QuorumConfig, myid: number | undefined): void {
  const client = myid === undefined ? undefined : quorum.servers.get(myid)?.client;
  if (client === undefined) return;
  const { server, file } = draft;
  if (file.clientPort !== undefined && isElsewhere(server.clientPortAddress, file.clientPort, client))
    throw new Error(
      `client address for this server (id = ${myid}) in static config file is` +
        ` ${server.clientPortAddress}:${file.clientPort}` +
        ` is different from client address found in dynamic file: ${client.host}:${client.port}`,
    );
  file.clientPort = client.port;
  server.clientPortAddress = client.host;
}

/** Names may stand for what the other one says, and nobody is asked for them here. */
function isElsewhere(host: string, port: number, client: HostAndPort): boolean {
  if (port !== client.port) return true;
  if (isAnyAddress(host) || host === client.host) return false;
  return isIP(host) !== 0 && isIP(client.host) !== 0;
}

function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host);
}

function checkLimits({ file }: Draft): void {
  if (file.initLimit === 0) throw new Error('initLimit is not set');
  if (file.syncLimit === 0) throw new Error('syncLimit is not set');
  if (file.initLimit < 0) throw new Error('initLimit must not be negative');
  if (file.syncLimit < 0) throw new Error('syncLimit must not be negative');
}

function checkedMyid({ server }: Draft, quorum: QuorumConfig, myid: number | undefined): number {
  if (myid === undefined || myid === -1) throw new Error('myid file is missing');
  if (!quorum.servers.has(myid)) throw new Error(`My id ${myid} not in the peer list`);
  if (server.extendedTypesEnabled && myid > EXTENDED_SERVER_ID_MAX)
    throw new Error(
      `extendedTypesEnabled is true but Server ID is too large. Cannot be larger than ${EXTENDED_SERVER_ID_MAX}`,
    );
  return myid;
}

/** Who asked for a closed door must not be given an open one. */
function refuseWhatIsNotSpoken({ file }: Draft): void {
  if (file.sslQuorum)
    throw new Error('sslQuorum is set, but this version does not speak TLS: remove it on every member');
  if (file.quorumSasl.enabled)
    throw new Error(
      'quorum.auth.enableSasl is set, but this version does not speak SASL: remove it on every member',
    );
}

function sayWhatIsOdd(draft: Draft, quorum: QuorumConfig, myid: number | undefined): void {
  const { file, notices } = draft;
  draft.notices = notices.filter((notice) => !file.ensembleNotices.includes(notice));
  const voters = quorum.voters.size;
  if (voters <= 2) draft.notices.push('No server failure will be tolerated. You need at least 3 servers.');
  else if (voters % 2 === 0)
    draft.notices.push('Non-optimal configuration, consider an odd number of servers.');
  const listed = quorum.observers.has(myid ?? -1) ? 'observer' : 'participant';
  if (listed !== file.peerType)
    draft.notices.push(
      `Peer type from servers list (${listed.toUpperCase()}) doesn't match peerType (${file.peerType.toUpperCase()}).` +
        ' Defaulting to servers list.',
    );
}

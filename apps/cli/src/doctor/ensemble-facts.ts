import type { Client, ServerAddress } from '@corral/client';
import { askForWord } from '../four-letter-word.ts';
import { namedValues, oneLine, serverName } from '../servers.ts';

/** What is known of an ensemble at one moment. */
export interface EnsembleFacts {
  readonly servers: readonly ServerFacts[];
  /** Whether anybody may do everything with `/`; undefined where nobody could be asked. */
  readonly isRootOpen: boolean | undefined;
}

/** Of one server. What it did not tell is empty. */
export interface ServerFacts {
  readonly server: string;
  /** Why it does not serve, or is not reached. */
  readonly problem: string | undefined;
  /** Somebody listened there. */
  readonly isReached: boolean;
  /** How long it took to answer `srvr`, in milliseconds. */
  readonly answerMs: number;
  readonly srvr: ReadonlyMap<string, string>;
  readonly mntr: ReadonlyMap<string, string>;
  readonly conf: ReadonlyMap<string, string>;
  readonly wchs: string;
  /** Words that are not in its whitelist. */
  readonly refused: readonly string[];
  /** `/zookeeper/config`, where it could be read. */
  readonly config: EnsembleConfigFacts | undefined;
  /** Of its AdminServer, where one answers. */
  readonly admin: AdminFacts | undefined;
}

export interface EnsembleConfigFacts {
  readonly version: bigint;
  readonly servers: readonly string[];
  readonly text: string;
}

export interface AdminFacts {
  /** Of `/readyz`; undefined where it does not know it, as Apache does not. */
  readonly readiness: { readonly isReady: boolean; readonly text: string } | undefined;
  /** From its `/metrics`; Apache's has none there. */
  readonly eventLoopP99Ms: number | undefined;
  /** How far its clock is ahead of ours, in milliseconds, to a second. */
  readonly clockAheadMs: number | undefined;
}

export interface FactFinding {
  readonly withinMs: number;
  readonly adminPort: number;
  readonly signal: AbortSignal;
  /** Opens a session with one server. */
  connect(hosts: string): Client;
}

export async function factsOf(
  addresses: readonly ServerAddress[],
  finding: FactFinding,
): Promise<EnsembleFacts> {
  const all = await Promise.all(addresses.map((address) => serverFacts(address, finding)));
  return {
    servers: all.map(({ facts }) => facts),
    isRootOpen: all.find(({ isRootOpen }) => isRootOpen !== undefined)?.isRootOpen,
  };
}

async function serverFacts(
  address: ServerAddress,
  finding: FactFinding,
): Promise<{ facts: ServerFacts; isRootOpen: boolean | undefined }> {
  const { withinMs, signal } = finding;
  const server = serverName(address);
  const begun = performance.now();
  const refused: string[] = [];
  let srvr = '';
  let problem: string | undefined;
  let isReached = true;
  try {
    srvr = await askForWord(address, 'srvr', withinMs, signal);
  } catch (error) {
    signal.throwIfAborted();
    problem = oneLine(error instanceof Error ? error.message : String(error));
    isReached = false;
  }
  const answerMs = performance.now() - begun;
  const said = namedValues(srvr, ': ');
  if (srvr.includes(NOT_LISTED)) refused.push('srvr');
  else if (isReached && !said.has('Mode')) problem = oneLine(srvr) || 'ended without an answer';
  const isAsked = problem === undefined;
  const ask = async (word: string): Promise<string> => {
    if (!isAsked) return '';
    const answer = await askForWord(address, word, withinMs, signal).catch(() => '');
    if (!answer.includes(NOT_LISTED)) return answer;
    refused.push(word);
    return '';
  };
  const [mntr, conf, wchs, session, admin] = await Promise.all([
    ask('mntr'),
    ask('conf'),
    ask('wchs'),
    isAsked ? sessionFacts(server, finding) : undefined,
    adminFacts(address, finding),
  ]);
  signal.throwIfAborted();
  const facts: ServerFacts = {
    server,
    problem,
    isReached,
    answerMs,
    srvr: said,
    mntr: namedValues(mntr, '\t'),
    conf: namedValues(conf, '='),
    wchs,
    refused,
    config: session?.config,
    admin,
  };
  return { facts, isRootOpen: session?.isRootOpen };
}

async function sessionFacts(
  server: string,
  finding: FactFinding,
): Promise<{ config: ServerFacts['config']; isRootOpen: boolean | undefined } | undefined> {
  const { withinMs, signal } = finding;
  const client = finding.connect(server);
  const op = { signal: AbortSignal.any([signal, AbortSignal.timeout(withinMs)]) };
  try {
    const config = await client.ensemble.config(op).catch(() => undefined);
    const { acl } = await client.getAcl('/', op);
    const isRootOpen = acl.some(
      ({ scheme, id, perms }) => scheme === 'world' && id === 'anyone' && isAll(perms),
    );
    return { config, isRootOpen };
  } catch {
    return undefined;
  } finally {
    await client.close();
  }
}

function isAll(perms: string): boolean {
  return perms === 'all' || /^(?=.*c)(?=.*d)(?=.*r)(?=.*w)(?=.*a)/.test(perms);
}

/** Most are open to their own machine only: no answer is no finding. */
async function adminFacts(
  { host }: ServerAddress,
  { adminPort, withinMs, signal }: FactFinding,
): Promise<AdminFacts | undefined> {
  const base = `http://${host.includes(':') ? `[${host}]` : host}:${adminPort}`;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
  try {
    const ready = await fetch(`${base}/readyz`, { signal: limited, redirect: 'error' });
    const date = Date.parse(ready.headers.get('date') ?? '');
    const clockAheadMs = Number.isNaN(date) ? undefined : date - Date.now();
    const text = oneLine(await ready.text());
    if (ready.status !== 200 && ready.status !== 503)
      return { readiness: undefined, eventLoopP99Ms: undefined, clockAheadMs };
    const metrics = await fetch(`${base}/metrics`, { signal: limited, redirect: 'error' });
    const lag = /^nodejs_eventloop_lag_p99_seconds ([\d.e+-]+)$/m.exec(await metrics.text())?.[1];
    const eventLoopP99Ms = lag === undefined ? undefined : Number(lag) * 1000;
    return { readiness: { isReady: ready.ok, text }, eventLoopP99Ms, clockAheadMs };
  } catch {
    return undefined;
  }
}

/** Java: NettyServerCnxn and NIOServerCnxn say it of a word. */
const NOT_LISTED = 'is not executed because it is not in the whitelist';

import { ErrorCode } from '@corral/protocol';
import type {
  ConnectedRecord,
  DisconnectedRecord,
  EventRecord,
  HistoryRecord,
  RequestRecord,
} from '../history.ts';
import type { Actor } from './permission.ts';
import { type CommittedTransaction, type Deed, deedsOf } from './committed.ts';
import { UnknownWrite } from './unknown-write.ts';

/** One connection: what arrived on it, in order. */
export interface Connection {
  readonly connected: ConnectedRecord;
  readonly arrived: (RequestRecord | EventRecord | DisconnectedRecord)[];
}

/** One session over all its connections. */
export interface Session {
  readonly id: bigint;
  readonly connects: ConnectedRecord[];
  readonly requests: RequestRecord[];
  /** When requests were sent that the server answered: it has heard of the session no earlier. Rising. */
  readonly contacts: number[];
  /** The largest zxid of a reply, the one to closeSession left out, and of a node of its own: at this zxid it lived. */
  aliveZxid: number;
  /** A closeSession that was answered well. */
  closed: RequestRecord | undefined;
  /** A closeSession of which nobody knows what became of it. */
  isClosing: boolean;
  expired: DisconnectedRecord | undefined;
}

/** The records of a history by what the checks ask for. One pass. */
export class HistoryIndex {
  readonly connections: Map<number, Connection> = new Map();
  readonly sessions: Map<bigint, Session> = new Map();
  /** Writes whose place is known, in order of zxid. */
  readonly writes: RequestRecord[] = [];
  /** Nobody knows what became of them; none where the servers have told. */
  readonly unknownWrites: UnknownWrite[] = [];
  /** What was done without an answer, as the servers tell it; undefined where they do not. */
  readonly deeds: readonly Deed[] | undefined;
  /** Of writes and deeds: those whose place is known. */
  readonly knownZxids: ReadonlySet<number>;
  /** Reads that say which state they show, in order of zxid. */
  readonly reads: RequestRecord[] = [];
  readonly events: EventRecord[] = [];
  #seen: SeenOverTime | undefined;
  readonly #actors: Map<number, Actor> = new Map();
  /** Of requests asked before the connection's actor changed. */
  readonly #earlier: Map<RequestRecord, Actor> = new Map();

  constructor(records: readonly HistoryRecord[], committed?: readonly CommittedTransaction[]) {
    for (const record of records) this.#add(record);
    this.writes.sort(byZxid);
    this.reads.sort(byZxid);
    if (committed !== undefined) {
      this.deeds = deedsOf(committed, this.writes, this.unknownWrites);
      this.unknownWrites.length = 0;
    }
    this.knownZxids = new Set([...this.writes, ...(this.deeds ?? [])].map(({ zxid }) => zxid));
    this.#boundUnknowns();
  }

  actor(request: RequestRecord): Actor {
    return this.#earlier.get(request) ?? this.#actors.get(request.connection) ?? nobody(request.session);
  }

  session(id: bigint): Session {
    let session = this.sessions.get(id);
    if (session === undefined) {
      session = {
        id,
        connects: [],
        requests: [],
        contacts: [],
        aliveZxid: 0,
        closed: undefined,
        isClosing: false,
        expired: undefined,
      };
      this.sessions.set(id, session);
    }
    return session;
  }

  /** The largest zxid of an answer that had come before this time. */
  seenBefore(at: number): number {
    this.#seen ??= seenOverTime([...this.writes, ...this.reads]);
    const { times, zxids } = this.#seen;
    return zxids[firstIndex(times.length, (i) => times[i]! >= at) - 1] ?? 0;
  }

  #add(record: HistoryRecord): void {
    if (record.kind === 'connected') {
      this.connections.set(record.connection, { connected: record, arrived: [] });
      const session = this.session(record.session);
      session.connects.push(record);
      session.contacts.push(record.invokedAt);
      return;
    }
    this.connections.get(record.connection)?.arrived.push(record);
    if (record.kind === 'disconnected') {
      if (record.isExpired && record.session !== 0n) this.session(record.session).expired = record;
    } else if (record.kind === 'event') this.events.push(record);
    else this.#addRequest(record);
  }

  #addRequest(request: RequestRecord): void {
    const session = this.session(request.session);
    session.requests.push(request);
    const { operation, outcome, zxid, error } = request;
    if (outcome === 'unknown') {
      if (operation.op === 'closeSession') session.isClosing = true;
      else if (isWrite(request)) this.unknownWrites.push(new UnknownWrite(request, this.actor(request)));
      return;
    }
    session.contacts.push(request.invokedAt);
    if (operation.op === 'auth' && error === 0)
      this.#identify(request, `${operation.scheme}:${operation.identity}`);
    if (operation.op === 'closeSession' && error === 0) session.closed = request;
    else if (!HAVE_NO_PLACE.has(error)) session.aliveZxid = Math.max(session.aliveZxid, zxid);
    if (zxid <= 0) return;
    const owner = request.result?.stat?.ephemeralOwner;
    if (owner !== undefined && owner > 0n) {
      const owning = this.session(owner);
      owning.aliveZxid = Math.max(owning.aliveZxid, zxid);
    }
    if (!isWrite(request)) this.reads.push(request);
    else if (!HAVE_NO_PLACE.has(error)) this.writes.push(request);
  }

  #identify(request: RequestRecord, identity: string): void {
    const before = this.#actors.get(request.connection) ?? nobody(request.session);
    for (const record of this.connections.get(request.connection)?.arrived ?? []) {
      if (record.kind === 'request' && !this.#earlier.has(record)) this.#earlier.set(record, before);
    }
    const identities = new Set([...before.identities, identity]);
    this.#actors.set(request.connection, { session: request.session, identities });
  }

  /** Between which zxids each can lie: after all that was answered before it was sent, and in its session's order. */
  #boundUnknowns(): void {
    if (this.unknownWrites.length === 0) return;
    const sent = this.writes.toSorted((a, b) => a.invokedAt - b.invokedAt);
    const soonest: number[] = [];
    for (let i = sent.length - 1; i >= 0; i--) {
      soonest[i] = Math.min(soonest[i + 1] ?? Number.POSITIVE_INFINITY, sent[i]!.zxid);
    }
    for (const unknown of this.unknownWrites) {
      const { session, arrival, invokedAt } = unknown.record;
      unknown.minZxid = this.seenBefore(invokedAt);
      const { closed, expired, requests } = this.session(session);
      unknown.isClosed = closed !== undefined;
      // Nothing is written for a session that has ended.
      if (expired !== undefined) {
        const after = firstIndex(sent.length, (i) => sent[i]!.invokedAt > expired.returnedAt);
        unknown.maxZxid = soonest[after] ?? Number.POSITIVE_INFINITY;
      }
      for (const request of requests) {
        if (request.outcome === 'unknown' || request.zxid <= 0 || !isWrite(request)) continue;
        if (request.arrival < arrival) unknown.minZxid = Math.max(unknown.minZxid, request.zxid);
        else unknown.maxZxid = Math.min(unknown.maxZxid, request.zxid);
      }
    }
  }
}

interface SeenOverTime {
  readonly times: readonly number[];
  readonly zxids: readonly number[];
}

function seenOverTime(answered: readonly RequestRecord[]): SeenOverTime {
  const sorted = answered.toSorted((a, b) => a.returnedAt - b.returnedAt);
  const zxids: number[] = [];
  for (const [i, { zxid }] of sorted.entries()) zxids.push(Math.max(zxids[i - 1] ?? 0, zxid));
  return { times: sorted.map(({ returnedAt }) => returnedAt), zxids };
}

export function isWrite({ operation }: RequestRecord): boolean {
  return WRITES.has(operation.op);
}

/** The first index for which it holds, where it holds for all behind it too. */
export function firstIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function byZxid(a: RequestRecord, b: RequestRecord): number {
  return a.zxid - b.zxid || a.arrival - b.arrival;
}

function nobody(session: bigint): Actor {
  return { session, identities: NONE };
}

const NONE: ReadonlySet<string> = new Set();
const WRITES: ReadonlySet<string> = new Set([
  'create',
  'delete',
  'setData',
  'setACL',
  'check',
  'multi',
  'reconfig',
  'closeSession',
]);

/** Refused before the leader gave it a zxid: the header shows some state. */
const HAVE_NO_PLACE: ReadonlySet<number> = new Set([
  ErrorCode.CONNECTIONLOSS,
  ErrorCode.MARSHALLINGERROR,
  ErrorCode.UNIMPLEMENTED,
  ErrorCode.SESSIONEXPIRED,
  ErrorCode.AUTHFAILED,
  ErrorCode.SESSIONMOVED,
  ErrorCode.NOTREADONLY,
  ErrorCode.EPHEMERALONLOCALSESSION,
  ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH,
  ErrorCode.THROTTLEDOP,
  ErrorCode.REQUESTTIMEOUT,
]);

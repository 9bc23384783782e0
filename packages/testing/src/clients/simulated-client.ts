import { FrameSplitter, JuteReader, JuteWriter } from '@corral/jute';
import {
  AuthPacket,
  ConnectRequest,
  ConnectResponse,
  OpCode,
  SetWatches,
  WatcherEvent,
  EventType,
  Xid,
} from '@corral/protocol';
import type { Random, Timer } from '@corral/runtime';
import type { Connection, ConnectionHandler } from '@corral/transport';
import type { EventRecord, FurtherOperation, HistoryRecord, HistorySink, Operation } from '../history.ts';
import type { ClientEvidence, WatchRegistration } from '../invariant.ts';
import { SimulatedProcess } from '../world/process.ts';
import type { World } from '../world/world.ts';
import { digestIdentity } from './identity.ts';
import { bytesOf, decodeResult, encodeOperation } from './encode-operation.ts';
import type { ClientScript } from './workload.ts';

export interface SimulatedClientOptions {
  readonly world: World;
  readonly client: number;
  readonly script: ClientScript;
  readonly random: Random;
  readonly sessionTimeoutMs: number;
  /** Host names; all listen on the same port. */
  readonly servers: readonly string[];
  readonly history: HistorySink;
  readonly counters: ClientCounters;
  /** `scheme` and credentials it shows on each connection. */
  readonly auth?: readonly [scheme: string, credentials: string];
}

/** Shared by all clients of a world. */
export interface ClientCounters {
  connections: number;
  arrivals: number;
  answered: number;
}

/**
 * A client as bare as it can be: it sends what its script says, keeps its session over connections, re-registers its
 * watches, and writes down what it sees. Its process is never killed; its links are, as those of servers.
 */
export class SimulatedClient implements ClientEvidence, ConnectionHandler {
  readonly client: number;
  readonly host: string;
  session = 0n;
  sessionTimeoutMs = 0;
  readonly answeredRequestsAt: number[] = [];
  isClosing = false;
  readonly identity: string | undefined;
  readonly watches: Map<string, WatchRegistration> = new Map();
  readonly #o: SimulatedClientOptions;
  readonly #process: SimulatedProcess;
  readonly #pending: Pending[] = [];
  #splitter = new FrameSplitter({ payloadMax: FRAME_MAX });
  readonly #reader = new JuteReader();
  #password: Uint8Array | null = new Uint8Array(16);
  #connection: Connection | undefined = undefined;
  #connectionNumber = 0;
  #server = '';
  #handshakeAt = 0;
  #authenticatedAt = 0;
  #isConnected = false;
  #lastZxid = 0;
  #lastXid = 0;
  #heardAt = 0;
  #sentAt = 0;
  #setWatches: { readonly operation: FurtherOperation; readonly invokedAt: number } | undefined = undefined;
  #isQuiet = false;
  #silentUntil = 0;
  /** Where it is to go next, and what it is to send there before it goes on with its script. */
  #errand: { readonly host: string; readonly operations: readonly Operation[] } | undefined = undefined;
  readonly #beat: Timer;

  constructor(options: SimulatedClientOptions) {
    const { world, client } = options;
    this.#o = options;
    this.client = client;
    this.host = `c${client}`;
    const { auth } = options;
    this.identity = auth?.[0] === 'digest' ? `digest:${digestIdentity(world.digests, auth[1])}` : undefined;
    const machine = { name: this.host, wallOffsetMs: 0, rate: 1 };
    this.#process = new SimulatedProcess(
      machine,
      world.clock,
      world.network.transport(this.host),
      world.trace,
    );
    this.#beat = world.clock.every(BEAT_MS, () => this.#look());
    this.#dial();
  }

  get isIdle(): boolean {
    return this.#pending.length === 0;
  }

  /** Sends nothing more by itself. */
  quiet(): void {
    this.#isQuiet = true;
  }

  /** Says nothing for so long; where it hangs up, from nowhere. */
  fallSilent(ms: number, hangsUp: boolean): void {
    this.#silentUntil = this.#now + ms;
    if (hangsUp) this.#hangUp();
  }

  /** Goes to that server with its session, and asks all this of it at once. */
  rush(host: string, operations: readonly Operation[]): void {
    if (this.#isQuiet) return;
    this.#errand = { host, operations };
    if (this.#server !== host) this.#hangUp();
    else this.#work();
  }

  end(): void {
    this.#beat.cancel();
    this.#connection?.destroy();
    this.#process.kill();
  }

  onData(chunk: Uint8Array): void {
    this.#heardAt = this.#now;
    const splitter = this.#splitter;
    splitter.push(chunk);
    while (splitter.next()) this.#frame(splitter.bytes, splitter.start, splitter.end);
  }

  onDrain(): void {}

  onClose(): void {
    this.#lost(false);
  }

  get #now(): number {
    return this.#o.world.clock.monotonic();
  }

  #answered(requestAt: number): void {
    if (this.answeredRequestsAt.push(requestAt) > ANSWERED_KEPT * 2)
      this.answeredRequestsAt.splice(0, ANSWERED_KEPT);
  }

  #hangUp(): void {
    this.#connection?.destroy();
    this.#lost(false);
  }

  #dial(): void {
    const { servers, random, counters, sessionTimeoutMs } = this.#o;
    const host = this.#errand?.host ?? servers[random.below(servers.length)]!;
    this.#server = host;
    this.#connectionNumber = ++counters.connections;
    this.#heardAt = this.#now;
    const number = this.#connectionNumber;
    this.#process.transport
      .connect({ host, port: CLIENT_PORT, timeoutMs: sessionTimeoutMs / 3 }, (connection) => {
        this.#connection = connection;
        this.#splitter = new FrameSplitter({ payloadMax: FRAME_MAX });
        this.#introduce(connection);
        return new OfConnection(this, () => this.#connection === connection);
      })
      .catch(() => {
        this.#errand = undefined;
        if (this.#connectionNumber === number) this.#dialLater();
      });
  }

  #dialLater(): void {
    const { world, random } = this.#o;
    const silentMs = Math.max(this.#silentUntil - this.#now, 0);
    world.clock.after(silentMs + 20 + random.below(300), () => {
      if (this.#connection === undefined && !this.#process.isDead) this.#dial();
    });
  }

  #introduce(connection: Connection): void {
    const { sessionTimeoutMs } = this.#o;
    this.#handshakeAt = this.#now;
    const request = new ConnectRequest(
      0,
      this.#lastZxid,
      sessionTimeoutMs,
      this.session,
      this.#password,
      false,
    );
    connection.write(frameOf((w) => request.write(w)));
  }

  #frame(bytes: Uint8Array, start: number, end: number): void {
    const r = this.#reader.reset(bytes.slice(start, end));
    if (!this.#isConnected) return this.#welcomed(ConnectResponse.read(r));
    const xid = r.readInt();
    const zxid = r.readLongNumber();
    const error = r.readInt();
    if (zxid > this.#lastZxid) this.#lastZxid = zxid;
    if (xid === Xid.notification) this.#event(zxid, WatcherEvent.read(r));
    else if (xid === Xid.setWatches) this.#watchedAgain(zxid, error);
    else if (xid === Xid.auth) this.#authenticated(zxid, error);
    else if (xid >= 0) this.#reply(xid, zxid, error, r);
  }

  #welcomed({ sessionId, timeOut, passwd }: ConnectResponse): void {
    const isNew = this.session === 0n;
    if (sessionId === 0n) {
      this.#connection?.destroy();
      this.#lost(true);
      return;
    }
    const lastZxidSeen = this.#lastZxid;
    this.#isConnected = true;
    this.session = sessionId;
    this.sessionTimeoutMs = timeOut;
    this.#password = passwd;
    this.#answered(this.#handshakeAt);
    this.#o.world.coverage.add(isNew ? 'sessions opened' : 'sessions moved');
    this.#record({
      kind: 'connected',
      ...this.#here(),
      server: this.#server,
      session: sessionId,
      isNew,
      timeoutMs: timeOut,
      lastZxidSeen,
      invokedAt: this.#handshakeAt,
      returnedAt: this.#now,
    });
    const { auth } = this.#o;
    if (auth !== undefined) this.#authenticate(auth);
    if (this.watches.size > 0) this.#watchAgain();
    this.#work();
  }

  #authenticate([scheme, credentials]: readonly [string, string]): void {
    this.#authenticatedAt = this.#now;
    const packet = new AuthPacket(0, scheme, bytesOf(credentials));
    this.#write(
      frameOf((w) => {
        w.writeInt(Xid.auth);
        w.writeInt(OpCode.auth);
        packet.write(w);
      }),
    );
  }

  #authenticated(zxid: number, error: number): void {
    if (this.identity === undefined) return;
    this.#record({
      kind: 'request',
      ...this.#here(),
      session: this.session,
      xid: Xid.auth,
      operation: { op: 'auth', scheme: 'digest', identity: this.identity.slice('digest:'.length) },
      invokedAt: this.#authenticatedAt,
      returnedAt: this.#now,
      outcome: error === 0 ? 'ok' : 'error',
      zxid,
      error,
      result: undefined,
    });
  }

  #watchAgain(): void {
    const { coverage } = this.#o.world;
    coverage.add('watches registered again', this.watches.size);
    const of = (kind: string): string[] =>
      [...this.watches].filter(([key]) => key.startsWith(`${kind} `)).map(([, { path }]) => path);
    const [data, exist, child] = [of('data'), of('exists'), of('children')];
    const request = new SetWatches(this.#lastZxid, data, exist, child);
    const relativeZxid = this.#lastZxid;
    const operation = {
      op: 'setWatches',
      relativeZxid,
      data,
      exist,
      child,
      persistent: [],
      recursive: [],
    } as const;
    this.#setWatches = { operation, invokedAt: this.#now };
    this.#write(
      frameOf((w) => {
        w.writeInt(Xid.setWatches);
        w.writeInt(OpCode.setWatches);
        request.write(w);
      }),
    );
  }

  /** A node that came and went meanwhile is as absent as before: that watch has missed nothing it could be told of. */
  #watchedAgain(zxid: number, error: number): void {
    for (const [key, { kind, path }] of this.watches)
      if (key.startsWith('exists ')) this.watches.set(key, { kind, path, zxid });
    const { operation, invokedAt } = this.#setWatches!;
    this.#setWatches = undefined;
    this.#record({
      kind: 'request',
      ...this.#here(),
      session: this.session,
      xid: Xid.setWatches,
      operation,
      invokedAt,
      returnedAt: this.#now,
      outcome: error === 0 ? 'ok' : 'error',
      zxid,
      error,
      result: undefined,
    });
  }

  #work(): void {
    if (!this.#isConnected || this.#isQuiet || this.#pending.length > 0) return;
    if (this.#now < this.#silentUntil) return this.#restFor(this.#silentUntil - this.#now);
    for (const operation of this.#nextOperations()) {
      if (operation.op === 'closeSession') this.isClosing = true;
      const xid = ++this.#lastXid;
      this.#pending.push({ xid, operation, invokedAt: this.#now });
      this.#write(encodeOperation(xid, operation));
    }
    if (this.#pending.length === 0) this.#rest();
  }

  #nextOperations(): readonly Operation[] {
    const errand = this.#errand;
    if (errand?.host !== this.#server) return this.#o.script.next();
    this.#errand = undefined;
    return errand.operations;
  }

  #rest(): void {
    this.#restFor(this.#o.script.pauseMs());
  }

  #restFor(ms: number): void {
    const number = this.#connectionNumber;
    this.#o.world.clock.after(ms, () => {
      if (this.#connectionNumber === number) this.#work();
    });
  }

  #write(bytes: Uint8Array): void {
    this.#sentAt = this.#now;
    this.#connection?.write(bytes);
  }

  #reply(xid: number, zxid: number, error: number, r: JuteReader): void {
    const pending = this.#pending.shift();
    const { world, counters, script } = this.#o;
    if (pending?.xid !== xid) {
      world.violated(
        'session-order',
        'In a session replies come in the order of the requests.',
        `client ${this.client} gets a reply to ${xid} where one to ${pending?.xid} is due`,
      );
      return;
    }
    const { operation, invokedAt } = pending;
    const hasBody = error === 0 || (operation.op === 'multi' && r.remaining > 0);
    const result = hasBody ? decodeResult(operation, r) : undefined;
    counters.answered++;
    this.#answered(invokedAt);
    this.#record({
      kind: 'request',
      ...this.#here(),
      session: this.session,
      xid,
      operation,
      invokedAt,
      returnedAt: this.#now,
      outcome: error === 0 ? 'ok' : 'error',
      zxid,
      error,
      result,
    });
    this.#register(operation, error, zxid);
    script.onResult?.(operation, error === 0 ? result : undefined);
    if (operation.op === 'closeSession' && error === 0) this.#forgetSession();
    if (this.#pending.length === 0) this.#rest();
  }

  #register(operation: Operation, error: number, zxid: number): void {
    if (!('watch' in operation) || !operation.watch) return;
    if (error !== 0 && !(operation.op === 'exists' && error === NO_NODE)) return;
    const { path } = operation;
    const kind = operation.op === 'getChildren' ? 'children' : 'data';
    const list = kind === 'children' ? 'children' : error === 0 ? 'data' : 'exists';
    const key = `${list} ${path}`;
    // A second registration is the same watch: it stands since the first.
    if (!this.watches.has(key)) this.watches.set(key, { kind, path, zxid });
  }

  #event(zxid: number, { type, state, path }: WatcherEvent): void {
    const record: EventRecord = {
      kind: 'event',
      ...this.#here(),
      session: this.session,
      returnedAt: this.#now,
      zxid,
      type,
      state,
      path: path ?? '',
    };
    this.#o.world.tell((checks) => checks.onEvent?.(record, this));
    if (type === EventType.NodeChildrenChanged) this.watches.delete(`children ${path}`);
    else {
      this.watches.delete(`data ${path}`);
      this.watches.delete(`exists ${path}`);
      if (type === EventType.NodeDeleted) this.watches.delete(`children ${path}`);
    }
    this.#o.world.coverage.add('watch events');
    this.#record(record);
  }

  /** Each connection ends here once, however it ended. */
  #lost(isExpired: boolean): void {
    if (this.#connection === undefined) return;
    // Of what came since the handshake, which leaders answer themselves, the server may have told its leader nothing.
    if (this.#isConnected) this.answeredRequestsAt.splice(0, Infinity, this.#handshakeAt);
    this.#connection = undefined;
    this.#isConnected = false;
    this.#setWatches = undefined;
    for (const { xid, operation, invokedAt } of this.#pending.splice(0)) {
      this.#record({
        kind: 'request',
        ...this.#here(),
        session: this.session,
        xid,
        operation,
        invokedAt,
        returnedAt: this.#now,
        outcome: 'unknown',
        zxid: 0,
        error: 0,
        result: undefined,
      });
      this.#o.script.onResult?.(operation, undefined);
    }
    this.#record({
      kind: 'disconnected',
      ...this.#here(),
      session: this.session,
      isExpired,
      returnedAt: this.#now,
    });
    if (isExpired) {
      this.#o.world.coverage.add('sessions expired');
      this.#forgetSession();
    }
    this.#dialLater();
  }

  #forgetSession(): void {
    // What was sent behind its end is a part of it.
    if (this.#connection !== undefined) this.#hangUp();
    this.session = 0n;
    this.#password = new Uint8Array(16);
    this.isClosing = false;
    this.answeredRequestsAt.length = 0;
    this.watches.clear();
  }

  #look(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const patienceMs = (this.#o.sessionTimeoutMs * 2) / 3;
    if (this.#now - this.#heardAt > patienceMs) {
      connection.destroy();
      this.#lost(false);
    } else if (this.#now < this.#silentUntil) {
      // Nothing, not even that it lives.
    } else if (this.#isConnected && this.#now - this.#sentAt > this.#o.sessionTimeoutMs / 3)
      this.#write(PING);
  }

  #here(): { readonly client: number; readonly connection: number; readonly arrival: number } {
    return {
      client: this.client,
      connection: this.#connectionNumber,
      arrival: ++this.#o.counters.arrivals,
    };
  }

  #record(record: HistoryRecord): void {
    const { world, history } = this.#o;
    world.tell((checks) => checks.onRecord?.(record, this));
    history(record);
  }
}

/** What a connection that was given up still says is nobody's affair. */
class OfConnection implements ConnectionHandler {
  readonly #client: SimulatedClient;
  readonly #isCurrent: () => boolean;

  constructor(client: SimulatedClient, isCurrent: () => boolean) {
    this.#client = client;
    this.#isCurrent = isCurrent;
  }

  onData(chunk: Uint8Array): void {
    if (this.#isCurrent()) this.#client.onData(chunk);
  }

  onDrain(): void {}

  onClose(): void {
    if (this.#isCurrent()) this.#client.onClose();
  }
}

interface Pending {
  readonly xid: number;
  readonly operation: Operation;
  readonly invokedAt: number;
}

function frameOf(write: (w: JuteWriter) => void): Uint8Array {
  const w = new JuteWriter();
  const length = w.reserveInt();
  write(w);
  w.patchLength(length);
  return w.copy();
}

const PING = frameOf((w) => {
  w.writeInt(Xid.ping);
  w.writeInt(OpCode.ping);
});
const CLIENT_PORT = 2181;
const BEAT_MS = 500;
const ANSWERED_KEPT = 200;
const FRAME_MAX = 1 << 24;
const NO_NODE = -101;

import {
  type ConnectResponse,
  customaryXid,
  decodeConnectResponse,
  encodeConnectRequest,
  encodeFrame,
  noPasswd,
  notificationXid,
  WireConnection,
  xidOf,
} from '@corral-test/oracle';
import { JuteReader } from '@corral/jute';
import { WatcherEvent } from '@corral/protocol';
import type { Request } from '../workload.ts';
import { WatchLists } from '../watch-lists.ts';
import type { Recorder } from './recorder.ts';
import { readReply, wireForm } from './wire-form.ts';

/** Where a client may connect to. */
export interface Server {
  readonly name: string;
  readonly port: number;
  /** Loopback where it is absent. */
  readonly host?: string;
}

interface Asked {
  readonly request: Request;
  readonly xid: number;
  readonly invokedAt: number;
}

/** A client of a real server that writes down all it does and sees. Its session goes along from server to server. */
export class RecordingClient {
  readonly #recorder: Recorder;
  readonly #client: number;
  readonly #timeoutMs: number;
  readonly #identity: string | undefined;
  readonly #lists = new WatchLists();
  #asked: Asked[] = [];
  #wire: WireConnection | undefined;
  #response: ConnectResponse | undefined;
  #session = 0n;
  #passwd = noPasswd;
  #connection = 0;
  #xid = 0;
  #seen = 0;

  constructor(recorder: Recorder, client: number, timeoutMs: number, identity: string | undefined) {
    this.#recorder = recorder;
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.#identity = identity;
  }

  get isConnected(): boolean {
    return this.#wire !== undefined && !this.#wire.isClosed;
  }

  get pending(): number {
    return this.#asked.length;
  }

  /** Says whether there is a session on a connection now. */
  async connect(server: Server): Promise<boolean> {
    const invokedAt = this.#recorder.now;
    const presented = this.#session;
    this.#response = undefined;
    this.#connection = this.#recorder.nextConnection();
    let wire: WireConnection;
    try {
      wire = await WireConnection.open(server.port, (frame) => this.#receive(wire, frame), {
        host: server.host ?? '127.0.0.1',
        connectLimitMs: CONNECT_LIMIT_MS,
      });
    } catch {
      return false;
    }
    this.#wire = wire;
    wire.send(
      encodeConnectRequest({
        protocolVersion: 0,
        lastZxidSeen: this.#seen,
        timeOut: this.#timeoutMs,
        sessionId: presented,
        passwd: this.#passwd,
        readOnly: false,
      }),
    );
    const isAnswered = await wire.until(() => this.#response !== undefined, CONNECT_LIMIT_MS);
    const response = this.#response as ConnectResponse | undefined;
    if (!isAnswered || response === undefined) {
      this.#wire = undefined;
      await wire.drop();
      return false;
    }
    return this.#begin(server, presented, response, invokedAt, wire);
  }

  ask(request: Request): void {
    if (!this.isConnected) return;
    const form = wireForm(request);
    const xid = customaryXid(form) ?? ++this.#xid;
    const frame = encodeFrame(xid, form, request.op === 'setWatches' ? request.relativeZxid : 0);
    this.#asked.push({ request, xid, invokedAt: this.#recorder.now });
    this.#wire!.send(frame);
  }

  /** Waits until at most so many are unanswered; says whether the connection still stands. */
  async until(pending: number, limitMs: number): Promise<boolean> {
    const wire = this.#wire;
    if (wire === undefined) return false;
    const isDone = await wire.until(() => this.#asked.length <= pending, limitMs);
    if (isDone && !wire.isClosed) return true;
    await this.lose();
    return false;
  }

  /** The connection ends, and nobody says goodbye. */
  async lose(): Promise<void> {
    const wire = this.#wire;
    if (wire === undefined) return;
    this.#wire = undefined;
    await wire.drop();
    const isClosing = this.#asked.some(({ request }) => request.op === 'closeSession');
    for (const { request, xid, invokedAt } of this.#asked) {
      this.#recorder.add({
        kind: 'request',
        ...this.#base(),
        xid,
        operation: request,
        invokedAt,
        returnedAt: this.#recorder.now,
        outcome: 'unknown',
        zxid: 0,
        error: 0,
        result: undefined,
      });
    }
    this.#asked = [];
    this.#recorder.add({
      kind: 'disconnected',
      ...this.#base(),
      isExpired: false,
      returnedAt: this.#recorder.now,
    });
    if (isClosing) this.#forgetSession();
  }

  async close(): Promise<void> {
    this.ask({ op: 'closeSession' });
    await this.until(0, CONNECT_LIMIT_MS);
    await this.lose();
    this.#forgetSession();
  }

  async #begin(
    server: Server,
    presented: bigint,
    response: ConnectResponse,
    invokedAt: number,
    wire: WireConnection,
  ): Promise<boolean> {
    const returnedAt = this.#recorder.now;
    if (response.sessionId === 0n) {
      this.#recorder.add({ kind: 'disconnected', ...this.#base(), isExpired: true, returnedAt });
      this.#wire = undefined;
      this.#forgetSession();
      await wire.drop();
      return false;
    }
    this.#session = response.sessionId;
    this.#passwd = response.passwd;
    this.#recorder.add({
      kind: 'connected',
      ...this.#base(),
      server: server.name,
      isNew: presented === 0n,
      timeoutMs: response.timeOut,
      lastZxidSeen: this.#seen,
      invokedAt,
      returnedAt,
    });
    if (this.#identity !== undefined) this.ask({ op: 'auth', scheme: 'digest', identity: this.#identity });
    const lists = this.#lists.request(this.#seen);
    if (lists !== undefined) this.ask(lists);
    return true;
  }

  #receive(wire: WireConnection, frame: Uint8Array): void {
    if (this.#response === undefined) {
      this.#response = decodeConnectResponse(frame);
      return;
    }
    // What comes after the end of a connection was never seen.
    if (wire !== this.#wire) return;
    const xid = xidOf(frame)!;
    if (xid === notificationXid) return this.#event(frame);
    const position = this.#asked.findIndex((asked) => asked.xid === xid);
    const [asked] = this.#asked.splice(position, 1);
    const { zxid, error, result } = readReply(asked!.request, frame);
    this.#seen = Math.max(this.#seen, zxid);
    this.#lists.answered(asked!.request, error);
    this.#recorder.add({
      kind: 'request',
      ...this.#base(),
      xid,
      operation: asked!.request,
      invokedAt: asked!.invokedAt,
      returnedAt: this.#recorder.now,
      outcome: error === 0 ? 'ok' : 'error',
      zxid,
      error,
      result,
    });
  }

  #event(frame: Uint8Array): void {
    const r = new JuteReader(frame);
    r.readInt();
    const zxid = r.readLongNumber();
    r.readInt();
    const { type, state, path } = WatcherEvent.read(r);
    this.#lists.heard(type, path!);
    this.#recorder.add({
      kind: 'event',
      ...this.#base(),
      returnedAt: this.#recorder.now,
      zxid,
      type,
      state,
      path: path!,
    });
  }

  #base(): { readonly client: number; readonly connection: number; readonly session: bigint } {
    return { client: this.#client, connection: this.#connection, session: this.#session };
  }

  #forgetSession(): void {
    this.#session = 0n;
    this.#passwd = noPasswd;
    this.#lists.clear();
  }
}

const CONNECT_LIMIT_MS = 3000;

import { FrameSplitter, JuteReader, JuteWriter } from '@corral/jute';
import { ConnectRequest, ConnectResponse, OpCode, ReplyHeader, RequestHeader, Xid } from '@corral/protocol';
import type { Address, Connection, ConnectionHandler, Transport, TransportError } from '@corral/transport';

/** A request's body: any record of `@corral/protocol`. */
export interface RequestBody {
  write(w: JuteWriter): void;
}

/** What a workload does when something arrives. Requests made in here leave together, once all has been looked at. */
export interface SessionHandler {
  /** @param us since the request was made, in microseconds */
  onReply(session: LoadSession, err: number, us: number): void;
  onWatchEvent?(session: LoadSession): void;
}

/**
 * One session over one connection, which keeps as many requests in flight as its workload makes. Nothing is tried
 * again: when a connection breaks the whole measurement has failed, and `fail` is told.
 */
export class LoadSession implements ConnectionHandler {
  readonly id: number;
  handler: SessionHandler = IGNORE;
  inFlight = 0;
  readonly #connection: Connection;
  /** How messages call it. */
  readonly #server: string;
  readonly #fail: (error: Error) => void;
  readonly #splitter = new FrameSplitter({ payloadMax: FRAME_PAYLOAD_MAX });
  readonly #reader = new JuteReader();
  readonly #out = new JuteWriter(BUFFER_BYTES);
  readonly #header = new RequestHeader(0, 0);
  /** When each request was made, by xid modulo the length. */
  readonly #askedAt = new Float64Array(IN_FLIGHT_MAX);
  #isReading = false;
  #isClosing = false;
  #onOpened: (() => void) | undefined;
  #onIdle: (() => void) | undefined;
  #onClosed: (() => void) | undefined;

  /** Resolves when the session stands. */
  static async open(
    transport: Transport,
    address: Address,
    id: number,
    fail: (error: Error) => void,
  ): Promise<LoadSession> {
    const name = `${address.host}:${address.port}`;
    let session: LoadSession | undefined;
    try {
      await transport.connect({ ...address, timeoutMs: DIAL_MS_MAX }, (connection) => {
        session = new LoadSession(connection, name, id, fail);
        return session;
      });
    } catch (cause) {
      throw new Error(`no server is to be reached at ${name} (${(cause as Error).message})`, { cause });
    }
    await session!.#greet();
    return session!;
  }

  private constructor(connection: Connection, server: string, id: number, fail: (error: Error) => void) {
    this.#connection = connection;
    this.#server = server;
    this.#fail = fail;
    this.id = id;
  }

  /** Asks. It leaves with all that is asked in this call of the handler, or with `flush`. */
  request(type: number, body?: RequestBody): void {
    if (this.inFlight >= IN_FLIGHT_MAX) throw new RangeError(`more than ${IN_FLIGHT_MAX} requests in flight`);
    const header = this.#header;
    header.xid = (header.xid % XID_MAX) + 1;
    header.type = type;
    this.#askedAt[header.xid % IN_FLIGHT_MAX] = performance.now();
    this.inFlight++;
    const out = this.#out;
    const length = out.reserveInt();
    header.write(out);
    body?.write(out);
    out.patchLength(length);
  }

  /** Keeps a session alive that has nothing to ask. */
  ping(): void {
    if (this.#isClosing) return;
    const length = this.#out.reserveInt();
    new RequestHeader(Xid.ping, OpCode.ping).write(this.#out);
    this.#out.patchLength(length);
    this.flush();
  }

  flush(): void {
    if (this.#isReading || this.#out.length === 0) return;
    // What the connection has not let go of stays its own.
    if (this.#connection.write(this.#out.bytes())) this.#out.clear();
    else this.#out.take();
  }

  /** Sends, and resolves when every request has its reply. */
  idle(): Promise<void> {
    this.flush();
    return new Promise((resolve) => {
      if (this.inFlight === 0) resolve();
      else this.#onIdle = resolve;
    });
  }

  /** Ends the session, and resolves when the connection is closed. */
  close(): Promise<void> {
    this.handler = IGNORE;
    this.#isClosing = true;
    this.request(OpCode.closeSession);
    this.flush();
    return new Promise((resolve) => (this.#onClosed = resolve));
  }

  onData(chunk: Uint8Array): void {
    this.#isReading = true;
    try {
      this.#splitter.push(chunk);
      while (this.#splitter.next()) {
        const { bytes, start, end } = this.#splitter;
        this.#frame(this.#reader.reset(bytes, start, end));
      }
    } catch (cause) {
      this.#connection.destroy();
      this.#fail(new Error(`what answers at ${this.#server} is no ZooKeeper server`, { cause }));
    }
    this.#isReading = false;
    this.flush();
  }

  onDrain(): void {}

  onClose(error?: TransportError): void {
    if (this.#isClosing) this.#onClosed?.();
    else this.#fail(new Error(`${this.#server} has closed a connection`, { cause: error }));
  }

  #greet(): Promise<void> {
    const length = this.#out.reserveInt();
    new ConnectRequest(0, 0, SESSION_TIMEOUT_MS, 0n, new Uint8Array(16), false).write(this.#out);
    this.#out.patchLength(length);
    this.flush();
    return new Promise((resolve) => (this.#onOpened = resolve));
  }

  #frame(frame: JuteReader): void {
    if (this.#onOpened !== undefined) return this.#welcome(frame);
    const { xid, err } = ReplyHeader.read(frame);
    if (xid === Xid.notification) return this.handler.onWatchEvent?.(this);
    if (xid === Xid.ping) return;
    this.inFlight--;
    this.handler.onReply(this, err, (performance.now() - this.#askedAt[xid % IN_FLIGHT_MAX]!) * 1000);
    if (this.inFlight === 0) this.#onIdle?.();
  }

  #welcome(frame: JuteReader): void {
    const opened = this.#onOpened;
    this.#onOpened = undefined;
    if (ConnectResponse.read(frame).timeOut > 0) opened?.();
    else this.#fail(new Error(`${this.#server} has refused a session`));
  }
}

const IGNORE: SessionHandler = { onReply: () => {} };

/** Requests one session may have in flight. */
export const IN_FLIGHT_MAX = 4096;
/** A list of 100,000 children is still believed. */
const FRAME_PAYLOAD_MAX = 64 * 1024 * 1024;
const BUFFER_BYTES = 64 * 1024;
const DIAL_MS_MAX = 10_000;
export const SESSION_TIMEOUT_MS = 30_000;
const XID_MAX = 0x7fff_ffff;

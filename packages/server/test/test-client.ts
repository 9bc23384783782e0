import { FrameSplitter, JuteReader, JuteWriter } from '@corral/jute';
import { ConnectRequest, ConnectResponse, OpCode, WatcherEvent, Xid } from '@corral/protocol';
import type { Connection, ConnectionHandler, Transport } from '@corral/transport';

/** Anything that writes itself: the records of `@corral/protocol`. */
export interface Writable {
  write(w: JuteWriter): void;
}

export interface Reply {
  readonly xid: number;
  readonly zxid: number;
  readonly err: number;
  /** Stands behind the header. */
  readonly body: JuteReader;
  readonly frame: Uint8Array;
}

/** One connection to a server, as bare as it gets: it sends what it is told and keeps what comes back. */
export class TestClient implements ConnectionHandler {
  /** Frames that came and were not asked for yet. */
  readonly frames: Uint8Array[] = [];
  isClosed = false;
  /** The connection ended with an error. */
  wasReset = false;
  session: ConnectResponse | undefined;
  readonly raw: number[] = [];
  #connection!: Connection;
  readonly #splitter = new FrameSplitter({ payloadMax: 1 << 30 });
  readonly #waiting: (() => void)[] = [];
  #nextXid = 1;
  readonly #framed: boolean;

  private constructor(framed: boolean) {
    this.#framed = framed;
  }

  static async dial(
    transport: Transport,
    port: number,
    options: { framed?: boolean; host?: string } = {},
  ): Promise<TestClient> {
    const client = new TestClient(options.framed ?? true);
    await transport.connect({ host: options.host ?? '127.0.0.1', port, timeoutMs: 5000 }, (connection) => {
      client.#connection = connection;
      return client;
    });
    return client;
  }

  onData(chunk: Uint8Array): void {
    if (this.#framed) {
      this.#splitter.push(chunk);
      while (this.#splitter.next()) {
        this.frames.push(this.#splitter.bytes.slice(this.#splitter.start, this.#splitter.end));
      }
    } else this.raw.push(...chunk);
    this.#wake();
  }

  onDrain(): void {}

  onClose(error?: Error): void {
    this.isClosed = true;
    this.wasReset = error !== undefined;
    this.#wake();
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  end(): void {
    this.#connection.end();
  }

  destroy(): void {
    this.#connection.destroy();
  }

  sendRaw(bytes: Uint8Array): void {
    this.#connection.write(bytes.slice());
  }

  /** Sends a request and says under which xid. */
  send(type: number, body: Writable | Uint8Array | null = null, xid: number = this.#nextXid++): number {
    this.sendRaw(requestFrame(xid, type, body));
    return xid;
  }

  /** The next frame; rejects when the connection ends instead. */
  async frame(): Promise<Uint8Array> {
    for (;;) {
      const frame = this.frames.shift();
      if (frame !== undefined) return frame;
      if (this.isClosed) throw new Error('the connection was closed');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async reply(): Promise<Reply> {
    return replyOf(await this.frame());
  }

  async event(): Promise<WatcherEvent & { readonly zxid: number }> {
    const { xid, zxid, body } = await this.reply();
    if (xid !== Xid.notification) throw new Error(`a reply to ${xid} where an event was due`);
    return Object.assign(WatcherEvent.read(body), { zxid });
  }

  /** Sends a request and waits for the frame that comes next. */
  async request(type: number, body: Writable | Uint8Array | null = null, xid?: number): Promise<Reply> {
    const sent = this.send(type, body, xid);
    const reply = await this.reply();
    if (reply.xid !== sent && type !== OpCode.ping)
      throw new Error(`a reply to ${reply.xid} where ${sent} was asked`);
    return reply;
  }

  /** Opens a session, or takes one over. */
  async handshake(options: HandshakeOptions = {}): Promise<ConnectResponse> {
    this.sendRaw(connectFrame(options));
    this.session = ConnectResponse.read(new JuteReader(await this.frame()));
    return this.session;
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  get text(): string {
    return String.fromCharCode(...this.raw);
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

export interface HandshakeOptions {
  readonly timeout?: number;
  readonly sessionId?: bigint;
  readonly password?: Uint8Array | null;
  readonly lastZxid?: number;
  readonly readOnlyFlag?: boolean;
  /** It accepts a server that has no leader. */
  readonly acceptsReadOnly?: boolean;
  readonly protocolVersion?: number;
}

export function connectFrame(options: HandshakeOptions = {}): Uint8Array {
  const {
    timeout = 10_000,
    sessionId = 0n,
    lastZxid = 0,
    readOnlyFlag = true,
    acceptsReadOnly = false,
    protocolVersion = 0,
  } = options;
  const password = options.password === undefined ? new Uint8Array(16) : options.password;
  return frameOf(
    new ConnectRequest(
      protocolVersion,
      lastZxid,
      timeout,
      sessionId,
      password,
      acceptsReadOnly,
      readOnlyFlag,
    ),
  );
}

export function requestFrame(xid: number, type: number, body: Writable | Uint8Array | null): Uint8Array {
  const w = new JuteWriter();
  const length = w.reserveInt();
  w.writeInt(xid);
  w.writeInt(type);
  if (body instanceof Uint8Array) w.writeRaw(body);
  else body?.write(w);
  w.patchLength(length);
  return w.copy();
}

export function frameOf(body: Writable | Uint8Array): Uint8Array {
  const w = new JuteWriter();
  const length = w.reserveInt();
  if (body instanceof Uint8Array) w.writeRaw(body);
  else body.write(w);
  w.patchLength(length);
  return w.copy();
}

export function replyOf(frame: Uint8Array): Reply {
  const body = new JuteReader(frame);
  return { xid: body.readInt(), zxid: body.readLongNumber(), err: body.readInt(), body, frame };
}

export function bytesOf(write: (w: JuteWriter) => void): Uint8Array {
  const w = new JuteWriter();
  write(w);
  return w.copy();
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

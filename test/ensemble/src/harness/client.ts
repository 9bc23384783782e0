import {
  type ConnectResponse,
  customaryXid,
  decodeConnectResponse,
  encodeConnectRequest,
  encodeFrame,
  noPasswd,
  notificationXid,
  type Operation,
  readNotification,
  readReply,
  type Names,
  WireConnection,
  xidOf,
} from '@corral-test/oracle';
import { eventually } from './eventually.ts';
import type { Member } from './member.ts';

export interface Answer {
  readonly err: number;
  readonly zxid: bigint;
  /** All of the reply's body, as text. */
  readonly text: string;
  /** The node's data, or the created node's path, where it is text. */
  readonly value: string | undefined;
}

export interface Session {
  readonly id: bigint;
  readonly passwd: Uint8Array;
}

export interface ClientOptions {
  /** To be attached again. */
  readonly session?: Session;
  readonly timeoutMs?: number;
  /** A server that has no leader will do. */
  readonly acceptsReadOnly?: boolean;
}

/** The connection ended before the answer came: nobody knows what became of the request. */
export class ConnectionLoss extends Error {
  override readonly name: string = 'ConnectionLoss';
}

/** One connection with one member, and a session on it that is kept alive. */
export class Client {
  readonly events: string[] = [];
  readonly member: Member;
  /** As the server granted it. */
  timeoutMs = 0;
  /** The server said that nothing can be written there. */
  isReadOnly = false;
  session: Session = { id: 0n, passwd: noPasswd };
  readonly #waiting = new Map<number, Waiting>();
  #wire!: WireConnection;
  #opening: ((response: ConnectResponse) => void) | undefined;
  #keepAlive: ReturnType<typeof setInterval> | undefined;
  #nextXid = 1;

  /** A member that does not serve yet ends its connections; so this asks until it is let in or refused. */
  static async open(member: Member, options: ClientOptions = {}): Promise<Client> {
    return eventually(`a session with member ${member.sid}`, () => Client.tryOpen(member, options));
  }

  /** Undefined where there is no connection to be had. */
  static async tryOpen(member: Member, options: ClientOptions = {}): Promise<Client | undefined> {
    const client = new Client(member);
    try {
      await client.#open(options);
      return client;
    } catch {
      await client.drop();
      return undefined;
    }
  }

  private constructor(member: Member) {
    this.member = member;
  }

  /** The server does not know the session any more. */
  get isRefused(): boolean {
    return this.session.id === 0n;
  }

  get isClosed(): boolean {
    return this.#wire.isClosed;
  }

  /** @param seen the zxid that watches which are set again look back to. @throws ConnectionLoss */
  ask(operation: Operation, seen = 0): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#wire.isClosed) return reject(new ConnectionLoss());
      const xid = customaryXid(operation) ?? this.#nextXid++;
      this.#waiting.set(xid, { operation, resolve, reject });
      this.#wire.send(encodeFrame(xid, operation, seen));
    });
  }

  /** As a client does that was away: the data watches, and what it has seen. */
  setWatches(seen: bigint, data: readonly string[]): Promise<Answer> {
    const none: string[] = [];
    return this.ask({ op: 'setWatches', since: { before: 0 }, data, exist: none, child: none }, Number(seen));
  }

  /** Sends it, and does not care what becomes of it. */
  tell(operation: Operation): void {
    this.ask(operation).catch(() => {});
  }

  /** Waits for an event with this text in it. */
  event(text: string): Promise<string> {
    return eventually(`event ${text}`, () => this.events.find((event) => event.includes(text)));
  }

  async ended(): Promise<void> {
    await eventually('the end of the connection', () => this.#wire.isClosed || undefined);
  }

  /** Ends the connection, and leaves the session behind. */
  async drop(): Promise<void> {
    clearInterval(this.#keepAlive);
    await (this.#wire as WireConnection | undefined)?.drop();
  }

  async close(): Promise<void> {
    await this.ask({ op: 'closeSession' });
    await this.drop();
  }

  async #open({ session, timeoutMs = 8000, acceptsReadOnly = false }: ClientOptions): Promise<void> {
    this.#wire = await WireConnection.open(this.member.port, (frame) => this.#receive(frame));
    void this.#wire.ended(FOR_EVER_MS).then(() => this.#lose());
    const response = await new Promise<ConnectResponse>((resolve, reject) => {
      this.#opening = resolve;
      this.#waiting.set(CONNECT, { operation: { op: 'ping' }, resolve: () => {}, reject });
      this.#wire.send(
        encodeConnectRequest({
          protocolVersion: 0,
          lastZxidSeen: 0,
          timeOut: timeoutMs,
          sessionId: session?.id ?? 0n,
          passwd: session?.passwd ?? noPasswd,
          readOnly: acceptsReadOnly,
        }),
      );
    });
    this.#waiting.delete(CONNECT);
    this.session = { id: response.sessionId, passwd: response.passwd };
    this.timeoutMs = response.timeOut;
    this.isReadOnly = response.readOnly === true;
    if (!this.isRefused) this.#keepAlive = setInterval(() => this.tell({ op: 'ping' }), this.timeoutMs / 4);
  }

  #receive(frame: Uint8Array): void {
    if (this.#opening !== undefined) {
      this.#opening(decodeConnectResponse(frame));
      this.#opening = undefined;
      return;
    }
    const xid = xidOf(frame)!;
    if (xid === notificationXid) {
      this.events.push(readNotification(frame, names).text);
      return;
    }
    const waiting = this.#waiting.get(xid);
    this.#waiting.delete(xid);
    if (waiting === undefined) return;
    const { err, zxid, line } = readReply(waiting.operation, frame, names);
    let next = 0;
    const text = line.text.replaceAll('#', () => `${line.zxids[next++]}`);
    const value = /\b(?:data|path)=("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
    waiting.resolve({
      err,
      zxid,
      text: text.replace(/^xid=\S+ zxid=\S+ /, ''),
      value: value === undefined ? undefined : (JSON.parse(value) as string),
    });
  }

  #lose(): void {
    clearInterval(this.#keepAlive);
    for (const { reject } of this.#waiting.values()) reject(new ConnectionLoss());
    this.#waiting.clear();
  }
}

interface Waiting {
  readonly operation: Operation;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** As they are: whole trees are compared by them. */
const names: Names = { session: (id) => `${id}`, time: (ms) => `${ms}` };
const FOR_EVER_MS = 600_000;
/** Stands for the answer to the ConnectRequest, which has no xid. */
const CONNECT = Number.NaN;

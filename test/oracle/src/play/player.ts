import type { Names } from '../wire/line.ts';
import { WireConnection } from '../wire/connection.ts';
import { fourLetterWord } from '../wire/four-letter-word.ts';
import { customaryXid, encodeFrame, opCodes, pingXid, typeOf, type Operation } from '../wire/operation.ts';
import { notificationXid, readNotification, readReply, xidOf } from '../wire/reply.ts';
import { decodeConnectResponse, encodeConnectRequest, noPasswd } from '../wire/session-opening.ts';
import { kept } from './word-form.ts';
import type { ConnectFields, Sent, Step } from './step.ts';
import type { Entry, Transcript } from './transcript.ts';

/** How long an answer may take before its absence is written down. */
const answerLimitMs = 8000;

/** Plays scripts against one server and writes down what it says. */
export class Player {
  readonly #restart: ((how: 'stop' | 'kill') => Promise<number>) | undefined;
  readonly #startMs: number = Date.now();
  readonly #conns = new Map<number, Conn>();
  readonly #sessions: Session[] = [];
  readonly #streams = new Map<string, Entry[]>();
  readonly #zxidAfter: bigint[] = [];
  readonly #closes = new Set<bigint>();
  readonly #names: Names;
  #port: number;
  #step = 0;
  #lastZxid = 0n;

  /**
   * @param restart ends the server and resolves with the port of its successor
   * @param names for session ids and times; without them those that all servers have in common
   */
  constructor(port: number, restart?: (how: 'stop' | 'kill') => Promise<number>, names?: Names) {
    this.#port = port;
    this.#restart = restart;
    this.#names = names ?? { session: (id) => this.#sessionName(id), time: (ms) => this.#timeName(ms) };
  }

  async play(steps: readonly Step[]): Promise<Transcript> {
    for (const [index, step] of steps.entries()) {
      this.#step = index;
      await this.#do(step);
      this.#zxidAfter.push(this.#lastZxid);
    }
    return { streams: this.#streams, zxidAfter: this.#zxidAfter, closes: this.#closes };
  }

  /** Ends all connections; the sessions stay. */
  async end(): Promise<void> {
    await Promise.all(Array.from(this.#conns.values(), (conn) => conn.wire.drop()));
  }

  async #do(step: Step): Promise<void> {
    switch (step.do) {
      case 'connect':
        await this.#open(step.conn);
        return this.#openSession(this.#conns.get(step.conn)!, step.with ?? {});
      case 'open':
        return this.#open(step.conn);
      case 'send':
        return this.#send(step.conn, step.ops);
      case 'bytes':
        return this.#sendBytes(step.conn, step.hex);
      case 'drop':
        return this.#drop(step.conn);
      case 'word':
        return this.#note(
          'word',
          `${step.word}:\n${kept(await fourLetterWord(this.#port, step.word), step.keep)}`,
        );
      case 'ended':
        return this.#awaitEnd(this.#conns.get(step.conn)!);
      case 'events':
        return this.#awaitEvents(step.conn, step.count);
      case 'restart':
        await this.end();
        this.#port = await this.#restart!(step.how);
        return;
      case 'settle':
        for (const number of this.#conns.keys()) await this.#send(number, [{ op: 'ping' }]);
    }
  }

  async #open(number: number): Promise<void> {
    await this.#drop(number);
    const session = this.#conns.get(number)?.session;
    const conn = new Conn(number, session);
    conn.wire = await WireConnection.open(this.#port, (frame) => this.#receive(conn, frame));
    this.#conns.set(number, conn);
  }

  /** What is on its way to the connection arrives first: whether an event is seen is not left to chance. */
  async #drop(number: number): Promise<void> {
    const conn = this.#conns.get(number);
    if (conn === undefined || conn.wire.isClosed) return;
    conn.quietPings++;
    conn.wire.send(encodeFrame(pingXid, { op: 'ping' }, 0));
    if (conn.session !== undefined) await conn.wire.until(() => conn.quietPings === 0, answerLimitMs);
    await conn.wire.drop();
  }

  async #openSession(conn: Conn, fields: ConnectFields): Promise<void> {
    const session = fields.attach === undefined ? undefined : this.#conns.get(fields.attach)?.session;
    conn.session = session;
    conn.opening = true;
    const request = encodeConnectRequest({
      protocolVersion: fields.protocolVersion ?? 0,
      lastZxidSeen: fields.ahead === undefined ? 0 : Number(this.#lastZxid) + fields.ahead,
      timeOut: fields.timeOut ?? 120_000,
      sessionId: session?.id ?? 0n,
      passwd: passwdOf(session, fields.passwd),
      readOnly: fields.readOnly === 'absent' ? undefined : (fields.readOnly ?? false),
    });
    const more = fields.followedBy?.map((sent) => this.#encode(conn, sent)) ?? [];
    conn.wire.send(Buffer.concat([request, ...more]));
    if (!(await conn.wire.until(() => !conn.opening && conn.pending.size === 0, answerLimitMs))) {
      this.#note(conn.name, conn.wire.isClosed ? 'closed without all answers' : 'silence');
      conn.opening = false;
    }
    if (conn.isRefused) await this.#awaitEnd(conn);
  }

  async #send(number: number, ops: readonly Sent[]): Promise<void> {
    const conn = this.#conns.get(number);
    if (conn === undefined || conn.wire.isClosed) return this.#note(`c${number}`, 'not connected');
    conn.wire.send(Buffer.concat(ops.map((sent) => this.#encode(conn, sent))));
    if (await conn.wire.until(() => conn.pending.size === 0 && !conn.opening, answerLimitMs)) {
      // The reply to closeSession is the last thing on its connection.
      if (ops.some((sent) => sent.op === 'closeSession')) await this.#awaitEnd(conn);
      return;
    }
    const xids = [...conn.pending.keys()].join(' ');
    conn.pending.clear();
    this.#note(conn.name, `${conn.wire.isClosed ? 'closed' : 'silence'}, unanswered: ${xids}`);
  }

  async #awaitEnd(conn: Conn): Promise<void> {
    this.#note(conn.name, (await conn.wire.ended(answerLimitMs)) ? 'closed' : 'still open');
  }

  async #awaitEvents(number: number, count: number): Promise<void> {
    const conn = this.#conns.get(number)!;
    if (await conn.wire.until(() => conn.eventCount >= count, answerLimitMs)) return;
    this.#note(conn.name, `${conn.eventCount} events instead of ${count}`);
  }

  #encode(conn: Conn, sent: Sent): Uint8Array {
    const xid = sent.xid ?? customaryXid(sent) ?? conn.nextXid++;
    const answer = typeOf(sent) === opCodes.ping ? pingXid : xid;
    if (sent.op === 'createSession') conn.opening = true;
    else if (sent.unanswered !== true) conn.pending.set(answer, [...(conn.pending.get(answer) ?? []), sent]);
    return encodeFrame(xid, sent, Number(this.#lastZxid));
  }

  #sendBytes(number: number, hex: string): void {
    this.#conns.get(number)!.wire.send(Uint8Array.fromHex(hex));
  }

  #receive(conn: Conn, frame: Uint8Array): void {
    if (conn.opening) return this.#receiveSession(conn, frame);
    const xid = xidOf(frame);
    if (xid === pingXid && conn.quietPings > 0) {
      conn.quietPings--;
      return;
    }
    if (xid === notificationXid && !conn.pending.has(notificationXid)) {
      const line = readNotification(frame, this.#names);
      conn.eventCount++;
      return this.#write(conn.name, { ...line, isEvent: true, step: this.#step });
    }
    const requests = xid === undefined ? undefined : conn.pending.get(xid);
    const request = requests?.shift();
    if (request === undefined) return this.#note(conn.name, `unasked: ${frame.toHex()}`);
    if (requests!.length === 0) conn.pending.delete(xid!);
    this.#receiveReply(conn, request, frame);
  }

  #receiveReply(conn: Conn, request: Operation, frame: Uint8Array): void {
    const reply = readReply(request, frame, this.#names);
    if (reply.zxid > this.#lastZxid) this.#lastZxid = reply.zxid;
    if (request.op === 'closeSession') this.#closes.add(reply.zxid);
    const stream = request.op === 'auth' ? `${conn.name}:auth` : conn.name;
    const text = `${request.op} ${reply.line.text}`;
    this.#write(stream, { text, zxids: reply.line.zxids, isEvent: false, step: this.#step });
  }

  #receiveSession(conn: Conn, frame: Uint8Array): void {
    conn.opening = false;
    const response = decodeConnectResponse(frame);
    conn.isRefused = response.sessionId === 0n;
    const known = this.#sessions.find((session) => session.id === response.sessionId);
    if (known === undefined && response.sessionId !== 0n) {
      conn.session = { id: response.sessionId, passwd: response.passwd };
      this.#sessions.push(conn.session);
      // A new session is a transaction.
      this.#lastZxid += 1n;
    }
    const passwd = known === undefined ? kindOf(response.passwd) : sameAs(known.passwd, response.passwd);
    this.#note(
      conn.name,
      `connected protocolVersion=${response.protocolVersion} timeOut=${response.timeOut}` +
        ` session=${this.#sessionName(response.sessionId)} passwd=${passwd}` +
        ` readOnly=${response.readOnly} +${response.leftOver}`,
    );
  }

  #note(stream: string, text: string): void {
    this.#write(stream, { text: text.replaceAll('#', '＃'), zxids: [], isEvent: false, step: this.#step });
  }

  #write(stream: string, entry: Entry): void {
    const entries = this.#streams.get(stream);
    if (entries === undefined) this.#streams.set(stream, [entry]);
    else entries.push(entry);
  }

  #sessionName(id: bigint): string {
    if (id === 0n) return '0';
    const index = this.#sessions.findIndex((session) => session.id === id);
    return index < 0 ? `0x${BigInt.asUintN(64, id).toString(16)}` : `s${index + 1}`;
  }

  #timeName(ms: bigint): string {
    if (ms === 0n) return '0';
    const slackMs = 2000;
    const isNow = ms >= this.#startMs - slackMs && ms <= Date.now() + slackMs;
    return isNow ? 'T' : `${ms}`;
  }
}

interface Session {
  readonly id: bigint;
  readonly passwd: Uint8Array;
}

class Conn {
  readonly name: string;
  wire!: WireConnection;
  session: Session | undefined;
  opening = false;
  isRefused = false;
  /** Pings of the player's own, whose answers are not written down. */
  quietPings = 0;
  nextXid = 1;
  eventCount = 0;
  /** Requests that wait for an answer, by the xid the answer will carry. */
  readonly pending = new Map<number, Sent[]>();

  constructor(number: number, session: Session | undefined) {
    this.name = `c${number}`;
    this.session = session;
  }
}

function passwdOf(session: Session | undefined, kind: ConnectFields['passwd']): Uint8Array | null {
  const passwd = session?.passwd ?? noPasswd;
  if (kind === 'wrong') return passwd.map((byte) => byte ^ 0xff);
  if (kind === 'short') return passwd.subarray(0, 15);
  if (kind === 'long') return Buffer.concat([passwd, Buffer.alloc(1)]);
  return kind === 'null' ? null : passwd;
}

function kindOf(passwd: Uint8Array): string {
  return `${passwd.every((byte) => byte === 0) ? 'zero' : 'some'}(${passwd.length})`;
}

function sameAs(known: Uint8Array, passwd: Uint8Array): string {
  return Buffer.compare(known, passwd) === 0 ? 'own' : 'other';
}

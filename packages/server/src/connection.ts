import { FrameSplitter, type JuteWriter } from '@corral/jute';
import { type Identity, OpCode } from '@corral/protocol';
import type { Session } from '@corral/session';
import type { Address, Connection, ConnectionHandler, TransportError } from '@corral/transport';
import type { ClientPort } from './client-port.ts';
import { Lane } from './lane.ts';
import type { SessionOwner } from './sessions.ts';
import type { Rostered } from './roster.ts';
import { LatencyStats } from './stats.ts';

/** What becomes of the bytes of a connection. It only ever moves down this list. */
export const Phase = {
  /** Its first four bytes decide what it is. */
  fresh: 0,
  /** The first frame is its ConnectRequest. */
  handshake: 1,
  /** Its session is being made or taken over; what it sends meanwhile waits. */
  joining: 2,
  open: 3,
  /** It is answered with text by somebody else. */
  word: 4,
  /** What was written leaves, then it ends. */
  ending: 5,
  closed: 6,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** Why no more of what a connection sent is looked at for now. Bits. */
export const Hold = {
  /** Its session is not there yet. */
  joining: 1,
  /** The server has too many requests in flight, and this connection has a part in it. */
  throttled: 2,
  /** It does not read its replies. */
  unread: 4,
  /** The server is stopping. */
  stopping: 8,
  /** Too much of what was taken in waits for the request throttle. */
  waiting: 16,
} as const;

/**
 * One client's connection: bytes in, frames out to whoever answers them, replies gathered and written once a turn.
 * It decides nothing about requests; it owns their order (the lane), the flow in both directions, and the end.
 */
export class ClientConnection implements ConnectionHandler, Rostered {
  readonly link: Connection;
  readonly port: ClientPort;
  /** Wall-clock milliseconds. */
  readonly establishedAt: number;
  /** Monotonic milliseconds: since when it is there, and since when it should be gone. */
  readonly acceptedAt: number;
  endingSince = 0;
  slot = -1;
  readonly lane: Lane = new Lane();
  phase: Phase = Phase.fresh;
  session: Session<SessionOwner> | undefined = undefined;
  /** Only this server knows its session. */
  hasLocalSession = false;
  /** Milliseconds, as negotiated. */
  sessionTimeout = 0;
  /** Whether the client is one that knows of read-only servers: it gets the flag back. */
  hasReadOnlyFlag = false;
  /** Who the client has shown to be. Replaced, never changed: what waits keeps the list of its time. */
  identities: readonly Identity[];
  /** It shows a scheme that is asked for, or none is (`enforce.auth`). */
  isAuthenticated = false;

  packetsReceived = 0;
  packetsSent = 0;
  lastType: number = OpCode.notification;
  lastCxid = -1;
  lastZxid = -1;
  lastResponseTime = 0;
  lastLatency = 0;
  readonly latency: LatencyStats = new LatencyStats();
  /** Monotonic milliseconds. */
  lastHeardAt: number;

  #client: string | undefined = undefined;
  readonly #splitter: FrameSplitter;
  #first: Uint8Array | undefined = undefined;
  #hold = 0;
  /** Bytes taken in while held, or left over from the chunk at that moment. */
  #kept: Uint8Array | undefined = undefined;
  #isPaused = false;
  #out: JuteWriter | undefined = undefined;
  #isInTurn = false;
  /** Of one type, in this turn: they are counted together, when it is over. Apache's figures are of whole milliseconds. */
  #readsAtOnce = 0;
  #readBytes = 0;
  #writtenBytes = 0;
  /** Of the bytes written, those that had left when last asked. */
  #leftBefore = 0;

  constructor(
    link: Connection,
    port: ClientPort,
    identities: readonly Identity[],
    now: number,
    wallNow: number,
  ) {
    this.link = link;
    this.port = port;
    this.identities = identities;
    this.acceptedAt = this.lastHeardAt = now;
    this.establishedAt = wallNow;
    this.#splitter = new FrameSplitter({ payloadMax: port.framePayloadMax });
  }

  /** From now on this connection speaks for the session. */
  attach(session: Session<SessionOwner>, isLocal = false): void {
    this.session = session;
    this.hasLocalSession = isLocal;
    session.owner = this;
  }

  onData(chunk: Uint8Array): void {
    if (this.phase >= Phase.word) return;
    this.port.stats.bytesReceived.add(chunk.length);
    const now = (this.lastHeardAt = this.port.clock.monotonic());
    if (this.phase === Phase.fresh) {
      this.#begin(chunk, now);
    } else if (this.#hold !== 0) {
      this.#kept = this.#kept === undefined ? chunk.slice() : joined(this.#kept, chunk);
      this.#pause();
    } else {
      this.#splitter.push(chunk);
      this.#work(now);
    }
  }

  onDrain(): void {
    if (this.phase === Phase.word) this.port.wordDrained(this);
    else this.release(Hold.unread);
  }

  onClose(error?: TransportError): void {
    // As Apache counts: where the client has closed it, and not by an error.
    if (error === undefined && this.phase <= Phase.open) this.port.stats.connectionsDropped.add(1);
    this.phase = Phase.closed;
    this.#forget();
    this.port.closed(this, error);
  }

  /** Where replies are written. Borrowed for the turn; the port flushes it when the turn is over. */
  get out(): JuteWriter {
    if (this.#out !== undefined) return this.#out;
    this.#out = this.port.pool.borrow();
    if (!this.#isInTurn) this.port.isDirty(this);
    return this.#out;
  }

  /** Sends what was gathered. */
  flush(): void {
    const out = this.#out;
    if (out === undefined) return;
    this.#out = undefined;
    this.#writtenBytes += out.length;
    if (this.phase >= Phase.word || out.length === 0 || this.link.write(out.bytes())) {
      this.port.pool.giveBack(out);
      return;
    }
    // Now the bytes belong to the transport; the writer goes with them.
    const { unsent } = this.link;
    if (unsent > this.port.unsentMaxBytes) this.port.cutSlowReader(this, unsent);
    else if (unsent > this.port.unsentPauseBytes) this.hold(Hold.unread);
  }

  hold(reason: number): void {
    this.#hold |= reason;
  }

  isHeldFor(reason: number): boolean {
    return (this.#hold & reason) !== 0;
  }

  /** The reason is over: what waited is looked at, at once. */
  release(reason: number): void {
    if ((this.#hold & reason) === 0) return;
    this.#hold &= ~reason;
    if (this.#hold !== 0 || this.phase > Phase.open) return;
    const kept = this.#kept;
    if (kept !== undefined) {
      this.#kept = undefined;
      this.#splitter.push(kept);
      this.#work(this.port.clock.monotonic());
    }
    if (this.#isPaused && this.#hold === 0) {
      this.#isPaused = false;
      this.link.resume();
    }
  }

  /** Whether something of what was written has left since this was last asked, whatever was written meanwhile. */
  hasReadSomething(): boolean {
    const left = this.#writtenBytes - this.link.unsent;
    const isMore = left > this.#leftBefore;
    this.#leftBefore = left;
    return isMore;
  }

  /** The client as log lines name it. */
  get client(): string {
    return (this.#client ??= clientOf(this.link.remote));
  }

  /** Something that answers no ordinary request is in `out`. */
  noteSent(): void {
    this.packetsSent++;
    this.port.stats.packetsSent++;
  }

  /** The same of a reply to authentication, `size` bytes. */
  noteAuthReply(size: number): void {
    this.noteSent();
    this.port.stats.noteFrame(size);
  }

  /** The reply to a read that arrived at `receivedAt` is in `out`, `size` bytes of it. */
  noteRead(type: number, xid: number, zxid: number, receivedAt: number, now: number, size: number): void {
    if (now === receivedAt && this.#isInTurn) {
      if (type !== this.lastType) this.#noteReadsAtOnce();
      this.#readsAtOnce++;
      this.#readBytes += size;
      this.port.stats.noteFrame(size);
      this.#noteLast(type, xid, zxid, now);
      return;
    }
    this.#noteReply(type, xid, zxid, now, size);
    const { stats } = this.port;
    stats.noteRead(this.#noteLatency(receivedAt, now));
    stats.operations.took(type, now - receivedAt, 1);
  }

  /** The same of a write. */
  noteUpdate(type: number, xid: number, zxid: number, receivedAt: number, now: number, size: number): void {
    const { stats } = this.port;
    this.#noteReply(type, xid, zxid, now, size);
    stats.noteUpdate(this.#noteLatency(receivedAt, now));
    stats.operations.took(type, now - receivedAt, 1);
  }

  /** Sends what was gathered, then ends in order. Nothing more is read or answered. */
  end(): void {
    if (this.phase >= Phase.ending) return;
    this.flush();
    if (this.phase >= Phase.ending) return;
    this.phase = Phase.ending;
    this.#forget();
    this.port.ending(this);
    this.link.end();
  }

  /** Ends at once. */
  destroy(): void {
    if (this.phase === Phase.closed) return;
    this.phase = Phase.ending;
    this.#forget();
    this.port.ending(this);
    this.link.destroy();
  }

  resetStats(): void {
    this.packetsReceived = this.packetsSent = 0;
    this.lastType = OpCode.notification;
    this.lastCxid = this.lastZxid = -1;
    this.lastResponseTime = this.lastLatency = 0;
    this.latency.reset();
  }

  /** Java's interest set: 1 while it reads, 4 while bytes wait to be written. */
  get interestOps(): number {
    return (this.#hold === 0 && this.phase <= Phase.open ? 1 : 0) | (this.link.unsent > 0 ? 4 : 0);
  }

  #noteReply(type: number, xid: number, zxid: number, now: number, size: number): void {
    this.#noteReadsAtOnce();
    this.noteSent();
    this.port.stats.noteResponse(type, size);
    this.port.stats.operations.answered(type, 1);
    this.#noteLast(type, xid, zxid, now);
  }

  #noteLast(type: number, xid: number, zxid: number, now: number): void {
    if (xid >= 0) this.lastCxid = xid;
    this.lastZxid = zxid;
    this.lastType = type;
    this.lastResponseTime = now;
  }

  #noteLatency(receivedAt: number, now: number): number {
    const latency = Math.floor(now - receivedAt);
    this.lastLatency = latency;
    this.latency.add(latency);
    return latency;
  }

  #begin(chunk: Uint8Array, now: number): void {
    const before = this.#first;
    const first = before === undefined ? chunk : joined(before, chunk);
    if (first.length < FIRST_BYTES) {
      this.#first = first === chunk ? chunk.slice() : first;
      return;
    }
    this.#first = undefined;
    this.port.began(this, first);
    if (this.phase !== Phase.handshake) return;
    this.#splitter.push(first);
    this.#work(now);
  }

  #work(now: number): void {
    this.#isInTurn = true;
    this.port.beginTurn();
    const splitter = this.#splitter;
    try {
      while (this.#hold === 0 && this.phase <= Phase.open && splitter.next()) {
        this.port.frame(this, splitter.bytes, splitter.start, splitter.end, now);
        if (this.#out !== undefined && this.#out.length > FLUSH_BYTES) this.flush();
      }
    } catch (error) {
      this.port.refuseStream(this, error);
    } finally {
      this.#isInTurn = false;
      this.#noteReadsAtOnce();
    }
    // The sender is told to wait only when more comes: most wait for our reply anyway.
    if (this.#hold !== 0 && splitter.pending > 0) this.#kept = splitter.rest();
    this.flush();
  }

  #noteReadsAtOnce(): void {
    const count = this.#readsAtOnce;
    if (count === 0) return;
    this.packetsSent += count;
    this.latency.addZeros(count);
    this.lastLatency = 0;
    this.port.stats.noteReadsAtOnce(this.lastType, count, this.#readBytes);
    this.#readsAtOnce = this.#readBytes = 0;
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.link.pause();
  }

  #forget(): void {
    const out = this.#out;
    this.#out = undefined;
    if (out !== undefined) this.port.pool.giveBack(out);
    this.#kept = undefined;
    this.#first = undefined;
  }
}

function clientOf({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

const FIRST_BYTES = 4;
/** Replies gathered in one turn are sent when they come to this, so that a pipeline of large reads is held back in time. */
const FLUSH_BYTES = 256 * 1024;

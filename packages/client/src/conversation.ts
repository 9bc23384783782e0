import type { JuteReader } from '@corral/jute';
import { ConnectRequest, ConnectResponse, OpCode, WatcherEvent, Xid } from '@corral/protocol';
import type { Clock } from '@corral/runtime';
import type { Connection, ConnectionHandler } from '@corral/transport';
import { Identities } from './identities.ts';
import type { Observer } from './observer.ts';
import type { Operation } from './operation.ts';
import { RequestQueue } from './request-queue.ts';
import { WatchRegistry } from './watch-registry.ts';
import { WatchSetting } from './watch-setting.ts';
import { Wire, type WireOptions, type WireOwner } from './wire.ts';

export interface ConversationOptions extends WireOptions {
  readonly clock: Clock;
  readonly readOnly: boolean;
  readonly observer: Observer;
}

/** Who decides what a conversation is about. */
export interface ConversationOwner {
  /** The server has answered the introduction. */
  onWelcome(response: ConnectResponse): void;
  /** Bytes came from a server that has answered the introduction. */
  onHeard(now: number): void;
  /** Bytes left to it. */
  onSpoke(now: number): void;
  onGoodbye(): void;
  onIdentityRefused(): void;
  /** The connection is over. What was on its way has been cut off. */
  onOver(reason: string): void;
}

/**
 * What is said on the connections of one session, one after the other: who asked for what, and what each reply is an
 * answer to.
 */
export class Conversation implements WireOwner {
  readonly requests: RequestQueue = new RequestQueue();
  readonly identities: Identities = new Identities();
  readonly watches: WatchRegistry = new WatchRegistry();
  readonly #options: ConversationOptions;
  readonly #owner: ConversationOwner;
  readonly #watchSetting = new WatchSetting(this.watches);
  #wire: Wire | undefined = undefined;
  /** The server of this connection has answered the introduction. */
  #isWelcome = false;
  #lastXid = 0;
  #goodbyeXid = 0;
  /** Of the newest reply: every event up to it has come, so watches that are set again ask for what is behind it. */
  #lastZxid = 0;
  /**
   * Of the newest reply or event: no server that is behind it may show us the past (ZOOKEEPER-1417). Further events of
   * that transaction may still be on their way, so watches do not ask from there.
   */
  #seenZxid = 0;
  /** The time of this turn: asking the clock for every request would cost more than the request. */
  #now = 0;

  constructor(options: ConversationOptions, owner: ConversationOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  get isConnected(): boolean {
    return this.#wire !== undefined;
  }

  /** Bytes of requests that the network has not taken. */
  get unsent(): number {
    return this.#wire?.unsent ?? 0;
  }

  open(connection: Connection): ConnectionHandler {
    this.#isWelcome = false;
    return (this.#wire = new Wire(connection, this.#options, this));
  }

  introduce(sessionId: bigint, password: Uint8Array, timeoutMs: number): void {
    const { readOnly } = this.#options;
    const request = new ConnectRequest(0, this.#seenZxid, timeoutMs, sessionId, password, readOnly);
    this.#wire!.send((w) => request.write(w));
  }

  /** Identities first, for what follows may need them; then watches, so that no later read overtakes an event. */
  resume(): void {
    const wire = this.#wire!;
    this.identities.proveAll(wire);
    this.#watchSetting.begin(wire, this.#lastZxid);
    for (const operation of this.requests.takeWaiting()) this.send(operation);
  }

  send(operation: Operation<unknown>): void {
    const wire = this.#wire!;
    const start = wire.length;
    try {
      const w = wire.begin();
      operation.xid = this.#nextXid();
      if (!wire.isFlushDue) this.#now = this.#options.clock.monotonic();
      operation.sentAt = this.#now;
      w.writeInt(operation.xid);
      w.writeInt(operation.type);
      operation.write(w);
      wire.end(start, this.requests.oldest === undefined);
    } catch (error) {
      wire.truncate(start);
      return operation.fail(error);
    }
    this.requests.sent(operation);
    operation.observer?.sent?.(operation.xid);
  }

  prove(scheme: string, auth: Uint8Array, isServing: boolean): Promise<void> {
    return this.identities.add(scheme, auth, isServing ? this.#wire : undefined);
  }

  ping(): void {
    this.#sendHeader(Xid.ping, OpCode.ping);
  }

  sayGoodbye(): void {
    this.#goodbyeXid = this.#nextXid();
    this.#sendHeader(this.#goodbyeXid, OpCode.closeSession);
  }

  /** Nothing more comes of this connection, not even `onOver`. */
  hangUp(reason: string, isRepeated: boolean): void {
    const wire = this.#wire;
    this.#wire = undefined;
    wire?.drop();
    this.cutOff(reason, isRepeated);
  }

  cutOff(reason: string, isRepeated: boolean): void {
    this.#isWelcome = false;
    this.identities.cutOff();
    this.requests.cutOff(reason, isRepeated);
  }

  /** The next introduction is that of a client which has seen nothing. */
  forget(): void {
    this.#lastZxid = this.#seenZxid = 0;
  }

  onHeard(): void {
    // Before the handshake is answered nothing renews the session.
    if (this.#isWelcome) this.#owner.onHeard(this.#options.clock.monotonic());
  }

  onSpoke(): void {
    if (this.#isWelcome) this.#owner.onSpoke(this.#options.clock.monotonic());
  }

  onFrame(r: JuteReader): void {
    if (!this.#isWelcome) return this.#takeConnectResponse(ConnectResponse.read(r));
    const xid = r.readInt();
    const zxid = r.readLongNumber();
    const code = r.readInt();
    if (zxid > this.#seenZxid) this.#seenZxid = zxid;
    if (xid === Xid.notification) return this.#takeEvent(WatcherEvent.read(r), zxid);
    if (zxid > 0) this.#lastZxid = zxid;
    switch (xid) {
      case Xid.ping:
        return;
      case Xid.auth:
        return this.identities.takeReply(code) ? undefined : this.#owner.onIdentityRefused();
      case Xid.setWatches:
        return this.#watchSetting.takeReply();
      case this.#goodbyeXid:
        return this.#owner.onGoodbye();
      default:
        return this.requests.takeAnswered(xid).answer(code, r);
    }
  }

  onOver(reason: string): void {
    this.#wire = undefined;
    this.#owner.onOver(reason);
  }

  #takeConnectResponse(response: ConnectResponse): void {
    this.#isWelcome = response.timeOut > 0;
    this.#owner.onWelcome(response);
  }

  #takeEvent(event: WatcherEvent, zxid: number): void {
    const path = event.path ?? '';
    this.#options.observer.watchFired?.(event.type, path, zxid);
    this.watches.fire(event.type, path, zxid);
  }

  #sendHeader(xid: number, type: number): void {
    this.#wire!.send((w) => {
      w.writeInt(xid);
      w.writeInt(type);
    });
  }

  #nextXid(): number {
    this.#lastXid = this.#lastXid === 0x7fff_ffff ? 1 : this.#lastXid + 1;
    return this.#lastXid;
  }
}

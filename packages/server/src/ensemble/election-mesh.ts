import { JuteWriter } from '@corral/jute';
import {
  type HostAndPort,
  type InitialMessage,
  type Notification,
  type QuorumConfig,
  writeInitialMessage,
  writeNotification,
} from '@corral/protocol';
import type { Clock, Logger } from '@corral/runtime';
import { type Connection, type ConnectionHandler, type Transport, TransportError } from '@corral/transport';
import { ElectionGreeting } from './election-greeting.ts';
import { ElectionLink, type ElectionLinkListener, messageOf } from './election-link.ts';
import { ElectionPeer } from './election-peer.ts';

export interface ElectionMeshOptions {
  readonly sid: number;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds until a dial is given up (`cnxTimeout`). */
  readonly dialTimeoutMs: number;
  /** Milliseconds a connection may take to say who it is. */
  readonly greetingTimeoutMs: number;
  /** Whether several addresses are announced (`multiAddress.enabled`). */
  readonly isMultiAddress: boolean;
  readonly keepAlive: boolean;
  /** Whether a link that breaks is wanted again at once. */
  readonly isWanted: (sid: number) => boolean;
  readonly onNotification: (from: number, notification: Notification) => void;
  /** Nobody listens where that server is to be dialled. */
  readonly onRefused: (sid: number) => void;
}

/**
 * The connections of one server for elections (QuorumCnxManager): one with each other server, in which notifications go
 * both ways. Between two servers the connection that the larger id has dialled stays: the smaller one dials only to be
 * dialled, says who and where it is, and hangs up.
 *
 * All dials go on at once; one that leads nowhere delays no other (ZOOKEEPER-2930). Nothing here grows with what strangers
 * do: connections that have not said who they are, and servers that no configuration knows, are bounded, the oldest going
 * first.
 */
export class ElectionMesh implements ElectionLinkListener {
  readonly #o: ElectionMeshOptions;
  #config!: QuorumConfig;
  #lastSeen: QuorumConfig | undefined;
  /** Where this server is, as the last configuration said that knew it: one that was left out still says so. */
  #own: readonly HostAndPort[] = [];
  /** Members, once something was sent to or came from them; and at most STRANGERS_MAX others. */
  readonly #peers = new Map<number, ElectionPeer>();
  /** At most GREETINGS_MAX. */
  readonly #greetings = new Set<ElectionGreeting>();
  /** Dials to servers that no configuration knows, those that are forgotten by now included. At most STRANGERS_MAX. */
  #strangersDialled = 0;
  /** The next id for an observer that has none. */
  #observerSid = -1;
  #encoded: { readonly notification: Notification; readonly frame: Uint8Array } | undefined = undefined;
  #isClosed = false;

  constructor(options: ElectionMeshOptions, config: QuorumConfig, lastSeen: QuorumConfig | undefined) {
    this.#o = options;
    this.configure(config, lastSeen);
  }

  configure(config: QuorumConfig, lastSeen: QuorumConfig | undefined): void {
    this.#config = config;
    this.#lastSeen = lastSeen;
    const own = electionAddressesOf(config, lastSeen, this.#o.sid);
    if (own.length > 0) this.#own = own;
  }

  /** Whether everything for at least one server has been taken by the network (haveDelivered). */
  get isDelivered(): boolean {
    for (const peer of this.#peers.values()) if (!peer.hasWaiting) return true;
    return false;
  }

  send(sid: number, notification: Notification): void {
    if (this.#isClosed) return;
    const peer = this.#peer(sid);
    peer.send(this.#frameOf(notification));
    this.#dial(peer);
  }

  connectAll(): void {
    for (const peer of this.#peers.values()) this.#dial(peer);
  }

  close(): void {
    this.#isClosed = true;
    for (const greeting of this.#greetings) greeting.fail('this server closes');
    for (const peer of this.#peers.values()) peer.drop('this server closes');
    this.#peers.clear();
  }

  readonly accept = (connection: Connection): ConnectionHandler => {
    if (this.#isClosed) throw new Error('this server closes');
    if (this.#greetings.size >= GREETINGS_MAX)
      firstOf(this.#greetings)?.fail('too many that do not say who they are');
    const greeting = new ElectionGreeting({
      connection,
      clock: this.#o.clock,
      timeoutMs: this.#o.greetingTimeoutMs,
      onGreeted: (message) => {
        this.#greetings.delete(greeting);
        return this.#greet(message, connection);
      },
      onFailed: (_, reason) => {
        this.#greetings.delete(greeting);
        if (this.#isClosed) return;
        this.#o.logger.warn({ remote: connection.remote.host, reason }, 'election connection turned away');
      },
    });
    this.#greetings.add(greeting);
    return greeting;
  };

  onNotification(link: ElectionLink, notification: Notification): void {
    if (this.#peers.get(link.sid)?.link === link) this.#o.onNotification(link.sid, notification);
  }

  onRoom(link: ElectionLink): void {
    this.#peers.get(link.sid)?.onRoom(link);
  }

  onLinkClose(link: ElectionLink, reason: string): void {
    const peer = this.#peers.get(link.sid);
    if (peer === undefined || !peer.onLinkClose(link)) return;
    this.#o.logger.info({ sid: link.sid, reason }, 'election connection lost');
    if (!this.#isMember(peer.sid)) this.#forget(peer);
    else this.#redial(peer);
  }

  /** Who it is decides who dials whom (QuorumCnxManager.handleConnection). */
  #greet(message: InitialMessage, connection: Connection): ConnectionHandler | undefined {
    const sid = message.sid ?? this.#observerSid--;
    const { logger } = this.#o;
    if (sid === this.#o.sid) {
      logger.warn({ sid, remote: connection.remote.host }, 'another server has the id of this one');
      connection.destroy();
      return undefined;
    }
    const peer = this.#peer(sid);
    peer.announced = message.addresses.slice(0, ANNOUNCED_MAX);
    if (message.sid !== undefined && sid < this.#o.sid) {
      // It has lost its link, or never had one; what looks like one here is of its life before.
      peer.drop('it asks to be dialled anew');
      connection.end();
      this.#dial(peer);
      return undefined;
    }
    return this.#link(peer, connection);
  }

  #link(peer: ElectionPeer, connection: Connection): ElectionLink {
    const link = new ElectionLink(peer.sid, connection, this);
    peer.take(link);
    this.#o.logger.info({ sid: peer.sid, remote: connection.remote.host }, 'election connection');
    return link;
  }

  #dial(peer: ElectionPeer): void {
    if (this.#isClosed || peer.link !== undefined || peer.isDialling) return;
    const addresses = this.#addressesOf(peer);
    // An observer without an id has none: it dials, and is not dialled.
    if (addresses.length === 0) return;
    if (this.#isMember(peer.sid)) {
      void this.#dialAny(peer, addresses);
      return;
    }
    if (this.#strangersDialled >= STRANGERS_MAX) return;
    this.#strangersDialled++;
    void this.#dialAny(peer, addresses).then(() => this.#strangersDialled--);
  }

  async #dialAny(peer: ElectionPeer, addresses: readonly HostAndPort[]): Promise<void> {
    const { transport, dialTimeoutMs: timeoutMs, keepAlive, logger } = this.#o;
    let isTaken = false;
    peer.isDialling = true;
    const dials = addresses.map((address) =>
      transport.connect({ ...address, timeoutMs, keepAlive }, (connection) => {
        if (isTaken || !this.#isWaitedFor(peer)) throw new Error('no longer needed');
        isTaken = true;
        return this.#open(peer, connection);
      }),
    );
    const results = await Promise.allSettled(dials);
    peer.isDialling = false;
    if (isTaken || !this.#isWaitedFor(peer)) return;
    const reasons = results.map((one) => (one.status === 'rejected' ? one.reason : undefined));
    logger.warn({ sid: peer.sid, reason: messageOf(reasons.at(-1)) }, 'cannot dial for the election');
    if (!this.#isMember(peer.sid)) this.#forget(peer);
    else if (reasons.every(isRefusal)) this.#o.onRefused(peer.sid);
  }

  /** It might have come by itself meanwhile. */
  #isWaitedFor(peer: ElectionPeer): boolean {
    return !this.#isClosed && this.#peers.get(peer.sid) === peer && peer.link === undefined;
  }

  /** Says who this server is; then the larger id keeps the connection (QuorumCnxManager.startConnection). */
  #open(peer: ElectionPeer, connection: Connection): ConnectionHandler {
    const greeting = new JuteWriter();
    writeInitialMessage(greeting, { sid: this.#o.sid, addresses: this.#own }, this.#o.isMultiAddress);
    connection.write(greeting.take());
    if (peer.sid < this.#o.sid) return this.#link(peer, connection);
    connection.end();
    // It dials back, unless nobody was there any more to take what the system still took.
    return { ...hungUp, onClose: () => this.#redial(peer) };
  }

  /** A server that has just died, or has just replaced the link: only the first is to be noticed, and soon. */
  #redial(peer: ElectionPeer): void {
    const { clock, sid, isWanted } = this.#o;
    if (this.#isClosed || !isWanted(peer.sid)) return;
    const now = clock.monotonic();
    const pauseMs = peer.sid < sid ? REDIAL_MS : REDIAL_BY_SMALLER_MS;
    const at = Math.max(now + pauseMs, peer.redialAt + REDIAL_PAUSE_MS);
    if (peer.redialAt > now) return;
    peer.redialAt = at;
    clock.after(at - now, () => {
      if (this.#isWaitedFor(peer) && isWanted(peer.sid)) this.#dial(peer);
    });
  }

  /** Where it says it is, and where it should be. */
  #addressesOf(peer: ElectionPeer): readonly HostAndPort[] {
    const all = [...peer.announced, ...electionAddressesOf(this.#config, this.#lastSeen, peer.sid)];
    return all.filter(
      ({ host, port }, at) => all.findIndex((one) => one.host === host && one.port === port) === at,
    );
  }

  #isMember(sid: number): boolean {
    return this.#config.servers.has(sid) || this.#lastSeen?.servers.has(sid) === true;
  }

  #peer(sid: number): ElectionPeer {
    let peer = this.#peers.get(sid);
    if (peer !== undefined) return peer;
    if (!this.#isMember(sid)) this.#makeRoomForStranger();
    peer = new ElectionPeer(sid);
    this.#peers.set(sid, peer);
    return peer;
  }

  #makeRoomForStranger(): void {
    const strangers = [...this.#peers.values()].filter(({ sid }) => !this.#isMember(sid));
    const [oldest] = strangers;
    if (oldest === undefined || strangers.length < STRANGERS_MAX) return;
    this.#forget(oldest);
    oldest.drop('too many servers that no configuration knows');
  }

  #forget(peer: ElectionPeer): void {
    if (this.#peers.get(peer.sid) === peer) this.#peers.delete(peer.sid);
  }

  /** What is sent to all is encoded once. */
  #frameOf(notification: Notification): Uint8Array {
    if (this.#encoded?.notification === notification) return this.#encoded.frame;
    const w = new JuteWriter();
    const lengthAt = w.reserveInt();
    writeNotification(w, notification);
    w.patchLength(lengthAt);
    const frame = w.take();
    this.#encoded = { notification, frame };
    return frame;
  }
}

/** Where a server is dialled for elections, as the configurations say. */
export function electionAddressesOf(
  config: QuorumConfig,
  lastSeen: QuorumConfig | undefined,
  sid: number,
): readonly HostAndPort[] {
  const servers = [config.servers.get(sid), lastSeen?.servers.get(sid)];
  return servers.flatMap(
    (server) => server?.addresses.map(({ host, electionPort: port }) => ({ host, port })) ?? [],
  );
}

function isRefusal(reason: unknown): boolean {
  return reason instanceof TransportError && reason.code === 'REFUSED';
}

function firstOf<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}

/** For a connection that was dialled to be dialled back. */
const hungUp: ConnectionHandler = { onData: () => {}, onDrain: () => {}, onClose: () => {} };

/** Connections that have not said who they are. */
const GREETINGS_MAX = 100;
/** Servers that no configuration knows: joiners, and who claims to be one. */
const STRANGERS_MAX = 100;
/** Addresses of one server that it says itself. */
const ANNOUNCED_MAX = 8;
/** After a link has broken: long enough for the other side to replace it. */
const REDIAL_MS = 5;
/** The larger id goes first. */
const REDIAL_BY_SMALLER_MS = 25;
/** A link that breaks again and again is not dialled more often for it. */
const REDIAL_PAUSE_MS = 50;

import { SnapshotImage } from '@corral/datatree';
import { JuteWriter } from '@corral/jute';
import { QuorumPacket, QuorumPacketType, type Zxid, zxidToHex } from '@corral/protocol';
import type { Address, Connection, ConnectionHandler, Listener } from '@corral/transport';
import type { LeaderInput, LeaderOutput, Link } from '@corral/zab';
import { valueMaxOf } from '../from-config.ts';
import type { ServerOptions } from '../server.ts';
import { toError } from '../to-error.ts';
import { LearnerOwner } from './learner-requests.ts';
import { locate, sendLog } from './log-history.ts';
import { OnceATurn } from './once-a-turn.ts';
import { QuorumLink } from './quorum-link.ts';
import type { Replica } from './replica.ts';
import { sendImage } from './snapshot-stream.ts';
import { SyncFigures, type SyncKind } from './sync-figures.ts';

export type LearnerPortInput = Extract<
  LeaderInput,
  { readonly kind: 'disconnected' | 'progress' | 'logLocated' }
>;

export type LearnerPortOutput = Extract<
  LeaderOutput,
  {
    readonly kind:
      | 'send'
      | 'sendCommits'
      | 'sendLog'
      | 'sendSnapshot'
      | 'locateLog'
      | 'synced'
      | 'close'
      | 'note';
  }
>;

export interface LearnerPortOptions {
  readonly server: ServerOptions;
  readonly replica: Replica;
  /** Where learners come; they all lead here. */
  readonly addresses: readonly Address[];
  /** @throws JuteError, RangeError where the packet makes no sense: the link ends with it */
  readonly onPacket: (learner: LearnerConnection, packet: QuorumPacket) => void;
  /** All packets that came together from one learner have been handed over. */
  readonly onTurn?: (learner: LearnerConnection) => void;
  /** To the core. */
  readonly step: (input: LearnerPortInput) => void;
  /** Work that must have ended before this server does something else. */
  readonly task: (work: Promise<unknown>) => void;
}

/** Where learners come to their leader, or observers to a follower: their connections, and what they are sent. */
export class LearnerPort {
  readonly #o: LearnerPortOptions;
  readonly #learners = new Map<Link, LearnerConnection>();
  readonly #listeners: Listener[] = [];
  readonly #flushing: OnceATurn;
  readonly #encoded: JuteWriter = new JuteWriter(64 * 1024);
  readonly #syncs: SyncFigures;
  #lastLink = 0;
  #isOver = false;

  constructor(options: LearnerPortOptions) {
    this.#o = options;
    this.#syncs = new SyncFigures(options.server.metrics);
    this.#flushing = new OnceATurn(options.server.runtime.clock, () => this.#flush());
  }

  /** One address of several is enough. @throws TransportError where none can be had */
  async listen(): Promise<void> {
    const { server, addresses } = this.#o;
    let failure: unknown;
    for (const address of addresses) {
      try {
        const listener = await server.transport.listen(address, (connection) => this.#accept(connection));
        this.#listeners.push(listener);
        if (this.#isOver) await listener.close();
      } catch (error) {
        failure = error;
        server.logger.error({ ...address, error: toError(error) }, 'learners cannot come here');
      }
    }
    if (this.#listeners.length === 0 && failure !== undefined) throw failure;
  }

  /** Who is up to date. */
  get counts(): { readonly followers: number; readonly observers: number } {
    let followers = 0;
    let observers = 0;
    for (const { isSynced, isFollower, link } of this.#learners.values())
      if (!isSynced || link.isOver) continue;
      else if (isFollower) followers++;
      else observers++;
    return { followers, observers };
  }

  all(): IterableIterator<LearnerConnection> {
    return this.#learners.values();
  }

  perform(output: LearnerPortOutput): void {
    switch (output.kind) {
      case 'send':
        this.#send(output.links, output.packet);
        break;
      case 'sendCommits':
        this.#sendCommits(output.links, output.from, output.to);
        break;
      case 'sendLog':
        this.#sendLog(output.link, output.after, output.upTo);
        break;
      case 'sendSnapshot':
        this.#sendSnapshot(output.link, output.zxid);
        break;
      case 'locateLog':
        this.#o.task(this.#locate(output.link, output.zxid));
        break;
      case 'synced': {
        const learner = this.#learners.get(output.link);
        if (learner === undefined) break;
        learner.isSynced = true;
        this.#endSync(learner);
        learner.sid = output.sid;
        break;
      }
      case 'close':
        this.#dismiss(output.link, output.reason);
        break;
      case 'note':
        this.#o.server.logger[output.level]({ learner: output.sid }, output.text);
        break;
    }
  }

  /** Whoever does not say who it is goes. @param now monotonic milliseconds */
  tick(now: number): void {
    const { config } = this.#o.server;
    const silentSince = now - config.tickTime * config.ensemble!.initLimit;
    for (const learner of this.#learners.values()) {
      if (learner.wasHeard) learner.heardAt = now;
      learner.wasHeard = false;
      if (!learner.hasSpoken && learner.heardAt < silentSince)
        learner.link.close('it does not say who it is');
      else if (learner.goneBy < now) learner.link.close('it does not take what it was sent');
    }
  }

  /** Once for all that a turn brings: a proposal to a follower is a small part of what a write to it costs. */
  flushLater(): void {
    this.#flushing.ask();
  }

  /** Nobody else; those that are there get what was sent, and go. */
  end(reason: string): void {
    this.#isOver = true;
    for (const learner of this.#learners.values()) learner.link.end(reason);
  }

  /** Resolves when nothing listens any more. */
  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  /** Whoever has not gone yet does so at once. */
  destroy(reason: string): void {
    for (const learner of this.#learners.values()) learner.link.close(reason);
  }

  #accept(connection: Connection): ConnectionHandler {
    if (this.#isOver) throw new Error('learners are not served here any more');
    const unknown = [...this.#learners.values()].filter((learner) => !learner.hasSpoken);
    if (unknown.length >= UNKNOWN_MAX)
      unknown[0]!.link.close('too many connections that do not say who they are');
    const { server, onPacket, onTurn } = this.#o;
    const number = ++this.#lastLink;
    const link = new QuorumLink(
      connection,
      {
        onPacket: (packet) => {
          if (!learner.hasSpoken) learner.isFollower = packet.type === QuorumPacketType.FOLLOWERINFO;
          learner.hasSpoken = true;
          learner.wasHeard = true;
          onPacket(learner, packet);
        },
        onTurn: () => {
          onTurn?.(learner);
          this.#flush();
        },
        onClose: (reason) => this.#gone(learner, reason),
      },
      { valueMax: valueMaxOf(server.config) },
      UNSENT_MAX_BYTES,
    );
    const learner = new LearnerConnection(number, link, server.runtime.clock.monotonic());
    this.#learners.set(number, learner);
    return link;
  }

  #gone(learner: LearnerConnection, reason: string): void {
    this.#learners.delete(learner.number);
    this.#endSync(learner);
    this.#o.server.logger.info(
      { learner: learner.sid, from: learner.link.connection.remote.host, reason },
      'the connection with a learner is over',
    );
    if (learner.hasSpoken) this.#o.step({ kind: 'disconnected', link: learner.number });
  }

  /** It is sent what is left, for a while: whoever reads nothing would keep it in our memory, and a whole image with it. */
  #dismiss(link: Link, reason: string): void {
    const learner = this.#learners.get(link);
    if (learner === undefined) return;
    const { config, runtime } = this.#o.server;
    learner.goneBy = runtime.clock.monotonic() + config.tickTime * LINGER_TICKS;
    learner.link.end(reason);
  }

  #flush(): void {
    for (const learner of this.#learners.values()) learner.link.flush();
  }

  #send(links: readonly Link[], packet: QuorumPacket): void {
    const w = this.#encoded.clear(ENCODED_KEPT_BYTES);
    packet.write(w);
    if (packet.type === QuorumPacketType.DIFF || packet.type === QuorumPacketType.TRUNC)
      for (const link of links) this.#beginSync(link, 'diff');
    for (const link of links) this.#learners.get(link)?.link.sendEncoded(w.bytes());
  }

  #sendCommits(links: readonly Link[], from: Zxid, to: Zxid): void {
    const w = this.#encoded.clear(ENCODED_KEPT_BYTES);
    for (let zxid: number = from; zxid <= to; zxid++) {
      w.writeInt(QuorumPacketType.COMMIT);
      w.writeLongNumber(zxid);
      w.writeBuffer(null);
      w.writeInt(NO_VECTOR);
    }
    for (const link of links) this.#learners.get(link)?.link.sendEncoded(w.bytes());
  }

  #sendLog(number: Link, after: Zxid, upTo: Zxid): void {
    const link = this.#learners.get(number)?.link;
    const { storage, logger } = this.#o.server;
    const { log } = storage;
    logger.info(
      { after: zxidToHex(after), upTo: zxidToHex(upTo) },
      'sending a learner a part of the log on disk',
    );
    link?.stream((write) =>
      sendLog(log, after, upTo, write, () => this.#o.step({ kind: 'progress', link: number })),
    );
  }

  /** The image is of this moment, however long it takes until its turn to be sent. */
  #sendSnapshot(number: Link, zxid: Zxid): void {
    const learner = this.#learners.get(number);
    if (learner === undefined) return;
    const { replica, server, step } = this.#o;
    let image: SnapshotImage;
    try {
      image = new SnapshotImage(replica.tree);
    } catch {
      learner.link.close('too many images of the tree are being written');
      return;
    }
    this.#beginSync(number, 'snap');
    learner.link.send(new QuorumPacket(QuorumPacketType.SNAP, zxid, null, null));
    learner.link.stream((write) =>
      sendImage(image, write, server.runtime.clock, () => step({ kind: 'progress', link: number })),
    );
  }

  #beginSync(link: Link, kind: SyncKind): void {
    const learner = this.#learners.get(link);
    if (learner !== undefined) learner.syncing = this.#syncs.begins(kind);
  }

  #endSync(learner: LearnerConnection): void {
    this.#syncs.ends(learner.syncing);
    learner.syncing = undefined;
  }

  async #locate(link: Link, zxid: Zxid): Promise<void> {
    const { storage, config } = this.#o.server;
    const newest = (await storage.snapshots.list())[0]?.bytes ?? 0;
    const extent = await locate(storage.log, zxid, newest * config.ensemble!.snapshotSizeFactor);
    this.#o.step({ kind: 'logLocated', link, extent });
  }
}

/** One connection of a learner, from its being accepted. */
export class LearnerConnection {
  readonly number: Link;
  readonly link: QuorumLink;
  /** At the tick behind its last packet, or when it connected, in monotonic milliseconds. */
  heardAt: number;
  /** Monotonic milliseconds: when it must be gone, where it was told to go. */
  goneBy: number = Number.POSITIVE_INFINITY;
  /** Since the last tick. */
  wasHeard = false;
  readonly owner: LearnerOwner = new LearnerOwner();
  /** The last acknowledgement of a turn that is not over. */
  ack: QuorumPacket | undefined = undefined;
  hasSpoken = false;
  /** It came as one that may vote. */
  isFollower = false;
  isSynced = false;
  /** What it is being brought up to date with. */
  syncing: SyncKind | undefined = undefined;
  sid: number | undefined = undefined;

  constructor(number: Link, link: QuorumLink, now: number) {
    this.number = number;
    this.link = link;
    this.heardAt = now;
  }
}

/** Connections that have not said anything yet. */
const UNKNOWN_MAX = 64;
/** What a learner may leave unread before it is left behind. */
const UNSENT_MAX_BYTES = 256 * 1024 * 1024;
/** How long one that was told to go may take to it. */
const LINGER_TICKS = 2;
const ENCODED_KEPT_BYTES = 1024 * 1024;
/** A null vector. */
const NO_VECTOR = -1;

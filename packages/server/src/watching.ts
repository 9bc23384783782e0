import { type WatchEvent, type WatchKind, Watches } from '@corral/datatree';
import { JuteWriter } from '@corral/jute';
import { EventType, KeeperState } from '@corral/protocol';
import type { Metrics, Summary } from '@corral/runtime';
import type { Access } from './access.ts';
import { type ClientConnection, Phase } from './connection.ts';
import { writeEvent } from './reply.ts';

/** The watches of all connections, and how their events travel. */
export class Watching {
  readonly watches: Watches<ClientConnection>;
  readonly #access: Access;
  readonly #perConnectionMax: number;
  readonly #created: Summary;
  readonly #deleted: Summary;
  readonly #changed: Summary;
  readonly #children: Summary;
  readonly #frame: JuteWriter = new JuteWriter(1024);

  /** @param perConnectionMax watches one connection may hold; 0 is unlimited */
  constructor(access: Access, perConnectionMax: number, metrics: Metrics) {
    this.#access = access;
    this.#perConnectionMax = perConnectionMax;
    this.#created = metrics.summary('node_created_watch_count');
    this.#deleted = metrics.summary('node_deleted_watch_count');
    this.#changed = metrics.summary('node_changed_watch_count');
    this.#children = metrics.summary('node_children_watch_count');
    this.watches = new Watches(
      (watcher, event) => this.#deliver(watcher, event),
      (type, count) => this.#noteTriggered(type, count),
    );
  }

  /** Whether this connection has no room for `count` more. */
  isFull(watcher: ClientConnection, count = 1): boolean {
    return this.#perConnectionMax > 0 && this.watches.countOf(watcher) + count > this.#perConnectionMax;
  }

  add(watcher: ClientConnection, path: string, kind: WatchKind): void {
    this.watches.add(watcher, path, kind);
  }

  /**
   * The event goes into the connection's output at once, so it leaves before any later reply; only the sending is
   * left to the end of the turn.
   */
  #deliver(watcher: ClientConnection, event: WatchEvent): void {
    if (watcher.phase !== Phase.open) return;
    if (event.acl !== undefined && !this.#access.canRead(event.acl, watcher.identities)) return;
    if (event.encoded === undefined) {
      const frame = this.#frame.clear(FRAME_CAPACITY_KEPT);
      writeEvent(frame, event.zxid, event.type, KeeperState.SyncConnected, event.path);
      event.encoded = frame.copy();
    }
    watcher.out.writeRaw(event.encoded);
    watcher.noteSent();
    watcher.port.stats.noteEvent(event.encoded.length - LENGTH_BYTES);
  }

  #noteTriggered(type: number, count: number): void {
    if (type === EventType.NodeDataChanged) this.#changed.observe(count);
    else if (type === EventType.NodeCreated) this.#created.observe(count);
    else if (type === EventType.NodeDeleted) this.#deleted.observe(count);
    else this.#children.observe(count);
  }
}

const LENGTH_BYTES = 4;
const FRAME_CAPACITY_KEPT = 64 * 1024;

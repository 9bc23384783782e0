import { type WatchEvent, type WatchKind, Watches } from '@corral/datatree';
import { JuteWriter } from '@corral/jute';
import { KeeperState } from '@corral/protocol';
import type { Access } from './access.ts';
import { type ClientConnection, Phase } from './connection.ts';
import { writeEvent } from './reply.ts';

/** The watches of all connections, and how their events travel. */
export class Watching {
  readonly watches: Watches<ClientConnection>;
  readonly #access: Access;
  readonly #perConnectionMax: number;
  readonly #frame: JuteWriter = new JuteWriter(1024);

  /** @param perConnectionMax watches one connection may hold; 0 is unlimited */
  constructor(access: Access, perConnectionMax: number) {
    this.#access = access;
    this.#perConnectionMax = perConnectionMax;
    this.watches = new Watches((watcher, event) => this.#deliver(watcher, event));
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
}

const LENGTH_BYTES = 4;
const FRAME_CAPACITY_KEPT = 64 * 1024;

import { JuteWriter } from '@corral/jute';
import { type Acl, writeAcls, type Zxid } from '@corral/protocol';
import { OPEN_ACL } from './acl-cache.ts';
import type { DataTree } from './data-tree.ts';
import type { ZxidDigest } from './digest-log.ts';
import {
  ACL,
  bytesAt,
  FIRST_CHILD,
  NEXT,
  type NodeId,
  OWNER_BYTES,
  PARENT,
  ROOT,
  STAT_AVERSION,
  STAT_CVERSION,
  STAT_CZXID,
  STAT_OWNER,
  STAT_PZXID,
  STAT_BYTES,
} from './node-record.ts';
import { DIGEST_VERSION } from './tree-digest.ts';
import type { Preserver, TreeState } from './tree-state.ts';

/**
 * The tree as it is at this moment, as the body of a snapshot, in slices that are read while the tree goes on
 * changing: a node about to change that is not written yet is written first. So the image is of one zxid, unlike
 * Apache's, whose nodes are of many; replay has nothing to put right, no ACL is missing, digest and zxid match.
 *
 * It holds what the changes force out early, at most once per node, until it is read.
 */
export class SnapshotImage implements Preserver {
  /** The snapshot's name: everything up to it is in, nothing behind it. */
  readonly zxid: Zxid;
  /** For the trailer; undefined where digests are off. */
  readonly digest: ZxidDigest | undefined;
  readonly #state: TreeState;
  readonly #lane: number;
  #isOpen = true;
  readonly #sessions: readonly (readonly [bigint, number])[];
  #sessionAt = 0;
  readonly #acls: readonly (readonly [number, readonly Acl[]])[];
  #aclAt = 0;
  /** The next node to look at, 0 behind the last. */
  #cursor: NodeId = ROOT;
  #out: JuteWriter = new JuteWriter(FIRST_BYTES);
  /** Filled by changes before anybody asked. */
  readonly #full: JuteWriter[] = [];
  /** What the last slice is a view of. */
  #lent: JuteWriter | undefined = undefined;
  #path: Uint8Array = new Uint8Array(256);
  /** `#path` begins with the path of this node and a slash, so many bytes of it. */
  #pathNode: NodeId = 0;
  #pathLength = 0;

  /** @throws RangeError where four others are being written */
  constructor(tree: DataTree) {
    this.zxid = tree.lastProcessedZxid;
    this.digest = tree.options.digestEnabled
      ? { zxid: this.zxid, version: DIGEST_VERSION, value: tree.digest }
      : undefined;
    this.#state = tree.state;
    this.#lane = this.#state.lanes.open(this.#state.store);
    this.#sessions = [...tree.sessions];
    this.#acls = this.#state.acls.entries();
    this.#out.writeInt(this.#sessions.length);
    if (this.#sessions.length === 0) this.#out.writeInt(this.#acls.length);
    this.#state.preservers.push(this);
  }

  /**
   * The next piece, of about `bytesMax` bytes and at least one; undefined when all has been given. It is valid
   * until the next call, whatever happens to the tree.
   */
  next(bytesMax: number): Uint8Array | undefined {
    const spare = this.#lent?.clear(BUFFER_BYTES);
    this.#lent = this.#full.shift();
    if (this.#lent === undefined) {
      if (this.#isOpen) this.#fill(bytesMax);
      // A whole slice of the walk may meet only nodes that are written already.
      while (this.#isOpen && this.#out.length === 0) this.#fill(bytesMax);
      if (this.#out.length === 0) return undefined;
      this.#lent = this.#out;
      this.#out = spare ?? new JuteWriter(FIRST_BYTES);
    }
    return this.#lent.bytes();
  }

  /** Gives up. Must be called for an image that is not read to its end; it holds up one of four places. */
  abort(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#cursor = 0;
    const { preservers } = this.#state;
    preservers.splice(preservers.indexOf(this), 1);
    this.#state.lanes.close(this.#lane);
  }

  beforeChange(node: NodeId): void {
    const { lanes, store } = this.#state;
    if (lanes.has(store, node, this.#lane)) return;
    // A reader wants every node behind the one above it.
    const way: NodeId[] = [];
    for (let at = node; at !== 0 && !lanes.has(store, at, this.#lane); at = store.word(at, PARENT))
      way.push(at);
    this.#writeTables(Number.POSITIVE_INFINITY);
    for (let i = way.length - 1; i >= 0; i--) this.#writeNode(way[i]!);
    if (this.#out.length < BUFFER_BYTES) return;
    this.#full.push(this.#out);
    this.#out = new JuteWriter(FIRST_BYTES);
  }

  beforeUnlink(node: NodeId): void {
    if (node === this.#cursor) this.#cursor = this.#behind(node);
    if (node === this.#pathNode) this.#pathNode = 0;
  }

  #fill(bytesMax: number): void {
    if (!this.#writeTables(bytesMax)) return;
    const { lanes, store } = this.#state;
    let looked = 0;
    while (this.#cursor !== 0 && this.#out.length + looked < bytesMax) {
      const node = this.#cursor;
      // Nodes that are written already cost time too.
      looked += LOOK_COST;
      if (!lanes.has(store, node, this.#lane)) this.#writeNode(node);
      const child = store.word(node, FIRST_CHILD);
      this.#cursor = child === 0 ? this.#behind(node) : child;
    }
    if (this.#cursor !== 0) return;
    this.#out.writeString('/');
    this.abort();
  }

  /** The node after all that is below `node`, parents first. */
  #behind(node: NodeId): NodeId {
    const { store } = this.#state;
    for (let at = node; at !== 0; at = store.word(at, PARENT)) {
      const next = store.word(at, NEXT);
      if (next !== 0) return next;
    }
    return 0;
  }

  /** Sessions and ACL lists, as far as `bytesMax` goes; true when all of them are written, and nodes may follow. */
  #writeTables(bytesMax: number): boolean {
    const out = this.#out;
    const sessions = this.#sessions;
    const acls = this.#acls;
    while (this.#sessionAt < sessions.length && out.length < bytesMax) {
      const [id, timeout] = sessions[this.#sessionAt++]!;
      out.writeLong(id);
      out.writeInt(timeout);
      if (this.#sessionAt === sessions.length) out.writeInt(acls.length);
    }
    while (this.#sessionAt === sessions.length && this.#aclAt < acls.length && out.length < bytesMax) {
      const [id, list] = acls[this.#aclAt++]!;
      out.writeLongNumber(id);
      writeAcls(out, list);
    }
    return this.#aclAt === acls.length;
  }

  /** The path of the node above is kept: most nodes come behind a sibling. */
  #writePath(node: NodeId): void {
    const { store } = this.#state;
    const out = this.#out;
    if (node === ROOT) return out.writeInt(0);
    const parent = store.word(node, PARENT);
    if (parent !== this.#pathNode) {
      const length = store.pathLength(parent);
      if (length >= this.#path.length) this.#path = new Uint8Array(length * 2 + 1);
      store.copyPath(parent, this.#path, length);
      this.#path[length] = SLASH;
      this.#pathLength = length + 1;
      this.#pathNode = parent;
    }
    out.writeInt(this.#pathLength + store.nameLength(node));
    out.writeRange(this.#path, 0, this.#pathLength);
    store.writeNameBytes(node, out);
  }

  #writeNode(node: NodeId): void {
    const { store, lanes } = this.#state;
    const out = this.#out;
    this.#writePath(node);
    store.writeData(node, out);
    const acl = store.word(node, ACL);
    out.writeLongNumber(acl === OPEN_ACL ? -1 : acl);
    const { bytes } = store.segment(node);
    const base = bytesAt(node);
    out.writeRange(bytes, base + STAT_CZXID, base + STAT_CVERSION);
    out.writeInt(store.cversion(node));
    out.writeRange(bytes, base + STAT_AVERSION, base + STAT_OWNER);
    out.writeRange(bytes, base + OWNER_BYTES, base + OWNER_BYTES + 8);
    out.writeRange(bytes, base + STAT_PZXID, base + STAT_BYTES);
    lanes.mark(store, node, this.#lane);
  }
}

const SLASH = 0x2f;
const BUFFER_BYTES = 256 * 1024;
/** A buffer begins so small, and grows: most trees do not fill one. */
const FIRST_BYTES = 4 * 1024;
/** What looking at a node counts beside the bytes it gives. */
const LOOK_COST = 16;

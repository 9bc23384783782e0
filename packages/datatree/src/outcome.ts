import { JuteReader, type JuteWriter, utf8Decode } from '@corral/jute';
import { Stat } from '@corral/protocol';
import { bytesAt, type NodeId, STAT_BYTES } from './node-record.ts';
import type { NodeStore } from './node-store.ts';

/** What applying one transaction, or one part of a multi, came to. Enough to write the reply from. */
export class Outcome {
  /** The type of the transaction: an `OpCode`, or -1 where it is an error. */
  type = 0;
  /** An `ErrorCode`, 0 where all is well. */
  error = 0;
  /** Whether `writeStat` and `stat` have something to give: create2 and its like, setData, setACL. */
  hasStat = false;
  /** Of a multi, one per part. */
  results: readonly Outcome[] | undefined = undefined;
  /** Of a reconfiguration, the text of the configuration it brings. */
  config: Uint8Array | null = null;
  /** The Stat is `#stat[#statAt, #statAt + STAT_BYTES)`. */
  #stat: Uint8Array = NO_BYTES;
  #statAt = 0;
  #path: string | null = null;
  /** Where there is no text of the path yet, it is `#pathBytes[#pathStart, #pathEnd)`. */
  #pathBytes: Uint8Array | undefined = undefined;
  #pathStart = 0;
  #pathEnd = 0;

  get path(): string | null {
    if (this.#pathBytes === undefined) return this.#path;
    return utf8Decode(this.#pathBytes, this.#pathStart, this.#pathEnd) ?? null;
  }

  /** For the tree. */
  set path(path: string | null) {
    this.#path = path;
    this.#pathBytes = undefined;
  }

  /** The path as a string of jute. */
  writePath(w: JuteWriter): void {
    if (this.#pathBytes === undefined) return w.writeString(this.#path);
    w.writeInt(this.#pathEnd - this.#pathStart);
    w.writeRange(this.#pathBytes, this.#pathStart, this.#pathEnd);
  }

  /** The node's Stat as it was when this transaction had been applied, 68 bytes. */
  writeStat(w: JuteWriter): void {
    w.writeRange(this.#stat, this.#statAt, this.#statAt + STAT_BYTES);
  }

  stat(): Stat {
    return Stat.read(new JuteReader().reset(this.#stat, this.#statAt, this.#statAt + STAT_BYTES));
  }

  /** For the tree: begins anew. */
  begin(type: number): void {
    this.type = type;
    this.error = 0;
    this.path = null;
    this.hasStat = false;
    this.results = undefined;
    this.config = null;
  }

  /** For the tree: it came to nothing. */
  fail(error: number): void {
    this.error = error;
  }

  /** For the tree: the path is `bytes[start, end)`. */
  keepPath(bytes: Uint8Array, start: number, end: number): void {
    this.#pathBytes = bytes;
    this.#pathStart = start;
    this.#pathEnd = end;
  }

  /** For the tree: keeps the Stat where it is; the node stays as it is until the next transaction. */
  showStat(store: NodeStore, node: NodeId): void {
    this.#stat = store.segment(node).bytes;
    this.#statAt = bytesAt(node);
    this.hasStat = true;
  }

  /** For the tree: keeps the Stat as it is now, whatever becomes of the node. */
  copyStat(): void {
    if (!this.hasStat) return;
    this.#stat = this.#stat.slice(this.#statAt, this.#statAt + STAT_BYTES);
    this.#statAt = 0;
  }
}

const NO_BYTES = new Uint8Array(0);

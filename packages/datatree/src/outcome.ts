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
  readonly #stat: Uint8Array = new Uint8Array(STAT_BYTES);
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
    w.writeRange(this.#stat, 0, STAT_BYTES);
  }

  stat(): Stat {
    return Stat.read(new JuteReader(this.#stat));
  }

  /** For the tree: begins anew. */
  begin(type: number): void {
    this.type = type;
    this.error = 0;
    this.path = null;
    this.hasStat = false;
    this.results = undefined;
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

  /** For the tree: keeps the Stat as it is now. */
  keepStat(store: NodeStore, node: NodeId): void {
    const { bytes } = store.segment(node);
    const from = bytesAt(node);
    for (let i = 0; i < STAT_BYTES; i++) this.#stat[i] = bytes[from + i]!;
    this.hasStat = true;
  }
}

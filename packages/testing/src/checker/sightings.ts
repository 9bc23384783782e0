import { baseName, ErrorCode, isEphemeral, isSequential, parentPath } from '@corral/protocol';
import { firstIndex, type HistoryIndex } from './history-index.ts';
import { partsOf, type UnknownWrite } from './unknown-write.ts';

/**
 * Where unanswered writes create and delete nodes: what was seen of these paths, in order of zxid. So an unanswered
 * delete is not taken first for what happened where the node is seen later.
 */
export class Sightings {
  readonly #ofPath: Map<string, Sighting[]> = new Map();
  /** Paths that both unanswered creates and deletes concern: what is seen there says nothing about one of them. */
  readonly #created: Set<string> = new Set();
  readonly #deleted: Set<string> = new Set();

  constructor(index: HistoryIndex) {
    for (const { parts } of index.unknownWrites) {
      for (const part of parts) {
        if (part.op === 'delete') this.#deleted.add(part.path);
        else if (part.op === 'create' && !isSequential(part.mode)) this.#created.add(part.path);
      }
    }
    if (this.#created.size + this.#deleted.size > 0) this.#collect(index);
  }

  /** Whether what is seen next at `zxid` or later speaks for it. */
  allow(write: UnknownWrite, zxid: number): boolean {
    if (write.parts.length !== 1) return true;
    const part = write.parts[0]!;
    if (part.op !== 'create' && part.op !== 'delete') return true;
    const isCreate = part.op === 'create';
    // It may have ended with its session before anybody looked.
    if (part.op === 'create' && isEphemeral(part.mode)) return true;
    if ((isCreate ? this.#deleted : this.#created).has(part.path)) return true;
    const seen = this.#ofPath.get(part.path) ?? [];
    const next = seen[firstIndex(seen.length, (i) => seen[i]!.zxid >= zxid)];
    return next === undefined || next.isThere === isCreate;
  }

  #collect(index: HistoryIndex): void {
    const byParent = new Map<string, string[]>();
    for (const path of new Set([...this.#created, ...this.#deleted])) {
      this.#ofPath.set(path, []);
      const siblings = byParent.get(parentPath(path));
      if (siblings === undefined) byParent.set(parentPath(path), [path]);
      else siblings.push(path);
    }
    for (const { operation, error, zxid, result } of index.reads) {
      if (!('path' in operation) || operation.op === 'sync') continue;
      const isNode =
        operation.op === 'exists' || operation.op === 'getData' || operation.op === 'getChildren';
      if (!isNode) continue;
      if (error === ErrorCode.OK || error === ErrorCode.NONODE)
        this.#see(operation.path, zxid, error === ErrorCode.OK);
      const siblings = result?.children === undefined ? undefined : byParent.get(operation.path);
      for (const path of siblings ?? []) this.#see(path, zxid, result!.children!.includes(baseName(path)));
    }
    for (const write of index.writes) {
      if (write.operation.op === 'multi') continue;
      for (const part of partsOf(write)) {
        const isCreate = part.op === 'create';
        // Seen just before it.
        if (write.error === ErrorCode.OK) this.#see(part.path, write.zxid - 0.5, !isCreate);
        if (write.error === ErrorCode.NODEEXISTS && isCreate) this.#see(part.path, write.zxid - 0.5, true);
      }
    }
    for (const seen of this.#ofPath.values()) seen.sort((a, b) => a.zxid - b.zxid);
  }

  #see(path: string, zxid: number, isThere: boolean): void {
    this.#ofPath.get(path)?.push({ zxid, isThere });
  }
}

interface Sighting {
  readonly zxid: number;
  readonly isThere: boolean;
}

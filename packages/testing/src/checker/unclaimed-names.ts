import { isEphemeral, isSequential, joinPath, parentPath } from '@corral/protocol';
import type { OperationResult } from '../history.ts';
import type { HistoryIndex } from './history-index.ts';
import { type ModelTree, NODE_CREATED } from './model-tree.ts';
import { partsOf, type UnknownWrite } from './unknown-write.ts';
import { type NodeWrite, nameOf } from './write-rules.ts';

/**
 * Sequential names that were seen and that no answer gave. An unanswered create has made them; when, their number
 * tells: it is the parent's counter.
 */
export class UnclaimedNames {
  readonly #seen: Set<string> = new Set();
  /** At which zxid last. */
  readonly #lastSeen: Map<string, number> = new Map();
  /** Whose they are, where that was seen; 0 of nobody. */
  readonly #owners: Map<string, bigint> = new Map();
  /** The newest list of children of these parents. */
  readonly #listedAt: Map<string, number> = new Map();

  constructor(index: HistoryIndex) {
    const parents = new Set<string>();
    for (const { parts } of index.unknownWrites) {
      for (const part of parts) {
        if (part.op === 'create' && isSequential(part.mode)) parents.add(parentPath(part.path));
      }
    }
    if (parents.size > 0) this.#collect(index, parents);
  }

  /** Whether the names that it would give now are such as may have been given. */
  allow(tree: ModelTree, write: UnknownWrite, zxid: number): boolean {
    return write.parts.every((part) => {
      if (!isSequentialCreate(part)) return true;
      const name = nameOf(tree, part);
      const owner = this.#owners.get(name);
      if (owner !== undefined && owner !== (isEphemeral(part.mode) ? write.record.session : 0n)) return false;
      // It would have gone with its session.
      if (isEphemeral(part.mode)) return (this.#lastSeen.get(name) ?? 0) < write.maxZxid;
      return this.#seen.has(name) || (this.#listedAt.get(parentPath(part.path)) ?? 0) < zxid;
    });
  }

  /** Whether one of its names was seen, and would be given by the next create in this parent but this one. */
  isDue(tree: ModelTree, write: UnknownWrite, parent: string): boolean {
    return write.parts.some(
      (part) =>
        isSequentialCreate(part) && parentPath(part.path) === parent && this.#seen.has(nameOf(tree, part)),
    );
  }

  #collect(index: HistoryIndex, parents: ReadonlySet<string>): void {
    for (const { operation, result, session, zxid } of index.reads) {
      if (operation.op === 'getChildren' && parents.has(operation.path)) {
        this.#list(operation.path, zxid, result);
      } else if (operation.op === 'multiRead') {
        for (const [i, { path }] of operation.operations.entries()) {
          if (parents.has(path)) this.#list(path, zxid, result?.results?.[i]);
          else if (parents.has(parentPath(path))) this.#show(path, result?.results?.[i]);
        }
      } else if (operation.op === 'getEphemerals')
        for (const path of result?.children ?? []) this.#own(path, session);
      else if ('path' in operation && parents.has(parentPath(operation.path))) {
        this.#show(operation.path, result);
      }
    }
    const claimed = new Set<string>();
    for (const { path, type } of index.events) if (type === NODE_CREATED) this.#seen.add(path);
    for (const write of index.writes) {
      const { result } = write;
      for (const part of partsOf(write)) if (part.op === 'delete') this.#seen.add(part.path);
      if (result?.path !== undefined && write.operation.op === 'create') claimed.add(result.path);
      for (const part of result?.results ?? []) if (part.path !== undefined) claimed.add(part.path);
    }
    for (const path of claimed) this.#seen.delete(path);
  }

  #list(parent: string, zxid: number, result: OperationResult | undefined): void {
    if (result?.children === undefined) return;
    this.#listedAt.set(parent, zxid);
    for (const name of result.children) {
      const path = joinPath(parent, name);
      this.#seen.add(path);
      if (zxid > (this.#lastSeen.get(path) ?? 0)) this.#lastSeen.set(path, zxid);
    }
  }

  #show(path: string, result: OperationResult | undefined): void {
    if (result?.stat !== undefined) this.#own(path, result.stat.ephemeralOwner);
  }

  #own(path: string, owner: bigint): void {
    this.#seen.add(path);
    this.#owners.set(path, owner);
  }
}

function isSequentialCreate(part: NodeWrite): part is Extract<NodeWrite, { op: 'create' }> {
  return part.op === 'create' && isSequential(part.mode);
}

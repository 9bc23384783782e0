import { isSequential, parentPath } from '@corral/protocol';
import type { EventRecord, HistoryRecord, RequestRecord, StatRecord } from '../history.ts';
import type { HistoryIndex } from './history-index.ts';
import { NODE_CHILDREN_CHANGED, NODE_CREATED, NODE_DATA_CHANGED, NODE_DELETED } from './model-tree.ts';
import type { UnknownWrite } from './unknown-write.ts';
import type { NodeWrite } from './write-rules.ts';

/** What Stats and events tell of a zxid that no answered write has. */
export interface Evidence {
  readonly zxid: number;
  readonly created: Set<string>;
  readonly changed: Set<string>;
  readonly deleted: Set<string>;
  readonly childrenChanged: Set<string>;
  /** What was read of a node as this transaction left it. */
  readonly values: Map<string, string>;
  /** When the first of it was seen, and by whom. */
  seenAt: number;
  seenBy: HistoryRecord;
  /** Whose value was seen. */
  writer: UnknownWrite | undefined;
}

/** All zxids that were seen and that no write has whose place is known, in order. */
export function collectEvidence(index: HistoryIndex): Evidence[] {
  const collection = new Collection(index.knownZxids);
  for (const read of index.reads) addRequest(collection, read);
  for (const write of index.writes) addRequest(collection, write);
  for (const event of index.events) {
    const { zxid, type, path } = event;
    if (type === NODE_CREATED) collection.at(zxid, path, event)?.created.add(path);
    else if (type === NODE_DELETED) collection.at(zxid, path, event)?.deleted.add(path);
    else if (type === NODE_DATA_CHANGED) collection.at(zxid, path, event)?.changed.add(path);
    else if (type === NODE_CHILDREN_CHANGED) collection.at(zxid, path, event)?.childrenChanged.add(path);
  }
  const found = [...collection.found.values()].toSorted((a, b) => a.zxid - b.zxid);
  findWriters(found, index);
  return found;
}

/** Values are unique: whose is seen is known. */
function findWriters(found: readonly Evidence[], index: HistoryIndex): void {
  const byValue = new Map<string, UnknownWrite>();
  for (const write of index.unknownWrites) {
    for (const part of write.parts) if ('value' in part) byValue.set(part.value, write);
  }
  for (const evidence of found) {
    const { zxid, seenAt, values } = evidence;
    for (const value of values.values()) {
      const write = byValue.get(value);
      if (write?.mayBeAt(zxid, zxid, seenAt) !== true || !explains(write, evidence)) continue;
      write.seenZxid = zxid;
      evidence.writer = write;
    }
  }
}

/** Whether this write does all that was seen. */
export function explains(write: UnknownWrite, evidence: Evidence): boolean {
  const { created, changed, deleted, childrenChanged, values } = evidence;
  const { parts } = write;
  return (
    [...created].every((path) => parts.some((part) => creates(part, path))) &&
    [...changed].every((path) => parts.some((part) => part.op === 'setData' && part.path === path)) &&
    [...deleted].every((path) => parts.some((part) => part.op === 'delete' && part.path === path)) &&
    [...childrenChanged].every((path) =>
      parts.some((part) => (part.op === 'create' || part.op === 'delete') && parentPath(part.path) === path),
    ) &&
    [...values].every(([path, value]) => lastValueAt(parts, path) === value)
  );
}

function creates(part: NodeWrite, path: string): boolean {
  if (part.op !== 'create') return false;
  if (!isSequential(part.mode)) return part.path === path;
  return path.startsWith(part.path) && /^-?\d{9,10}$/.test(path.slice(part.path.length));
}

function lastValueAt(parts: readonly NodeWrite[], path: string): string | undefined {
  const last = parts.findLast((part) => creates(part, path) || (part.op === 'setData' && part.path === path));
  return last !== undefined && 'value' in last ? last.value : undefined;
}

class Collection {
  readonly found: Map<number, Evidence> = new Map();
  readonly #known: ReadonlySet<number>;

  constructor(known: ReadonlySet<number>) {
    this.#known = known;
  }

  /** Undefined where the zxid is an answered write's, or nobody's. */
  at(zxid: number, path: string, by: RequestRecord | EventRecord): Evidence | undefined {
    if (zxid <= 0 || this.#known.has(zxid) || isOutside(path)) return undefined;
    let evidence = this.found.get(zxid);
    if (evidence === undefined) {
      evidence = {
        zxid,
        created: new Set(),
        changed: new Set(),
        deleted: new Set(),
        childrenChanged: new Set(),
        values: new Map(),
        seenAt: by.returnedAt,
        seenBy: by,
        writer: undefined,
      };
      this.found.set(zxid, evidence);
    }
    if (by.returnedAt < evidence.seenAt) {
      evidence.seenAt = by.returnedAt;
      evidence.seenBy = by;
    }
    return evidence;
  }
}

function addRequest(collection: Collection, request: RequestRecord): void {
  const { operation, result } = request;
  if (result === undefined) return;
  if (result.stat !== undefined && 'path' in operation) {
    addStat(collection, result.path ?? operation.path, result.stat, result.value, request);
  }
  if (result.results === undefined || !('operations' in operation)) return;
  for (const [i, part] of result.results.entries()) {
    const path = part.path ?? operation.operations[i]?.path;
    if (part.stat !== undefined && path !== undefined)
      addStat(collection, path, part.stat, part.value, request);
  }
}

function addStat(
  collection: Collection,
  path: string,
  stat: StatRecord,
  value: string | undefined,
  by: RequestRecord,
): void {
  collection.at(stat.czxid, path, by)?.created.add(path);
  if (stat.mzxid !== stat.czxid) collection.at(stat.mzxid, path, by)?.changed.add(path);
  if (stat.pzxid !== stat.czxid) collection.at(stat.pzxid, path, by)?.childrenChanged.add(path);
  if (value !== undefined) collection.at(stat.mzxid, path, by)?.values.set(path, value);
}

/** Nodes that servers make and change by themselves. */
export function isOutside(path: string): boolean {
  return path.startsWith('/zookeeper') && (path.length === 10 || path.charCodeAt(10) === SLASH);
}

const SLASH = 0x2f;

import { isEphemeral, isSequential, parentPath } from '@corral/protocol';
import type { RequestRecord } from '../history.ts';
import type { ModelTree } from './model-tree.ts';
import type { Actor } from './permission.ts';
import { type Asker, expectedError, type NodeWrite, perform } from './write-rules.ts';

/** A write whose answer never came: it has happened once, or never, at a zxid between these two. */
export class UnknownWrite {
  readonly record: RequestRecord;
  readonly parts: readonly NodeWrite[];
  /** All paths whose Stat it changes. */
  readonly paths: ReadonlySet<string>;
  /** Writes of one kind do the same, but for their values, which nobody has seen. */
  readonly kind: string;
  /** Larger than this one. */
  minZxid = 0;
  /** Smaller than this one. */
  maxZxid: number = Number.POSITIVE_INFINITY;
  /** It is known to be this one, because its value was seen there. */
  seenZxid: number | undefined;
  /** Its session was closed, and its ephemeral nodes are gone. */
  isClosed = false;
  /** It explains something already. */
  isUsed = false;
  readonly #actor: Actor;
  readonly #asker: Asker;

  constructor(record: RequestRecord, actor: Actor) {
    this.record = record;
    this.#actor = actor;
    // What the ACL was at its zxid is not looked into.
    this.#asker = { actor, sentAt: Number.NEGATIVE_INFINITY, assumed: true };
    this.parts = partsOf(record);
    this.kind = kindOf(record, this.parts);
    this.paths = new Set(this.parts.flatMap(pathsOf));
  }

  /** Whether it can have been at this zxid, where its effect was seen at this time. NaN: at some zxid before. */
  mayBeAt(zxid: number, before: number, seenAt: number): boolean {
    if (this.isUsed || this.record.invokedAt > seenAt || before <= this.minZxid) return false;
    if (Number.isNaN(zxid)) return this.seenZxid === undefined;
    if (this.seenZxid !== undefined) return this.seenZxid === zxid;
    return zxid > this.minZxid && zxid < this.maxZxid;
  }

  /**
   * Does all of it, or says that it cannot have gone well here; the caller takes back what was done. At some zxid before
   * (NaN), what has been written at its nodes since may hide parts of it, or be why they do not go well now.
   *
   * @param hides whether such parts are hidden where they would go well
   */
  attempt(tree: ModelTree, zxid: number, hides: boolean): boolean {
    for (const part of this.parts) {
      const mayBeHidden = Number.isNaN(zxid) && this.#mayBeHidden(tree, part);
      const isWrong = expectedError(tree, part, this.#asker) !== 0;
      if (isWrong && !(mayBeHidden && (hides || this.parts.length > 1))) return false;
      if (isWrong || (hides && mayBeHidden)) this.#hide(tree, part);
      else perform(tree, part, zxid, this.#actor, this.record);
    }
    return this.parts.length > 0;
  }

  /** Whether anything of it can be hidden by now. */
  mayHide(tree: ModelTree): boolean {
    return this.parts.some((part) => this.#mayBeHidden(tree, part));
  }

  /** What came behind it has hidden it; the counters still tell. */
  #hide(tree: ModelTree, part: NodeWrite): void {
    for (const path of [part.path, parentPath(part.path)]) tree.blur(path);
    const node = tree.find(part.op === 'create' ? parentPath(part.path) : part.path);
    if (node === undefined || !(node.czxid <= this.minZxid)) return;
    if (part.op === 'create') {
      tree.adopt(node, 'creates', node.creates + 1);
      tree.adopt(node, 'pzxid', Number.NaN);
    } else if (part.op === 'setData') tree.adopt(node, 'version', node.version + 1);
    else if (part.op === 'setACL') tree.adopt(node, 'aversion', node.aversion + 1);
  }

  #mayBeHidden(tree: ModelTree, part: NodeWrite): boolean {
    if (this.isClosed && part.op === 'create' && isEphemeral(part.mode)) return true;
    return pathsOf(part).some((path) => tree.hasChanged(path, this.minZxid));
  }
}

function kindOf({ connection, xid }: RequestRecord, parts: readonly NodeWrite[]): string {
  const [part] = parts;
  if (parts.length !== 1 || part!.op === 'setACL') return `${connection} ${xid}`;
  return `${connection} ${JSON.stringify({ ...part, value: undefined })}`;
}

function pathsOf(part: NodeWrite): string[] {
  if (part.op === 'create' && isSequential(part.mode)) return [parentPath(part.path)];
  return part.op === 'create' || part.op === 'delete' ? [part.path, parentPath(part.path)] : [part.path];
}

/** The single writes of a request. */
export function partsOf({ operation }: RequestRecord): readonly NodeWrite[] {
  switch (operation.op) {
    case 'create':
    case 'delete':
    case 'setData':
    case 'setACL':
    case 'check':
      return [operation];
    case 'multi':
      return operation.operations;
    default:
      return [];
  }
}

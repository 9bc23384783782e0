import { isSequential, parentPath } from '@corral/protocol';
import type { RequestRecord } from '../history.ts';
import type { ModelTree } from './model-tree.ts';
import type { Actor } from './permission.ts';
import { expectedError, type NodeWrite, perform } from './write-rules.ts';

/** A write whose answer never came: it has happened once, or never, at a zxid between these two. */
export class UnknownWrite {
  readonly record: RequestRecord;
  readonly actor: Actor;
  readonly parts: readonly NodeWrite[];
  /** Larger than this one. */
  minZxid = 0;
  /** Smaller than this one. */
  maxZxid: number = Number.POSITIVE_INFINITY;

  constructor(record: RequestRecord, actor: Actor) {
    this.record = record;
    this.actor = actor;
    this.parts = partsOf(record);
  }

  /** All paths whose Stat it changes. */
  get paths(): Set<string> {
    return new Set(
      this.parts.flatMap((part) => {
        if (part.op === 'create')
          return isSequential(part.mode) ? [parentPath(part.path)] : [part.path, parentPath(part.path)];
        return part.op === 'delete' ? [part.path, parentPath(part.path)] : [part.path];
      }),
    );
  }

  /** Whether it can have been at this zxid, where its effect was seen at this time. NaN: at some zxid before. */
  mayBeAt(zxid: number, before: number, seenAt: number): boolean {
    if (this.record.invokedAt > seenAt || before <= this.minZxid) return false;
    return Number.isNaN(zxid) || (zxid > this.minZxid && zxid < this.maxZxid);
  }

  /** Does all of it, or says that it cannot have gone well here; the caller takes back what was done. */
  attempt(tree: ModelTree, zxid: number): boolean {
    const asker = { actor: this.actor, sentAt: this.record.invokedAt, assumed: true };
    for (const part of this.parts) {
      if (expectedError(tree, part, asker) !== 0) return false;
      perform(tree, part, zxid, this.actor, this.record);
    }
    return this.parts.length > 0;
  }
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

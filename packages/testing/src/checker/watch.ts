import { Perms } from '@corral/protocol';
import { after, type Change, type ChangeLog, isBelow } from './change-log.ts';
import { NODE_CHILDREN_CHANGED, NODE_DELETED } from './model-tree.ts';
import { type Actor, isAllowed } from './permission.ts';

export type WatchKind = 'data' | 'child' | 'persistent' | 'recursive';

/** One registration on one connection, and the events it is still owed. */
export class Watch {
  readonly kind: WatchKind;
  readonly path: string;
  /** False: what happened there is not known for certain, so nothing is demanded, and anything is let pass. */
  readonly isCertain: boolean;
  isDone = false;
  readonly #logs: readonly Log[];
  readonly #actor: Actor;

  /** @param zxid of the state at which it was set. */
  constructor(kind: WatchKind, path: string, zxid: number, changes: ChangeLog, actor: Actor) {
    this.kind = kind;
    this.path = path;
    this.isCertain = zxid > 0 && changes.isCertain(path);
    this.#actor = actor;
    this.#logs = logsOf(kind, path, changes).map((log) => ({
      changes: log,
      next: after(log, zxid),
      taken: new Set(),
    }));
  }

  get isOneShot(): boolean {
    return this.kind === 'data' || this.kind === 'child';
  }

  /** Nothing has happened that it could tell. */
  get isUntouched(): boolean {
    return this.#logs.every(({ changes, next }) => next >= changes.length);
  }

  /** The next change that must be told. */
  get due(): Change | undefined {
    let first: Change | undefined;
    for (const log of this.#logs) {
      let i = log.next;
      // A change that its client must not see is not told; a one-shot watch is used up by it.
      while (i < log.changes.length && (log.taken.has(i) || this.#permission(log, i) !== true)) {
        if (this.isOneShot) return undefined;
        i++;
      }
      const change = log.changes[i];
      if (change !== undefined && (first === undefined || change.zxid < first.zxid)) first = change;
    }
    return first;
  }

  /** Whether it is about what such an event tells. */
  concerns(type: number, path: string): boolean {
    switch (this.kind) {
      case 'data':
        return path === this.path && type !== NODE_CHILDREN_CHANGED;
      case 'child':
        return path === this.path && (type === NODE_CHILDREN_CHANGED || type === NODE_DELETED);
      case 'persistent':
        return path === this.path;
      default:
        return type !== NODE_CHILDREN_CHANGED && isBelow(path, this.path);
    }
  }

  /** Hands it an event that it concerns. */
  offer(type: number, path: string, zxid: number): 'taken' | 'hidden' | 'not due' {
    if (!this.isCertain) return this.#took();
    for (const log of this.#logs) {
      for (let i = log.next; i < log.changes.length; i++) {
        const change = log.changes[i]!;
        const permitted = this.#permission(log, i);
        if (
          !log.taken.has(i) &&
          change.type === type &&
          change.path === path &&
          (zxid <= 0 || change.zxid === zxid)
        ) {
          if (permitted === false) return 'hidden';
          take(log, i);
          return this.#took();
        }
        const isSameZxid = log.changes[i + 1]?.zxid === change.zxid;
        if (this.isOneShot || (permitted === true && !isSameZxid && !log.taken.has(i))) break;
      }
    }
    return 'not due';
  }

  #took(): 'taken' {
    if (this.isOneShot) this.isDone = true;
    return 'taken';
  }

  #permission({ changes }: Log, i: number): boolean | undefined {
    return isAllowed(changes[i]!.acl, Perms.READ, this.#actor);
  }
}

interface Log {
  readonly changes: readonly Change[];
  next: number;
  /** Beyond `next`, of its zxid: the end of a session removes its nodes in any order. */
  readonly taken: Set<number>;
}

function take(log: Log, i: number): void {
  const { changes, taken } = log;
  const { zxid } = changes[i]!;
  while (changes[log.next]!.zxid !== zxid) taken.delete(log.next++);
  taken.add(i);
  while (taken.delete(log.next)) log.next++;
}

function logsOf(kind: WatchKind, path: string, changes: ChangeLog): readonly (readonly Change[])[] {
  switch (kind) {
    case 'data':
      return [changes.dataOf(path)];
    case 'child':
      return [changes.childrenOf(path)];
    case 'persistent':
      return [changes.dataOf(path), changes.childrenOnlyOf(path)];
    default:
      return [changes.below(path)];
  }
}

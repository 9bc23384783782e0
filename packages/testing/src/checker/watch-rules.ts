import { ErrorCode } from '@corral/protocol';
import type {
  ConnectedRecord,
  EventRecord,
  FurtherOperation,
  HistoryRecord,
  RequestRecord,
} from '../history.ts';
import type { ChangeLog } from './change-log.ts';
import { describe, eventName, hex } from './describe.ts';
import { DueQueue } from './due-queue.ts';
import { isOutside } from './evidence.ts';
import type { Explanations } from './explanations.ts';
import type { Connection, HistoryIndex } from './history-index.ts';
import { NODE_CHILDREN_CHANGED, NODE_CREATED, NODE_DATA_CHANGED, NODE_DELETED } from './model-tree.ts';
import type { Actor } from './permission.ts';
import type { Violations } from './violation.ts';
import { Watch, type WatchKind } from './watch.ts';

/** D6: watches of each connection, against the changes that the replay has found. */
export function checkWatches(
  index: HistoryIndex,
  changes: ChangeLog,
  explanations: Explanations,
  violations: Violations,
): void {
  for (const connection of index.connections.values()) {
    const { arrived } = connection;
    if (!arrived.some((record) => record.kind === 'event' || isWatching(record))) continue;
    new ConnectionWatches(connection, index, changes, explanations, violations).check();
  }
}

/** The paths at which recursive watches are set anywhere. */
export function recursivePaths(records: readonly HistoryRecord[]): Set<string> {
  const paths = new Set<string>();
  for (const record of records) {
    if (record.kind !== 'request') continue;
    const { operation } = record;
    if (operation.op === 'addWatch' && operation.mode === PERSISTENT_RECURSIVE) paths.add(operation.path);
    if (operation.op === 'setWatches') for (const path of operation.recursive) paths.add(path);
  }
  return paths;
}

class ConnectionWatches {
  readonly #arrived: Connection['arrived'];
  readonly #connected: ConnectedRecord;
  readonly #index: HistoryIndex;
  readonly #changes: ChangeLog;
  readonly #explanations: Explanations;
  readonly #violations: Violations;
  readonly #watches: Map<string, Watch> = new Map();
  /** So the usual history, without persistent ones, does not walk through all. */
  readonly #recursive: Set<Watch> = new Set();
  readonly #due = new DueQueue<{ readonly watch: Watch; readonly zxid: number }>();
  /** Events of no watch here: a setWatches that is still to be answered may have made them. */
  #loose: EventRecord[] = [];
  /** Paths about which nothing is demanded. */
  readonly #lenient: Set<string> = new Set();
  #lastEvent: EventRecord | undefined;
  #lastReply: RequestRecord | undefined;

  constructor(
    { arrived, connected }: Connection,
    index: HistoryIndex,
    changes: ChangeLog,
    explanations: Explanations,
    violations: Violations,
  ) {
    this.#arrived = arrived;
    this.#connected = connected;
    this.#index = index;
    this.#changes = changes;
    this.#explanations = explanations;
    this.#violations = violations;
  }

  check(): void {
    let isResetLost = false;
    for (const [i, record] of this.#arrived.entries()) {
      if (record.kind === 'event') this.#event(record);
      else if (record.kind === 'request') {
        if (record.outcome === 'unknown') isResetLost ||= record.operation.op === 'setWatches';
        else this.#reply(record, i);
      }
    }
    if (!isResetLost) for (const event of this.#loose) this.#unasked(event);
  }

  #event(event: EventRecord): void {
    const { type, path, zxid } = event;
    if (isOutside(path)) return;
    const isLenient = this.#lenient.has(path);
    if (zxid > 0 && !isLenient) this.#checkEventOrder(event);
    let isTaken = false;
    let isHidden = false;
    for (const watch of this.#concerned(type, path)) {
      const answer = watch.offer(type, path, zxid);
      if (answer === 'hidden') isHidden = true;
      if (answer !== 'taken') continue;
      isTaken = true;
      if (watch.isDone) this.#watches.delete(keyOf(watch.kind, path));
      else this.#expect(watch);
    }
    if (isTaken || isLenient) return;
    if (isHidden) {
      this.#violations.add(
        'acl',
        `${describe(event)} tells somebody whom the ACL of ${path} does not allow to read it`,
        event,
      );
    } else if (zxid > 0) this.#unasked(event);
    else this.#loose.push(event);
  }

  #checkEventOrder(event: EventRecord): void {
    const last = this.#lastEvent;
    if (last !== undefined && last.zxid > event.zxid) {
      this.#violations.add('watch-order', `${describe(event)} came after ${describe(last)}`, event, last);
    } else this.#lastEvent = event;
    const reply = this.#lastReply;
    if (reply !== undefined && reply.zxid >= event.zxid) {
      const text = `${describe(event)} came after ${describe(reply)}, which already showed what it tells`;
      this.#violations.add('watch-order', text, event, reply);
    }
  }

  #unasked(event: EventRecord): void {
    if (!this.#changes.isCertain(event.path)) return;
    const watch = this.#concerned(event.type, event.path).find(({ due }) => due !== undefined);
    const why =
      watch === undefined
        ? `where no watch of connection ${event.connection} waits for it`
        : `where its watch waits for ${eventName(watch.due!.type)} at zxid ${hex(watch.due!.zxid)}`;
    this.#violations.add('watch-event', `${describe(event)} came ${why}`, event, this.#connected);
    // What is owed to that watch was told wrongly; once is enough.
    if (watch?.isOneShot === true) this.#forget(watch.kind, event.path);
  }

  #reply(reply: RequestRecord, position: number): void {
    const { zxid, operation } = reply;
    // Its state is what it finds, and what it finds it has told before it answers.
    if (operation.op === 'setWatches' && reply.error === ErrorCode.OK) this.#setAgain(operation, reply);
    if (zxid > 0) {
      this.#checkDue(reply, position);
      if (this.#lastReply === undefined || zxid > this.#lastReply.zxid) this.#lastReply = reply;
    }
    this.#register(reply);
  }

  /** Everything that this reply's state owes must have come. */
  #checkDue(reply: RequestRecord, position: number): void {
    for (let next = this.#due.take(reply.zxid); next !== undefined; next = this.#due.take(reply.zxid)) {
      const { watch, zxid } = next;
      const due = watch.due;
      if (watch.isDone || due?.zxid !== zxid) continue;
      if (this.#lenient.has(due.path)) {
        watch.offer(due.type, due.path, zxid);
        if (watch.isDone) this.#watches.delete(keyOf(watch.kind, watch.path));
        else this.#expect(watch);
        continue;
      }
      const isLate = this.#arrived
        .slice(position)
        .some(
          (record) =>
            record.kind === 'event' &&
            record.path === due.path &&
            record.type === due.type &&
            (record.zxid === zxid || record.zxid <= 0),
        );
      const what = `${eventName(due.type)} of ${due.path} (zxid ${hex(zxid)})`;
      const text = isLate
        ? `${describe(reply)} came before the event ${what}, which it already shows`
        : `the event ${what} never came on connection ${reply.connection}, and ${describe(reply)} is later`;
      this.#violations.add(isLate ? 'watch-order' : 'watch-missed', text, reply, this.#connected);
      this.#forget(watch.kind, watch.path);
      this.#lenient.add(due.path);
    }
  }

  #register(reply: RequestRecord): void {
    const { operation, error, zxid } = reply;
    const isThere = error === ErrorCode.OK;
    switch (operation.op) {
      case 'exists':
        if (operation.watch && (isThere || error === ErrorCode.NONODE))
          this.#set('data', operation.path, zxid, reply);
        return;
      case 'getData':
        if (operation.watch && isThere) this.#set('data', operation.path, zxid, reply);
        return;
      case 'getChildren':
        if (operation.watch && isThere) this.#set('child', operation.path, zxid, reply);
        return;
      case 'addWatch':
        if (isThere)
          this.#set(
            operation.mode === PERSISTENT_RECURSIVE ? 'recursive' : 'persistent',
            operation.path,
            zxid,
            reply,
          );
        return;
      case 'removeWatches':
      case 'checkWatches':
        return this.#remove(operation, reply);
      default:
    }
  }

  #set(kind: WatchKind, path: string, zxid: number, by: RequestRecord): void {
    const known = this.#watches.get(keyOf(kind, path));
    if (isOutside(path) || (known !== undefined && !known.isOneShot)) return;
    if (known !== undefined) known.isDone = true;
    const other = kind === 'persistent' ? 'recursive' : kind === 'recursive' ? 'persistent' : undefined;
    // Whether both can be at one path depends on the version.
    if (other !== undefined && this.#watches.has(keyOf(other, path))) this.#lenient.add(path);
    const actor: Actor = this.#index.actor(by);
    const watch = new Watch(kind, path, zxid, this.#changes, actor);
    this.#watches.set(keyOf(kind, path), watch);
    if (kind === 'recursive') this.#recursive.add(watch);
    this.#expect(watch);
  }

  #expect(watch: Watch): void {
    const due = watch.isCertain ? watch.due : undefined;
    if (due !== undefined) this.#due.add(due.zxid, { watch, zxid: due.zxid });
  }

  #remove(
    operation: Extract<FurtherOperation, { op: 'removeWatches' | 'checkWatches' }>,
    reply: RequestRecord,
  ): void {
    const { path, type } = operation;
    if (isOutside(path) || this.#lenient.has(path)) return;
    const kinds = KINDS_OF_TYPE[type] ?? [];
    const found = kinds.filter((kind) => this.#watches.has(keyOf(kind, path)));
    const isSure = type === ANY && this.#changes.isCertain(path);
    if (isSure && reply.error === ErrorCode.OK && found.length === 0) {
      this.#violations.add('watch-event', `${describe(reply)} finds a watch, and none is set`, reply);
    }
    if (isSure && reply.error === ErrorCode.NOWATCHER && found.some((kind) => this.#isOwed(kind, path))) {
      this.#violations.add(
        'watch-missed',
        `${describe(reply)} finds no watch, and one is set that nothing has triggered`,
        reply,
      );
    }
    if (operation.op === 'checkWatches' || reply.error !== ErrorCode.OK) return;
    for (const kind of found) this.#forget(kind, path);
    // Whether data and child types mean persistent watches too depends on the version.
    if (type !== ANY && this.#watches.has(keyOf('persistent', path))) this.#lenient.add(path);
  }

  #isOwed(kind: WatchKind, path: string): boolean {
    const watch = this.#watches.get(keyOf(kind, path))!;
    return watch.isCertain && (watch.due !== undefined || !watch.isOneShot || watch.isUntouched);
  }

  #setAgain(operation: Extract<FurtherOperation, { op: 'setWatches' }>, reply: RequestRecord): void {
    const { relativeZxid, data, exist, child, persistent, recursive } = operation;
    const owed: { readonly type: number; readonly path: string }[] = [];
    const { zxid } = reply;
    const look = (
      path: string,
      kind: 'data' | 'child',
      typeOf: (isThere: boolean) => number | undefined,
    ): void => {
      const isCertain = this.#changes.isCertain(path) && !this.#explanations.isOpen(path, zxid);
      if (path === '/' || isOutside(path) || !isCertain) {
        this.#lenient.add(path);
        return;
      }
      const type = typeOf(this.#changes.nodeAt(path, zxid).isThere);
      if (type === undefined) this.#set(kind, path, zxid, reply);
      else owed.push({ type, path });
    };
    for (const path of data) {
      look(path, 'data', (isThere) => {
        if (!isThere) return NODE_DELETED;
        return this.#changes.nodeAt(path, zxid).mzxid > relativeZxid ? NODE_DATA_CHANGED : undefined;
      });
    }
    for (const path of exist) look(path, 'data', (isThere) => (isThere ? NODE_CREATED : undefined));
    for (const path of child) {
      look(path, 'child', (isThere) => {
        if (!isThere) return NODE_DELETED;
        return this.#changes.pzxidAt(path, zxid) > relativeZxid ? NODE_CHILDREN_CHANGED : undefined;
      });
    }
    for (const path of persistent) this.#set('persistent', path, zxid, reply);
    for (const path of recursive) this.#set('recursive', path, zxid, reply);
    this.#settle(owed, reply);
  }

  /** What a setWatches must have told, against what came before its reply. */
  #settle(owed: readonly { readonly type: number; readonly path: string }[], reply: RequestRecord): void {
    const loose = this.#loose.filter(({ path }) => !this.#lenient.has(path));
    this.#loose = [];
    // A node that is gone is told for the watch of its data and for that of its children.
    const due = new Map<string, number>();
    for (const { type, path } of owed) due.set(`${type}${path}`, (due.get(`${type}${path}`) ?? 0) + 1);
    const told = new Set<string>();
    for (const event of loose) {
      const key = `${event.type}${event.path}`;
      const left = due.get(key) ?? 0;
      if (left === 0) this.#unasked(event);
      else due.set(key, left - 1);
      told.add(key);
    }
    for (const { type, path } of owed) {
      if (told.has(`${type}${path}`)) continue;
      const text = `${describe(reply)} did not tell ${eventName(type)} of ${path}, which its client had missed`;
      this.#violations.add('watch-missed', text, reply);
    }
  }

  #concerned(type: number, path: string): Watch[] {
    const found: Watch[] = [];
    for (const kind of ['data', 'child', 'persistent'] as const) {
      const watch = this.#watches.get(keyOf(kind, path));
      if (watch?.concerns(type, path) === true) found.push(watch);
    }
    for (const watch of this.#recursive) if (!watch.isDone && watch.concerns(type, path)) found.push(watch);
    return found;
  }

  #forget(kind: WatchKind, path: string): void {
    const watch = this.#watches.get(keyOf(kind, path));
    if (watch === undefined) return;
    watch.isDone = true;
    this.#watches.delete(keyOf(kind, path));
    this.#recursive.delete(watch);
  }
}

function isWatching(record: Connection['arrived'][number]): boolean {
  if (record.kind !== 'request') return false;
  const { operation } = record;
  return 'watch' in operation ? operation.watch : WATCH_OPERATIONS.has(operation.op);
}

function keyOf(kind: WatchKind, path: string): string {
  return kind + path;
}

const PERSISTENT_RECURSIVE = 1;
const ANY = 3;
/** WatcherType. */
const KINDS_OF_TYPE: Readonly<Record<number, readonly WatchKind[]>> = {
  1: ['child'],
  2: ['data'],
  [ANY]: ['data', 'child', 'persistent', 'recursive'],
  4: ['persistent'],
  5: ['recursive'],
};
const WATCH_OPERATIONS: ReadonlySet<string> = new Set([
  'addWatch',
  'setWatches',
  'checkWatches',
  'removeWatches',
]);

import { isEphemeral, joinPath, parentPath } from '@corral/protocol';
import type { HistoryRecord } from '../history.ts';
import { describe, sessionName } from './describe.ts';
import { type Evidence, explains } from './evidence.ts';
import type { FreeZxids } from './free-zxids.ts';
import { firstIndex, type HistoryIndex, isWrite, type Session } from './history-index.ts';
import type { ModelTree } from './model-tree.ts';
import { Sightings } from './sightings.ts';
import { UnclaimedNames } from './unclaimed-names.ts';
import type { UnknownWrite } from './unknown-write.ts';

/** Something of which no answer tells, and that may have happened. */
export interface Explanation {
  /** Those whose Stat it changes. */
  readonly paths: Iterable<string>;
  /** NaN: at some zxid before. False: not here; the caller takes back what was done. */
  attempt(zxid: number): boolean;
  /** What it breaks by itself. */
  readonly broken?: string;
}

/** When and by which record something was seen. */
export interface Moment {
  readonly zxid: number;
  readonly at: number;
  readonly record: HistoryRecord;
}

/**
 * What may have happened without an answer: writes of unknown outcome, ends of sessions, nodes that servers remove.
 * Nothing, where the servers tell all that happened.
 */
export class Explanations {
  readonly #index: HistoryIndex;
  readonly #tree: ModelTree;
  readonly #slackMs: number;
  readonly #sightings: Sightings;
  readonly #names: UnclaimedNames;
  /** When each path was last seen to be as the model has it: what is to come for it happened later. */
  readonly #confirmed: Map<string, number> = new Map();
  readonly #unknown: Map<string, UnknownWrite[]> = new Map();
  readonly #free: FreeZxids;
  readonly #ended: Set<bigint> = new Set();

  constructor(index: HistoryIndex, tree: ModelTree, free: FreeZxids, slackMs: number) {
    this.#free = free;
    this.#index = index;
    this.#tree = tree;
    this.#slackMs = slackMs;
    this.#sightings = new Sightings(index);
    this.#names = new UnclaimedNames(index);
    for (const unknown of index.unknownWrites) {
      for (const path of unknown.paths) {
        const others = this.#unknown.get(path);
        if (others === undefined) this.#unknown.set(path, [unknown]);
        else others.push(unknown);
      }
    }
  }

  /**
   * What may have changed something at these paths before this moment, the likeliest first. What must have been, because
   * nobody can have deleted these nodes, is one explanation.
   */
  before(paths: readonly string[], gone: readonly string[], moment: Moment): Explanation[] {
    const writes = this.#possibleWrites(paths, moment);
    return [
      ...this.#endsAtOnce(gone, moment),
      ...this.#removals(paths, moment),
      ...this.#ends(paths, moment, false),
      ...this.#happened(this.#likeliestFirst(writes, moment), moment.zxid),
    ];
  }

  /**
   * The nodes whose changes decide what these are: also the parent, whose counter gives numbers to its children, and
   * without which there are none.
   */
  causes(paths: Iterable<string>): Set<string> {
    const causes = new Set(paths);
    for (const path of causes) {
      const parent = parentPath(path);
      if (SEQUENTIAL.test(path) || this.#tree.find(parent) === undefined) causes.add(parent);
    }
    return causes;
  }

  /** Ends of sessions that cannot have been so early: where nothing else explains what is seen. */
  early(paths: readonly string[], moment: Moment): Explanation[] {
    return this.#ends(paths, moment, true);
  }

  /** What may be the one transaction of which this was seen. */
  exactly(evidence: Evidence): Explanation[] {
    const { created, changed, deleted, childrenChanged, zxid, seenAt, seenBy, writer } = evidence;
    if (writer !== undefined) return writer.isUsed ? [] : this.#happened([writer], zxid);
    const moment = { zxid, at: seenAt, record: seenBy };
    const isRemoval = created.size + changed.size === 0;
    const paths = [...deleted, ...(deleted.size > 0 ? [] : childrenChanged)];
    const writes = this.matching(evidence).filter((write) => write.mayBeAt(zxid, zxid, seenAt));
    return [
      ...(isRemoval ? [...this.#removals(paths, moment), ...this.#ends(paths, moment, false)] : []),
      ...this.#happened(this.#likeliestFirst(writes, moment), zxid),
    ];
  }

  /** The unanswered writes that do all that was seen, whatever else they explain. */
  matching(evidence: Evidence): UnknownWrite[] {
    const { created, changed, deleted, childrenChanged } = evidence;
    const writes = new Set<UnknownWrite>();
    for (const paths of [created, changed, deleted, childrenChanged]) {
      for (const path of paths) {
        for (const write of this.#unknown.get(path) ?? []) writes.add(write);
        for (const write of this.#unknown.get(parentPath(path)) ?? []) writes.add(write);
      }
    }
    return [...writes].filter((write) => explains(write, evidence));
  }

  /** The Stat of this path was seen as the model has it at this zxid. */
  confirm(path: string, zxid: number): void {
    if (!this.#unknown.has(path)) return;
    const before = this.#confirmed.get(path) ?? 0;
    this.#tree.trail.push(() => this.#confirmed.set(path, before));
    this.#confirmed.set(path, zxid);
  }

  /** Whether an unanswered create must have been by now: its name was seen, and has the number that is due here. */
  isDue(parent: string, moment: Moment): boolean {
    return (this.#unknown.get(parent) ?? []).some(
      (write) => this.#names.isDue(this.#tree, write, parent) && this.#isPossible(write, moment),
    );
  }

  /** Whether unanswered writes that explain nothing may have changed this path by this zxid. */
  isOpen(path: string, zxid: number): boolean {
    return (this.#unknown.get(path) ?? []).some((write) => !write.isUsed && write.minZxid < zxid);
  }

  /** Whether no unanswered write may have set an ACL of this path by this zxid: it can keep an event from a watcher. */
  isAclKnown(path: string, zxid: number): boolean {
    return !(this.#unknown.get(path) ?? []).some(
      ({ parts, minZxid }) => minZxid < zxid && parts.some((part) => 'acl' in part && part.path === path),
    );
  }

  #possibleWrites(paths: readonly string[], moment: Moment): Set<UnknownWrite> {
    const writes = new Set<UnknownWrite>();
    // Of those that a client asked for again and again on one connection, the first will do.
    const alike = new Map<string, UnknownWrite>();
    for (const path of this.causes(paths)) {
      for (const write of this.#unknown.get(path) ?? []) {
        if (!this.#isPossible(write, moment)) continue;
        const first = alike.get(write.kind);
        if (first !== undefined && first.record.xid < write.record.xid) continue;
        if (first !== undefined) writes.delete(first);
        alike.set(write.kind, write);
        writes.add(write);
      }
    }
    return writes;
  }

  #isPossible(write: UnknownWrite, { zxid, at }: Moment): boolean {
    return write.mayBeAt(Number.NaN, zxid, at) && this.#notBefore(write) + 1 < write.maxZxid;
  }

  /** Up to which zxid it has not happened: versions tell all that ever was done to a node, and one was seen without it. */
  #notBefore(write: UnknownWrite): number {
    let zxid = write.minZxid;
    for (const part of write.parts) {
      const counted = part.op === 'create' || part.op === 'delete' ? parentPath(part.path) : part.path;
      const seen = part.op === 'check' ? 0 : (this.#confirmed.get(counted) ?? 0);
      const isSameNode = (this.#tree.find(counted)?.czxid ?? Number.NaN) <= write.minZxid;
      if (isSameNode && seen > zxid) zxid = seen;
    }
    return zxid;
  }

  #likeliestFirst(writes: Iterable<UnknownWrite>, moment: Moment): UnknownWrite[] {
    const likely: UnknownWrite[] = [];
    const unlikely: UnknownWrite[] = [];
    for (const write of writes) (this.#isLikely(write, moment) ? likely : unlikely).push(write);
    return [...likely.toSorted(byDeadline), ...unlikely.toSorted(byDeadline)];
  }

  #isLikely(write: UnknownWrite, { zxid, record }: Moment): boolean {
    // A write shows what was there just before it.
    const from = record.kind === 'request' && isWrite(record) ? zxid - 0.5 : zxid;
    return this.#sightings.allow(write, from) && this.#names.allow(this.#tree, write, zxid);
  }

  #happened(writes: readonly UnknownWrite[], before: number): Explanation[] {
    const tree = this.#tree;
    const attempt = (write: UnknownWrite, zxid: number, hides: boolean): boolean => {
      if (Number.isNaN(zxid) && !this.#free.take(this.#notBefore(write), before)) return false;
      if (!write.attempt(tree, zxid, hides)) return false;
      write.isUsed = true;
      tree.trail.push(() => {
        write.isUsed = false;
      });
      return true;
    };
    return writes.flatMap((write) => {
      const { paths } = write;
      const whole: Explanation = { paths, attempt: (zxid) => attempt(write, zxid, false) };
      if (!write.mayHide(tree)) return [whole];
      return [whole, { paths, attempt: (zxid) => Number.isNaN(zxid) && attempt(write, zxid, true) }];
    });
  }

  /** The ends of the sessions whose nodes are gone, and that nobody can have deleted. */
  #endsAtOnce(gone: readonly string[], moment: Moment): Explanation[] {
    const owners = new Set<bigint>();
    for (const path of gone) {
      const owner = this.#tree.find(path)?.owner ?? 0n;
      if (owner !== 0n && !(this.#unknown.get(path) ?? []).some((write) => !write.isUsed)) owners.add(owner);
    }
    if (owners.size < 2) return [];
    const ends = this.#endsOf(owners, moment, false);
    if (ends.length < 2) return [];
    return [
      {
        paths: ends.flatMap(({ paths }) => [...paths]),
        attempt: (zxid) => ends.every((end) => end.attempt(zxid)),
      },
    ];
  }

  #ends(paths: readonly string[], moment: Moment, isEarly: boolean): Explanation[] {
    const owners = new Set<bigint>();
    for (const path of paths) {
      const node = this.#tree.find(path);
      if (node !== undefined && node.owner !== 0n) owners.add(node.owner);
      for (const name of node?.children ?? []) {
        const owner = this.#tree.find(joinPath(path, name))?.owner ?? 0n;
        if (owner !== 0n) owners.add(owner);
      }
      // Made and gone again, with nobody looking.
      for (const at of [path, parentPath(path)]) {
        for (const { parts, record } of this.#unknown.get(at) ?? []) {
          if (parts.some((part) => part.op === 'create' && isEphemeral(part.mode)))
            owners.add(record.session);
        }
      }
    }
    return this.#endsOf(owners, moment, isEarly);
  }

  #endsOf(owners: ReadonlySet<bigint>, { zxid, at, record }: Moment, isEarly: boolean): Explanation[] {
    const tree = this.#tree;
    if (this.#index.deeds !== undefined) return [];
    return Array.from(owners, (id) => this.#index.session(id)).flatMap((session) => {
      const early = isTooEarly(session, at, this.#slackMs);
      if (!mayEnd(session, zxid) || (early !== undefined) !== isEarly) return [];
      const owned = tree.ephemerals.get(session.id) ?? [];
      const attempt = (end: number): boolean => {
        if ((tree.ephemerals.get(session.id)?.size ?? 0) === 0) return false;
        if (!this.#takeEnd(session, end, zxid)) return false;
        tree.endSession(session.id, end, session.expired);
        return true;
      };
      const broken = `${describe(record)} shows that session ${sessionName(session.id)} has ended, ${early}`;
      return [{ paths: withParents(owned), attempt, ...(isEarly ? { broken } : {}) }];
    });
  }

  /** A session ends once; what it had made shortly before may be found later. */
  #takeEnd({ id, aliveZxid }: Session, zxid: number, before: number): boolean {
    if (this.#ended.has(id)) return true;
    this.#ended.add(id);
    this.#tree.trail.push(() => this.#ended.delete(id));
    return !Number.isNaN(zxid) || this.#free.take(aliveZxid, before);
  }

  #removals(paths: readonly string[], { record }: Moment): Explanation[] {
    const tree = this.#tree;
    const found: Explanation[] = [];
    if (this.#index.deeds !== undefined) return found;
    for (const path of paths) {
      const node = tree.find(path);
      const children = Array.from(node?.children ?? [], (name) => tree.find(joinPath(path, name)));
      for (const each of [node, ...children]) {
        if (each?.isReaped !== true || each.children.size > 0) continue;
        const attempt = (zxid: number): boolean => {
          const reaped = tree.find(each.path);
          if (reaped === undefined || reaped.children.size > 0) return false;
          tree.remove(reaped, zxid, record);
          return true;
        };
        found.push({ paths: withParents([each.path]), attempt });
      }
    }
    return found;
  }
}

/**
 * Whether a session that was gone at this time cannot have expired: the last of its requests that was answered had been
 * sent less than its timeout before. In words.
 */
export function isTooEarly(session: Session, at: number, slackMs: number): string | undefined {
  const timeoutMs = session.connects.at(-1)?.timeoutMs;
  if (session.isClosing || session.closed !== undefined || timeoutMs === undefined) return undefined;
  const { contacts } = session;
  const last = contacts[firstIndex(contacts.length, (i) => contacts[i]! > at) - 1];
  if (last === undefined || at - last >= timeoutMs - slackMs) return undefined;
  return `${Math.round(at - last)} ms after it was last heard, where its timeout is ${timeoutMs} ms`;
}

/** These, and those above them, which creating and deleting changes too. */
export function withParents(paths: Iterable<string>): Set<string> {
  return new Set([...paths].flatMap((path) => [path, parentPath(path)]));
}

function mayEnd({ closed, aliveZxid }: Session, zxid: number): boolean {
  return closed === undefined && aliveZxid < zxid;
}

/** The end of a name that a sequential node has. */
const SEQUENTIAL = /\d{10}$/;

/** What can explain for the shortest time comes first. */
function byDeadline(a: UnknownWrite, b: UnknownWrite): number {
  return a.maxZxid === b.maxZxid ? a.record.arrival - b.record.arrival : a.maxZxid - b.maxZxid;
}

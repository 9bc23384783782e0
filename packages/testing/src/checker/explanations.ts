import { isEphemeral, joinPath, parentPath } from '@corral/protocol';
import type { HistoryRecord } from '../history.ts';
import { describe, sessionName } from './describe.ts';
import type { Evidence } from './evidence.ts';
import { explains } from './evidence.ts';
import type { HistoryIndex, Session } from './history-index.ts';
import { firstIndex, isWrite } from './history-index.ts';
import type { ModelTree } from './model-tree.ts';
import { Sightings } from './sightings.ts';
import { UnclaimedNames } from './unclaimed-names.ts';
import type { UnknownWrite } from './unknown-write.ts';
import type { Violations } from './violation.ts';

/** Something of which no answer tells, and that may have happened. */
export interface Explanation {
  /** NaN: at some zxid before. False: not here; the caller takes back what was done. */
  attempt(tree: ModelTree, zxid: number): boolean;
  /** It was this: it will not be offered again. */
  take(): void;
}

/** When and by which record something was seen. */
export interface Moment {
  readonly zxid: number;
  readonly at: number;
  readonly record: HistoryRecord;
}

/** What may have happened without an answer: writes of unknown outcome, ends of sessions, nodes that servers remove. */
export class Explanations {
  readonly #index: HistoryIndex;
  readonly #violations: Violations;
  readonly #slackMs: number;
  readonly #sightings: Sightings;
  readonly #names: UnclaimedNames;
  /** When each path was last seen to be as the model has it: what is to come for it happened later. */
  readonly #confirmed: Map<string, number> = new Map();
  readonly #pending: Map<string, Set<UnknownWrite>> = new Map();

  constructor(index: HistoryIndex, violations: Violations, slackMs: number) {
    this.#index = index;
    this.#violations = violations;
    this.#slackMs = slackMs;
    this.#sightings = new Sightings(index);
    this.#names = new UnclaimedNames(index);
    for (const unknown of index.unknownWrites) {
      for (const path of unknown.paths) {
        const others = this.#pending.get(path);
        if (others === undefined) this.#pending.set(path, new Set([unknown]));
        else others.add(unknown);
      }
    }
  }

  /** The unanswered write that did what was seen of a zxid, if there is one. */
  writeBehind(evidence: Evidence): UnknownWrite | undefined {
    for (const path of [...evidence.created, ...evidence.changed, ...evidence.deleted]) {
      for (const write of this.#pendingAt(path)) {
        if (!write.mayBeAt(evidence.zxid, evidence.zxid, evidence.seenAt) || !explains(write, evidence))
          continue;
        if (this.#sightings.allow(write, evidence.zxid)) return write;
      }
    }
    return undefined;
  }

  /** What may have changed something at these paths before this moment. `exact`: at this very zxid. */
  at(tree: ModelTree, paths: readonly string[], { zxid, at, record }: Moment, exact: boolean): Explanation[] {
    const found: Explanation[] = [];
    const writes = new Set<UnknownWrite>();
    const sessions = new Set<bigint>();
    for (const path of paths) {
      for (const write of this.#pendingAt(path)) writes.add(write);
      for (const write of this.#pendingAt(parentPath(path))) writes.add(write);
      const node = tree.find(path);
      if (node === undefined) continue;
      if (node.owner !== 0n) sessions.add(node.owner);
      if (node.isReaped && node.children.size === 0) found.push(removal(path, record));
      for (const name of node.children) {
        const child = tree.find(joinPath(path, name));
        if (child === undefined) continue;
        if (child.owner !== 0n) sessions.add(child.owner);
        if (child.isReaped && child.children.size === 0) found.push(removal(child.path, record));
      }
    }
    // Made and gone again, with nobody looking.
    for (const { parts, record: unknown } of writes) {
      if (parts.some((part) => part.op === 'create' && isEphemeral(part.mode))) sessions.add(unknown.session);
    }
    const early: Explanation[] = [];
    for (const id of sessions) {
      const session = this.#index.session(id);
      if (!mayEnd(session, zxid)) continue;
      const isEarly = isTooEarly(session, at, this.#slackMs) !== undefined;
      (isEarly ? early : found).push(this.#end(session, { zxid, at, record }));
    }
    for (const write of [...writes].toSorted((a, b) => a.record.arrival - b.record.arrival)) {
      if (!this.#mayBe(tree, write, exact ? zxid : Number.NaN, { zxid, at, record })) continue;
      found.push({ attempt: (model, z) => write.attempt(model, z), take: () => this.use(write) });
    }
    // Where nothing else explains it.
    return [...found, ...early];
  }

  /** The ends of the sessions whose nodes are gone, and that nobody can have deleted. */
  ends(tree: ModelTree, gone: readonly string[], moment: Moment): Explanation[] {
    const sessions = new Set<bigint>();
    for (const path of gone) {
      const owner = tree.find(path)?.owner ?? 0n;
      if (owner !== 0n && (this.#pending.get(path)?.size ?? 0) === 0) sessions.add(owner);
    }
    const ended = Array.from(sessions, (id) => this.#index.session(id)).filter((session) =>
      mayEnd(session, moment.zxid),
    );
    return ended.map((session) => this.#end(session, moment));
  }

  /** The Stat of this path was seen as the model has it at this zxid. */
  confirm(path: string, zxid: number): void {
    if (this.#pending.has(path)) this.#confirmed.set(path, zxid);
  }

  /** An unanswered create whose name was seen and has the very number that is due in this parent. */
  dueCreate(tree: ModelTree, parent: string, moment: Moment): UnknownWrite | undefined {
    for (const write of this.#pendingAt(parent)) {
      if (!this.#names.isDue(tree, write)) continue;
      if (this.#mayBe(tree, write, Number.NaN, moment)) return write;
    }
    return undefined;
  }

  #mayBe(tree: ModelTree, write: UnknownWrite, zxid: number, { zxid: before, at, record }: Moment): boolean {
    // A write shows what was there just before it.
    const from = record.kind === 'request' && isWrite(record) ? before - 0.5 : before;
    if (!write.mayBeAt(zxid, before, at) || !this.#sightings.allow(write, from)) return false;
    for (const path of write.paths) if ((this.#confirmed.get(path) ?? 0) >= write.maxZxid) return false;
    return this.#names.allow(tree, write, before);
  }

  /** It has happened, and will not again. */
  use(write: UnknownWrite): void {
    for (const path of write.paths) this.#pending.get(path)?.delete(write);
  }

  #pendingAt(path: string): Iterable<UnknownWrite> {
    return this.#pending.get(path) ?? [];
  }

  #end(session: Session, { at, record }: Moment): Explanation {
    return {
      attempt: (tree, zxid) => {
        if ((tree.ephemerals.get(session.id)?.size ?? 0) === 0) return false;
        tree.endSession(session.id, zxid, session.expired);
        return true;
      },
      take: () => {
        const early = isTooEarly(session, at, this.#slackMs);
        if (early === undefined) return;
        const text = `${describe(record)} shows that session ${sessionName(session.id)} has ended, ${early}`;
        this.#violations.add('expiry', text, record);
      },
    };
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

function mayEnd({ closed, aliveZxid }: Session, zxid: number): boolean {
  return closed === undefined && aliveZxid < zxid;
}

function removal(path: string, record: HistoryRecord): Explanation {
  return {
    attempt: (tree, zxid) => {
      const node = tree.find(path);
      if (node === undefined || node.children.size > 0) return false;
      tree.remove(node, zxid, record);
      return true;
    },
    take: () => {},
  };
}

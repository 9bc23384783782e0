import { printedEntry, type Entry, type Transcript } from './transcript.ts';
import type { Step } from './step.ts';

export interface Difference {
  readonly stream: string;
  /** The step during which the two parted. */
  readonly step: number;
  readonly left: string;
  readonly right: string;
}

export interface Allowances {
  /** Events of Apache 3.8 carry the zxid -1. */
  readonly eventZxids?: boolean;
}

/** The first difference in time between two plays of one script, or undefined. */
export function firstDifference(
  steps: readonly Step[],
  left: Transcript,
  right: Transcript,
  allowances: Allowances = {},
): Difference | undefined {
  const zxids = new ZxidPairs(steps, left, right);
  let first: Difference | undefined;
  for (const stream of new Set([...left.streams.keys(), ...right.streams.keys()])) {
    const a = left.streams.get(stream) ?? [];
    const b = inOrderOf(a, right.streams.get(stream) ?? [], left.closes);
    const at = a.findIndex((entry, i) => !isSame(entry, b[i], zxids, allowances));
    const place = at >= 0 ? at : a.length;
    if (at < 0 && a.length === b.length) continue;
    const step = Math.min(a[place]?.step ?? Infinity, b[place]?.step ?? Infinity);
    if (first === undefined || step < first.step) {
      first = { stream, step, left: shown(a[place]), right: shown(b[place]) };
    }
  }
  return first;
}

function shown(entry: Entry | undefined): string {
  return entry === undefined ? '(nothing more)' : printedEntry(entry);
}

function isSame(a: Entry, b: Entry | undefined, zxids: ZxidPairs, allowances: Allowances): boolean {
  if (b === undefined || a.text !== b.text || a.zxids.length !== b.zxids.length) return false;
  if (a.isEvent && allowances.eventZxids === true) return true;
  return a.zxids.every((zxid, i) => zxids.arePair(zxid, b.zxids[i]!));
}

/** Within the events of one closed session, which come in any order, `b` is put in the order of `a`. */
function inOrderOf(a: readonly Entry[], b: readonly Entry[], closes: ReadonlySet<bigint>): readonly Entry[] {
  const ordered = [...b];
  for (let from = 0; from < a.length;) {
    const to = endOfRun(a, from, closes);
    ordered.splice(from, to - from, ...inOrder(a.slice(from, to), ordered.slice(from, to)));
    from = to;
  }
  return ordered;
}

/** `found` in the order of `wanted`, as far as they have the same texts. */
function inOrder(wanted: readonly Entry[], found: readonly Entry[]): readonly Entry[] {
  const left = [...found];
  const ordered: Entry[] = [];
  for (const { text } of wanted) {
    const at = left.findIndex((entry) => entry.text === text);
    if (at >= 0) ordered.push(...left.splice(at, 1));
  }
  return [...ordered, ...left];
}

function endOfRun(entries: readonly Entry[], from: number, closes: ReadonlySet<bigint>): number {
  const zxid = entries[from]!.zxids[0];
  if (!entries[from]!.isEvent || zxid === undefined || !(zxid === -1n || closes.has(zxid))) return from + 1;
  let to = from + 1;
  while (to < entries.length && entries[to]!.isEvent && entries[to]!.zxids[0] === zxid) to++;
  return to;
}

/**
 * Which zxids of the two sides name the same transaction. They are equal, until a step that takes a zxid on one
 * side only: then the distance between them may change. That is a step whose `drift` says why, or one with a
 * request that could not be decoded: Apache 3.9 gives its error the zxid of the transaction before it.
 */
class ZxidPairs {
  readonly #drifts: { before: [bigint, bigint]; after: [bigint, bigint] }[] = [];

  constructor(steps: readonly Step[], left: Transcript, right: Transcript) {
    const undecodable = stepsWithMarshallingError(left);
    for (const [i, step] of steps.entries()) {
      if (!undecodable.has(i) && !('drift' in step && step.drift !== undefined)) continue;
      this.#drifts.push({
        before: [left.zxidAfter[i - 1] ?? 0n, right.zxidAfter[i - 1] ?? 0n],
        after: [left.zxidAfter[i] ?? 0n, right.zxidAfter[i] ?? 0n],
      });
    }
  }

  arePair(left: bigint, right: bigint): boolean {
    if (left <= 0n) return left === right;
    let distance = 0n;
    for (const { before, after } of this.#drifts) {
      if (left < before[0]) break;
      if (left <= after[0] && right >= before[1] && right <= after[1]) return true;
      if (left > before[0]) distance = after[1] - after[0];
    }
    return right - left === distance;
  }
}

function stepsWithMarshallingError(transcript: Transcript): ReadonlySet<number> {
  const steps = new Set<number>();
  for (const entries of transcript.streams.values()) {
    for (const entry of entries) if (entry.text.includes(' zxid=# err=-5')) steps.add(entry.step);
  }
  return steps;
}

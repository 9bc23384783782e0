import { joinPath } from '@corral/protocol';
import { type Op, signalOf } from './abort-signal.ts';
import type { Client } from './client.ts';
import { toUtf8 } from './codec.ts';
import { BadVersionError, NoNodeError, NotEmptyError, OutcomeUnknownError } from './errors.ts';
import type { Children, NodeData } from './results.ts';
import type { Stat } from './stat.ts';

/**
 * The node and everything below it, each as it was shortly before its turn: those that come next are asked for ahead, for a
 * tree of many nodes would take as many round trips.
 */
export async function* walk(
  client: Client,
  path: string,
  op: Op,
): AsyncGenerator<{ path: string; stat: Stat }, undefined> {
  const toVisit: Visit[] = [{ path, seen: undefined }];
  for (let next = toVisit.pop(); next !== undefined; next = toVisit.pop()) {
    const seen = await (next.seen ?? look(client, next.path, op));
    if (seen === undefined) continue;
    for (const name of seen.names.toSorted().toReversed())
      toVisit.push({ path: joinPath(next.path, name), seen: undefined });
    for (let i = toVisit.length - 1; i >= 0 && i >= toVisit.length - AHEAD_MAX; i--) {
      const visit = toVisit[i]!;
      visit.seen ??= look(client, visit.path, op);
    }
    yield { path: next.path, stat: seen.stat };
  }
  return undefined;
}

interface Visit {
  readonly path: string;
  seen: Promise<Children | undefined> | undefined;
}

/** Undefined for a node that has gone meanwhile. */
function look(client: Client, path: string, op: Op): Promise<Children | undefined> {
  const seen = client.children(path, op).catch(nothingThere);
  // Nobody may come to take it, where the loop is left.
  seen.catch(() => {});
  return seen;
}

/** Children before their parents; a node created meanwhile is met in another round. */
export async function deleteSubtree(client: Client, path: string, op: Op): Promise<void> {
  const plain = signalOf(op);
  for (let round = 1; ; round++) {
    const paths: string[] = [];
    for await (const node of walk(client, path, plain)) paths.push(node.path);
    if (paths.length === 0) return client.delete(path, plain);
    try {
      await deleteAll(client, paths.toReversed(), plain);
      return;
    } catch (error) {
      if (!(error instanceof NotEmptyError) || round === ROUNDS_MAX) throw error;
    }
  }
}

/** Sent one behind the other without waiting: the server takes them in this order. */
async function deleteAll(client: Client, paths: readonly string[], op: Op): Promise<void> {
  for (let i = 0; i < paths.length; i += IN_FLIGHT_MAX) {
    const group = paths.slice(i, i + IN_FLIGHT_MAX);
    const results = await Promise.allSettled(
      group.map((path) => client.delete(path, { ...op, ifExists: true })),
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }
}

/**
 * A set that is sent again when its outcome is unknown: the version lets it happen once at most. Whether it did is seen by
 * what the next version holds; where even that does not tell, the outcome stays unknown.
 *
 * @param isEqualOurs whether the same data in the next version is taken for our own: it may be another client's, and ours
 * have had no effect, which is as good where data are a state, and is not where they are a count
 */
export async function setVersion(
  client: Client,
  path: string,
  data: NodeData,
  version: number,
  isEqualOurs: boolean,
  options: Op,
): Promise<Stat> {
  const op = signalOf(options);
  for (let unknown: OutcomeUnknownError | undefined; ;) {
    try {
      return await client.set(path, data, { ...op, version });
    } catch (error) {
      if (error instanceof OutcomeUnknownError) unknown = error;
      else if (unknown !== undefined && error instanceof BadVersionError) return await judge(error, unknown);
      // It may have been set before it was deleted.
      else throw unknown !== undefined && error instanceof NoNodeError ? unknown : error;
    }
  }

  async function judge(refusal: BadVersionError, unknown: OutcomeUnknownError): Promise<Stat> {
    const seen = await client.tryGet(path, op);
    if (seen === null) throw unknown;
    const { data: now, stat } = seen;
    // As a server counts: in 32 bits.
    const isNext = stat.version === ((version + 1) | 0);
    if (isNext && !isSame(now, data)) throw refusal;
    if (isNext && isEqualOurs) return stat;
    throw unknown;
  }
}

/** A delete that is sent again when its outcome is unknown: that the node is gone then is taken for its doing. */
export async function deleteVersion(
  client: Client,
  path: string,
  version: number,
  options: Op,
): Promise<void> {
  const op = signalOf(options);
  for (let isUnknown = false; ; isUnknown = true) {
    try {
      return await client.delete(path, { ...op, version });
    } catch (error) {
      if (error instanceof OutcomeUnknownError) continue;
      if (isUnknown && error instanceof NoNodeError) return;
      throw error;
    }
  }
}

function isSame(bytes: Uint8Array, data: NodeData): boolean {
  const other = typeof data === 'string' ? toUtf8(data) : (data ?? []);
  return bytes.length === other.length && bytes.every((byte, i) => byte === other[i]);
}

function nothingThere(error: unknown): undefined {
  if (!(error instanceof NoNodeError)) throw error;
}

const AHEAD_MAX = 100;
const ROUNDS_MAX = 10;
const IN_FLIGHT_MAX = 1000;

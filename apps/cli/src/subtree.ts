import { type Client, NoAuthError, NoNodeError, type Stat } from '@corral/client';
import { ErrorCode, joinPath } from '@corral/protocol';

/** Requests ahead of the node whose turn it is: a tree of many nodes takes few round trips. */
const AHEAD_MAX = 200;

export interface VisitedNode {
  readonly path: string;
  /** 0 is where the visit began. */
  readonly depth: number;
  /** Of the children of its parent, in order. */
  readonly isLast: boolean;
  /** Undefined where even that may not be read (ZOOKEEPER-2590). */
  readonly stat: Stat | undefined;
  /** It may not be read: what is below is not told. */
  readonly isClosed: boolean;
}

export interface SubtreeOptions {
  readonly signal: AbortSignal;
  /** Nodes deeper than this are not asked for. Default: all are. */
  readonly depthMax?: number;
}

/**
 * The node and what is below it, parents before their children, in the order of their names, each as it was shortly before
 * its turn. What is deleted meanwhile is left out. Memory goes by the widest nodes on one path, not by the tree.
 *
 * @throws NoNodeError where there is no such node to begin with
 */
export async function* subtree(
  client: Client,
  root: string,
  { signal, depthMax = Number.POSITIVE_INFINITY }: SubtreeOptions,
): AsyncGenerator<VisitedNode, undefined> {
  const toVisit: Visit[] = [{ path: root, depth: 0, isLast: true, seen: undefined }];
  for (let visit = toVisit.pop(); visit !== undefined; visit = toVisit.pop()) {
    const { path, depth, isLast } = visit;
    const seen = await (visit.seen ?? look(client, visit, depthMax, signal));
    if (seen === undefined && depth === 0) throw new NoNodeError(ErrorCode.NONODE, 'getChildren', root);
    if (seen === undefined) continue;
    const names = seen.names.toSorted().toReversed();
    for (const [index, name] of names.entries())
      toVisit.push({ path: joinPath(path, name), depth: depth + 1, isLast: index === 0, seen: undefined });
    for (let at = toVisit.length - 1; at >= 0 && at >= toVisit.length - AHEAD_MAX; at--) {
      const next = toVisit[at]!;
      next.seen ??= look(client, next, depthMax, signal);
    }
    yield { path, depth, isLast, stat: seen.stat, isClosed: seen.isClosed };
  }
  return undefined;
}

/** The same nodes, each behind all that is below it. */
export async function* leavesFirst(
  nodes: AsyncIterable<VisitedNode>,
): AsyncGenerator<VisitedNode, undefined> {
  const open: VisitedNode[] = [];
  for await (const node of nodes) {
    while (open.length > node.depth) yield open.pop()!;
    open.push(node);
  }
  for (let node = open.pop(); node !== undefined; node = open.pop()) yield node;
  return undefined;
}

interface Visit {
  readonly path: string;
  readonly depth: number;
  readonly isLast: boolean;
  seen: Promise<Look | undefined> | undefined;
}

interface Look {
  readonly names: readonly string[];
  readonly stat: Stat | undefined;
  readonly isClosed: boolean;
}

/** Undefined for a node that has gone meanwhile. */
function look(
  client: Client,
  { path, depth }: Visit,
  depthMax: number,
  signal: AbortSignal,
): Promise<Look | undefined> {
  const seen = depth < depthMax ? lookBelow(client, path, signal) : lookAt(client, path, signal);
  // Nobody may come to take it, where the loop is left.
  seen.catch(() => {});
  return seen;
}

async function lookBelow(client: Client, path: string, signal: AbortSignal): Promise<Look | undefined> {
  try {
    const { names, stat } = await client.children(path, { signal });
    return { names, stat, isClosed: false };
  } catch (error) {
    if (error instanceof NoNodeError) return undefined;
    if (!(error instanceof NoAuthError)) throw error;
    const seen = await lookAt(client, path, signal);
    return seen === undefined ? undefined : { ...seen, isClosed: true };
  }
}

async function lookAt(client: Client, path: string, signal: AbortSignal): Promise<Look | undefined> {
  try {
    const stat = await client.exists(path, { signal });
    return stat === null ? undefined : { names: [], stat, isClosed: false };
  } catch (error) {
    if (error instanceof NoAuthError) return { names: [], stat: undefined, isClosed: true };
    throw error;
  }
}

import { type Client, NoNodeError } from '@corral/client';
import { joinPath } from '@corral/protocol';

/** Requests ahead of the one whose turn it is: a tree of many nodes takes few round trips. */
const AHEAD_MAX = 200;

/**
 * Everything below a node in the order of Apache's visitSubTreeDFS: all children of a node, then what is below the first of
 * them. What is deleted meanwhile is left out.
 *
 * @param childrenOf the names below a node, in any order
 */
export async function* depthFirst(
  root: string,
  childrenOf: (path: string) => Promise<readonly string[]>,
): AsyncGenerator<readonly string[], undefined> {
  const toVisit: Visit[] = [{ path: root, names: look(root, childrenOf) }];
  for (let visit = toVisit.pop(); visit !== undefined; visit = toVisit.pop()) {
    const { path: parent } = visit;
    const names = await (visit.names ?? look(parent, childrenOf));
    const paths = names.toSorted().map((name) => joinPath(parent, name));
    for (const path of paths.toReversed()) toVisit.push({ path, names: undefined });
    for (let at = toVisit.length - 1; at >= 0 && at >= toVisit.length - AHEAD_MAX; at--) {
      const next = toVisit[at]!;
      next.names ??= look(next.path, childrenOf);
    }
    if (paths.length > 0) yield paths;
  }
  return undefined;
}

interface Visit {
  readonly path: string;
  names: Promise<readonly string[]> | undefined;
}

function look(
  path: string,
  childrenOf: (path: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const names = childrenOf(path).catch((error: unknown) => {
    if (error instanceof NoNodeError) return [];
    throw error;
  });
  // Nobody may come to take it, where the loop is left.
  names.catch(() => {});
  return names;
}

export async function namesOf(client: Client, path: string, signal: AbortSignal): Promise<readonly string[]> {
  return (await client.children(path, { signal })).names;
}

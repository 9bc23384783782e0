import type { Client } from '@corral/client';
import type { Call } from './command.ts';
import { type CopiedNode, readCopyUnlessGone } from './copied-node.ts';
import { CommandError, ExitCode } from './exit-code.ts';
import { mapAhead } from './map-ahead.ts';
import { nodeKindOf } from './node-kind.ts';
import { subtree } from './subtree.ts';

/** Nodes under way at once: each may hold a megabyte. */
const AHEAD_MAX = 64;

export type ReadNode = (client: Client, path: string, signal: AbortSignal) => Promise<CopiedNode | undefined>;

/** What is needed of a call. */
export type CopyingCall = Pick<Call, 'client' | 'signal'> & { readonly out: Pick<Call['out'], 'note'> };

/**
 * A node and all below it as they would be copied, by their paths below it (`/` is the node itself), in the order of a walk.
 * Ephemeral nodes are left out, and so is what is the servers' own.
 *
 * @throws CommandError where a part may not be read; NoNodeError where there is no such node
 */
export async function* copiedSubtree(
  call: CopyingCall,
  root: string,
  read: ReadNode = readCopyUnlessGone,
): AsyncGenerator<CopiedNode, undefined> {
  const { client, signal } = call;
  const copies = mapAhead(pathsOf(call, root), AHEAD_MAX, (path) => read(client, path, signal));
  for await (const copy of copies) if (copy !== undefined) yield { ...copy, path: relative(copy.path, root) };
  return undefined;
}

/** The path of a node below another root. */
export function pathBelow(root: string, relativePath: string): string {
  if (relativePath === '/') return root;
  return root === '/' ? relativePath : root + relativePath;
}

/** `/zookeeper`, where all of the servers' tree is seen. */
export function isServersOwn(client: Client, path: string): boolean {
  return client.root === '/' && /^\/zookeeper(\/|$)/.test(path);
}

/** The path of a node below a root. */
export function relative(path: string, root: string): string {
  if (root === '/') return path;
  return path === root ? '/' : path.slice(root.length);
}

async function* pathsOf(
  { client, out, signal }: CopyingCall,
  root: string,
): AsyncGenerator<string, undefined> {
  for await (const { path, stat, isClosed } of subtree(client, root, { signal })) {
    if (isServersOwn(client, path)) continue;
    if (isClosed) throw new CommandError(ExitCode.noAuth, `Insufficient permission : ${path}`);
    if (stat !== undefined && nodeKindOf(stat) === 'ephemeral') out.note(`${path} is ephemeral: left out`);
    else yield path;
  }
  return undefined;
}

import { baseName, joinPath, parentPath } from '@corral/protocol';
import type { Random } from '@corral/runtime';
import { type Op, signalOf } from './abort-signal.ts';
import type { Client } from './client.ts';
import { NoNodeError, NodeExistsError, OutcomeUnknownError } from './errors.ts';
import type { CreateOptions } from './options.ts';
import type { Created, NodeData } from './results.ts';

export interface CreateCare {
  /** Creates the nodes above, persistent and open, where they are missing. */
  readonly parents?: boolean;
  /**
   * Puts an id of its own before the name (`_c_<id>-`, as Curator does), by which the node is found again when the
   * connection was lost before the reply: then it is neither forgotten nor created twice.
   */
  readonly protect?: boolean;
  /** Sets the data of a node that is there already. */
  readonly orSet?: boolean;
}

/** A create that takes several steps where the first does not do. */
export async function createWithCare(
  client: Client,
  random: Random,
  path: string,
  data: NodeData,
  options: CreateOptions,
): Promise<Created> {
  const { parents, protect, orSet, ...plain } = options;
  if (orSet && plain.sequential) throw new RangeError('a sequential node is always new: orSet means nothing');
  const id = protect ? uuid(random) : undefined;
  const name = id === undefined ? path : joinPath(parentPath(path), `_c_${id}-${baseName(path)}`);
  for (;;) {
    try {
      return await client.create(name, data, plain);
    } catch (error) {
      if (parents && error instanceof NoNodeError) await createParents(client, path, plain);
      else if (orSet && error instanceof NodeExistsError) {
        const stat = await setOrGone(client, path, data, plain);
        if (stat !== undefined) return stat;
      } else if (id !== undefined && error instanceof OutcomeUnknownError) {
        const found = await find(client, parentPath(path), `_c_${id}-`, plain);
        // That of a session which is over will go with it.
        const isOurs = plain.mode !== 'ephemeral' || found?.stat.ephemeralOwner === client.sessionId;
        if (found !== undefined && isOurs) return found;
      } else throw error;
    }
  }
}

async function createParents(client: Client, path: string, op: Op): Promise<void> {
  const names = parentPath(path).split('/').slice(1);
  let parent = '/';
  for (const name of names) {
    parent = joinPath(parent, name);
    try {
      await client.create(parent, '', signalOf(op));
    } catch (error) {
      if (!(error instanceof NodeExistsError)) throw error;
    }
  }
}

/** Undefined where the node has gone meanwhile. */
async function setOrGone(client: Client, path: string, data: NodeData, op: Op): Promise<Created | undefined> {
  try {
    return { path, stat: await client.set(path, data, signalOf(op)) };
  } catch (error) {
    if (error instanceof NoNodeError) return undefined;
    throw error;
  }
}

/**
 * The sync makes sure: what the old connection had sent is either in the tree that is read then or is refused, for the
 * session speaks through another server now.
 */
async function find(client: Client, parent: string, prefix: string, op: Op): Promise<Created | undefined> {
  await client.sync(parent, signalOf(op));
  const { names } = await client.children(parent, signalOf(op));
  const name = names.find((other) => other.startsWith(prefix));
  if (name === undefined) return undefined;
  const path = joinPath(parent, name);
  const stat = await client.exists(path, signalOf(op));
  return stat === null ? undefined : { path, stat };
}

function uuid(random: Random): string {
  const hex = Array.from(random.bytes(16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [0, 8, 12, 16, 20].map((at, i, all) => hex.slice(at, all[i + 1])).join('-');
}

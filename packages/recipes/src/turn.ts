import { type Client, type Data, NoNodeError, type Op, type Seen } from '@corral/client';
import { until } from './abort.ts';
import { joinPath } from './node-path.ts';
import { isReplaced } from './outcome.ts';
import { createOwn, type OwnName, type OwnNode, removeOwn } from './own-node.ts';

export interface Turn {
  readonly name: OwnName;
  readonly data: Data;
  /** The one of these names that is waited for; undefined: it is our turn. */
  blockerOf(names: readonly string[], own: string): string | undefined;
}

/**
 * Stands in a queue of ephemeral nodes until it is its turn. Only the one node in front is watched, so that one departure
 * wakes one contender. When our own node goes (somebody deleted it, the session was replaced) we stand at the end again.
 * Where it fails, or the signal aborts, the node is removed in the background.
 */
export async function takeTurn(client: Client, turn: Turn, op: Op): Promise<OwnNode> {
  for (;;) {
    const node = await createOwn(client, turn.name, turn.data, op);
    let place: Place | undefined;
    try {
      for (;;) {
        place = await placeOf(client, turn, node, op);
        if (place === 'first') return node;
        if (place === 'gone') break;
        await until(op.signal, place.changed);
      }
    } catch (error) {
      if (typeof place === 'object') place.forget();
      removeOwn(client, node).catch(doNothing);
      throw error;
    }
    await until(op.signal, removeOwn(client, node));
  }
}

/** The same without waiting: null when somebody is in front. */
export async function tryTurn(client: Client, turn: Turn, op: Op): Promise<OwnNode | null> {
  const node = await createOwn(client, turn.name, turn.data, op);
  try {
    const place = await placeOf(client, turn, node, op);
    if (place === 'first') return node;
    if (place !== 'gone') place.forget();
  } catch (error) {
    removeOwn(client, node).catch(doNothing);
    throw error;
  }
  await until(op.signal, removeOwn(client, node));
  return null;
}

type Place = 'first' | 'gone' | Pick<Seen<unknown>, 'changed' | 'forget'>;

async function placeOf(client: Client, turn: Turn, node: OwnNode, op: Op): Promise<Place> {
  for (;;) {
    const names = await namesIn(client, turn.name.folder, op);
    // Listed by another session than the node's own, it is about to go.
    if (client.sessionId !== node.sessionId || !names.includes(node.name)) return 'gone';
    const blocker = turn.blockerOf(names, node.name);
    if (blocker === undefined) return 'first';
    try {
      // Not `exists`, which would leave a watch for a node that never comes again.
      return await client.once.get(joinPath(turn.name.folder, blocker), op);
    } catch (error) {
      if (!(error instanceof NoNodeError || isReplaced(client, error))) throw error;
    }
  }
}

async function namesIn(client: Client, folder: string, op: Op): Promise<string[]> {
  try {
    return (await client.children(folder, op)).names;
  } catch (error) {
    if (error instanceof NoNodeError || isReplaced(client, error)) return [];
    throw error;
  }
}

function doNothing(): void {}

import { type Client, NoNodeError, type Op } from '@corral/client';
import { contendersOf } from './contender.ts';
import { joinPath } from './node-path.ts';

/** One who stands in a queue of nodes. */
export interface Participant {
  readonly path: string;
  /** What it says of itself. */
  readonly data: Uint8Array;
}

/** Those who stand in a queue, the first first; who leaves meanwhile is left out. */
export async function participantsOf(
  client: Client,
  folder: string,
  kinds: readonly string[],
  op: Op,
): Promise<Participant[]> {
  let names: readonly string[] = [];
  try {
    ({ names } = await client.children(folder, op));
  } catch (error) {
    if (!(error instanceof NoNodeError)) throw error;
  }
  const paths = contendersOf(names, kinds).map(({ name }) => joinPath(folder, name));
  const nodes = await Promise.all(paths.map((path) => client.tryGet(path, op)));
  return nodes.flatMap((node, i) => (node === null ? [] : [{ path: paths[i]!, data: node.data }]));
}

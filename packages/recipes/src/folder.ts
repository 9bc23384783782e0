import { type Client, type Data, NodeExistsError, NoNodeError, type Op } from '@corral/client';
import { isUnknown } from './outcome.ts';

/**
 * Makes the node and those above it where they are missing: containers, which go when they are empty for a while.
 * @throws NoNodeError where the root of the client's view is missing: that is somebody else's to make
 */
export async function ensureFolder(client: Client, path: string, op: Op = {}): Promise<void> {
  if (path === '/') return void (await client.get('/', op));
  for (let tries = 1; ; tries++) {
    try {
      let folder = '';
      for (const name of path.split('/').slice(1)) {
        folder += `/${name}`;
        await createOnce(client, folder, '', { ...op, mode: 'container' });
      }
      return;
    } catch (error) {
      // A container above may have gone between two of them.
      if (!(error instanceof NoNodeError) || tries === TRIES_MAX) throw error;
    }
  }
}

/** Creates a node that may be there already, by whomever. */
export async function createOnce(
  client: Client,
  path: string,
  data: Data,
  options: Op & { readonly mode?: 'persistent' | 'container' } = {},
): Promise<void> {
  for (;;) {
    try {
      await client.create(path, data, options);
      return;
    } catch (error) {
      if (error instanceof NodeExistsError) return;
      if (!isUnknown(error)) throw error;
    }
  }
}

const TRIES_MAX = 3;

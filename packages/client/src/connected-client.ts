import type { Op } from './abort-signal.ts';
import type { Client } from './client.ts';
import { type ClientOptions, type ClientWorld, createClient } from './create-client.ts';

/** Resolves when a server has answered; rejects with all that was tried, and leaves nothing behind then. */
export async function connectedClient(
  hosts: string,
  world: ClientWorld,
  options: ClientOptions,
  op: Op,
): Promise<Client> {
  const client = createClient(hosts, world, options);
  try {
    await client.connected(op);
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}

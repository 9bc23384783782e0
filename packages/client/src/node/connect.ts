import { holdingNodeClock, nodeRandom } from '@corral/runtime/node';
import { tcp } from '@corral/transport-tcp';
import type { Op } from '../abort-signal.ts';
import type { Client } from '../client.ts';
import { type ClientOptions, createClient } from '../create-client.ts';

export interface ConnectOptions extends ClientOptions, Op {}

/**
 * Connects over TCP, with the clock and the randomness of Node. Resolves when a server has answered; rejects, with all
 * that was tried, when none did for `connectTimeout`, and leaves nothing behind then.
 */
export async function connect(hosts: string, options: ConnectOptions = {}): Promise<Client> {
  const { signal, ...rest } = options;
  // Between two dials nothing else would keep the process alive.
  const world = { transport: tcp(), clock: holdingNodeClock, random: nodeRandom };
  const client = createClient(hosts, world, rest);
  try {
    await client.connected(signal === undefined ? {} : { signal });
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}

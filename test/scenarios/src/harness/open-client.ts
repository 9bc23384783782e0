import { type Client, type ClientOptions, createClient } from '@corral/client';
import type { EnsembleWorld, World } from './server-specs.ts';

const opened = new WeakMap<EnsembleWorld | World, number>();

/** The client library, in that world: on a host `program-N`, of the servers with those numbers. */
export function openClient(
  world: EnsembleWorld | World,
  sids: readonly number[],
  options: ClientOptions = {},
): Client {
  const number = (opened.get(world) ?? 0) + 1;
  opened.set(world, number);
  const { clock, random } = world.runtime;
  const transport = world.network.transport(`program-${number}`);
  const hosts = sids.length === 0 ? 'server:2181' : sids.map((sid) => `s${sid}:2181`).join();
  return createClient(hosts, { transport, clock, random }, options);
}

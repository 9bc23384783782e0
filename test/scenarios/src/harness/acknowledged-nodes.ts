import { OpCode } from '@corral/protocol';
import type { ServerOnDisk } from './server-on-disk.ts';
import { create, exists, type World } from './server-specs.ts';

/** Creates so many nodes, one after the other, and resolves with their paths when all are acknowledged. */
export async function acknowledgedNodes(world: World, count: number, name = 'n'): Promise<string[]> {
  const client = await world.client();
  const paths = Array.from({ length: count }, (_, i) => `/${name}${i}`);
  for (const path of paths) {
    const { err } = await world.run(client.request(OpCode.create, create(path)));
    if (err !== 0) throw new Error(`${path}: ${err}`);
  }
  client.end();
  return paths;
}

/** Which of those a server does not have. */
export async function absentNodesOf(world: World, paths: readonly string[]): Promise<string[]> {
  const client = await world.client();
  const absent: string[] = [];
  for (const path of paths)
    if ((await world.run(client.request(OpCode.exists, exists(path)))).err !== 0) absent.push(path);
  client.end();
  return absent;
}

/** Starts a server on the disk of one that is dead; which of those nodes it does not have. */
export async function absentAfterRestart(
  server: ServerOnDisk,
  paths: readonly string[],
  config: Parameters<ServerOnDisk['start']>[0] = {},
): Promise<string[]> {
  return absentNodesOf(await server.start(config), paths);
}

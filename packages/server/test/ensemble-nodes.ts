import assert from 'node:assert/strict';
import { OpCode } from '@corral/protocol';
import type { EnsembleWorld } from './ensemble-world.ts';
import { create, exists } from './requests.ts';
import { replyOf, type TestClient } from './test-client.ts';

/** So many nodes, created by a client of that member, one after the other, and acknowledged. Returns their paths. */
export async function createNodes(
  world: EnsembleWorld,
  sid: number,
  count: number,
  name = 'n',
): Promise<string[]> {
  const client = await world.client(sid);
  const paths = Array.from({ length: count }, (_, i) => `/${name}${i}`);
  for (const path of paths)
    assert.equal((await world.run(client.request(OpCode.create, create(path)))).err, 0);
  client.end();
  return paths;
}

/** Asks for so many nodes at once, and does not wait. Returns their paths. */
export function sendCreates(client: TestClient, name: string, count: number): string[] {
  const paths = Array.from({ length: count }, (_, i) => `/${name}${i}`);
  for (const path of paths) client.send(OpCode.create, create(path));
  return paths;
}

/** Which of what was asked for has been answered so far: the first so many, and none with an error. */
export function acknowledgedOf(client: TestClient, asked: readonly string[]): string[] {
  const replies = client.frames.splice(0).map(replyOf);
  assert.deepEqual(
    replies.filter(({ err }) => err !== 0),
    [],
  );
  return asked.slice(0, replies.length);
}

/** What a member does not have, once it has had the time to apply everything. */
export async function absentNodes(
  world: EnsembleWorld,
  sid: number,
  paths: readonly string[],
): Promise<string[]> {
  await world.pass(100);
  const client = await world.client(sid);
  const absent: string[] = [];
  for (const path of paths)
    if ((await world.run(client.request(OpCode.exists, exists(path)))).err !== 0) absent.push(path);
  client.end();
  return absent;
}

/** What some member does not have, each as `member:path`. */
export async function absentAnywhere(world: EnsembleWorld, paths: readonly string[]): Promise<string[]> {
  const absent: string[] = [];
  for (const sid of world.members.keys())
    for (const path of await absentNodes(world, sid, paths)) absent.push(`${sid}:${path}`);
  return absent;
}

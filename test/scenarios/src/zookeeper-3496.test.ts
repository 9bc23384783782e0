import { CreateMode, type MultiOp, OpCode, writeMultiRequest } from '@corral/protocol';
import { expect, it } from 'vitest';
import { ServerOnDisk } from './harness/server-on-disk.ts';
import { bytesOf, create, exists } from './harness/server-specs.ts';

const CONFIG = { juteMaxBuffer: 2000, juteMaxBufferExtraSize: 0 };

it('ZOOKEEPER-3496, 2101: a request within the limit becomes a transaction beyond it, is accepted, and nobody can read it any more', async () => {
  // given: a server, and multis of ever more operations, each of which becomes longer in the log
  const server = await ServerOnDisk.serving(CONFIG);
  const accepted: string[] = [];
  let refused = 0;
  for (let count = 1; count < 60; count++) {
    const client = await server.world.client();
    const ops = Array.from({ length: count }, (_, i): MultiOp => ({
      type: OpCode.create,
      record: create(`/${count}-${i}-`, '', CreateMode.PERSISTENT_SEQUENTIAL),
    }));
    const request = bytesOf((w) => writeMultiRequest(w, ops));
    if (request.length + 8 >= CONFIG.juteMaxBuffer) break;

    // when: they come to the limit
    const { err } = await server.world.run(client.request(OpCode.multi, request));
    if (err === 0) accepted.push(`/${count}-0-`);
    else refused++;
    client.end();
  }
  expect([accepted.length > 0, refused > 0]).toEqual([true, true]);

  // then: the server starts again, and has each that it accepted
  server.die();
  const world = await server.start(CONFIG);
  const reader = await world.client();
  const { body } = await world.run(reader.request(OpCode.getChildren, exists('/')));
  const names = body.readStrings()!;
  for (const path of accepted) expect(names.some((name) => `/${name}`.startsWith(path))).toBe(true);
});

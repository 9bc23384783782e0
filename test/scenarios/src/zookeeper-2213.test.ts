import { ErrorCode, OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { absentAnywhere, createNodes, EnsembleWorld, remove, setData } from './harness/server-specs.ts';

describe('ZOOKEEPER-2213: a setData of an empty path is logged, ends every server that applies it, and every one that starts', () => {
  it.each(['', 'x', '//', '/n0/', '/\0'])(
    'a change of the path %j comes into nobody as more than an error',
    async (path) => {
      // Given three servers
      const world = await EnsembleWorld.elected({ size: 3 });
      const paths = await createNodes(world, 1, 3);

      // When each is asked to change and to delete a node of that path
      for (const sid of [1, 2, 3]) {
        const client = await world.client(sid);
        for (const [type, request] of [
          [OpCode.setData, setData(path, 'x')],
          [OpCode.delete, remove(path)],
        ] as const) {
          const { err } = await world.run(client.request(type, request));
          expect([ErrorCode.NONODE, ErrorCode.BADARGUMENTS]).toContain(err);
        }
      }

      // Then all go on, and start again
      for (const sid of [1, 2, 3]) world.crash(sid);
      for (const sid of [1, 2, 3]) await world.start(sid);
      await world.serving();
      expect(await absentAnywhere(world, paths)).toEqual([]);
      expect(await world.differences()).toEqual([]);
    },
  );
});

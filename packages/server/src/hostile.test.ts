import type { JuteWriter } from '@corral/jute';
import { OpCode } from '@corral/protocol';
import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { exists } from '../test/requests.ts';
import { bytesOf, concat, connectFrame, frameOf, requestFrame } from '../test/test-client.ts';
import { World } from '../test/world.ts';

const types = [...Object.values(OpCode), 10, 23, 99, 108, -2, -12, 2 ** 31 - 1];
const texts = [
  '',
  '/',
  '/a',
  '/a/b',
  '/zookeeper',
  '/zookeeper/quota/a/zookeeper_limits',
  '/zookeeper/config',
  'x',
  '//',
  '/a/',
  '/\0',
  '/\u{1f600}',
  'digest',
  'auth',
  'world',
  'anyone',
  'ip',
  '__proto__',
];

/** Values of the kinds that requests are made of, in no sensible order. */
function nonsense(random: SimulatedRandom): Uint8Array {
  return bytesOf((w: JuteWriter) => {
    const count = random.below(12);
    for (let i = 0; i < count; i++) {
      switch (random.below(8)) {
        case 0:
        case 1:
        case 2:
          w.writeString(texts[random.below(texts.length)]!);
          break;
        case 3:
          w.writeInt(
            [-1, 0, 1, 2, 3, 4, 5, 31, -2, 2 ** 31 - 1, -(2 ** 31), random.below(1000)][random.below(12)]!,
          );
          break;
        case 4:
          w.writeLong([-1n, 0n, 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n][random.below(6)]!);
          break;
        case 5:
          w.writeBool(random.below(2) === 0);
          break;
        case 6:
          w.writeBuffer(random.below(4) === 0 ? null : random.bytes(random.below(40)));
          break;
        default:
          w.writeRaw(random.bytes(random.below(20)));
          break;
      }
    }
  });
}

describe('nonsense', { timeout: 60_000 }, () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'by chance (seed %i) harms nobody, and leaves data that loads',
    async (seed) => {
      const world = await World.serving({
        extendedTypesEnabled: true,
        enforceQuota: seed % 2 === 0,
        snapCount: 200,
      });
      const random = new SimulatedRandom(seed);
      const healthy = await world.client({ timeout: 60_000 });

      for (let round = 0; round < 60; round++) {
        const client = await world.client({ from: 'attacker' });
        for (let i = 0; i < 20; i++)
          client.send(types[random.below(types.length)]!, nonsense(random), random.below(9) - 4);
        await world.pass(20);
        client.destroy();
        expect((await world.run(healthy.request(OpCode.exists, exists('/')))).err).toBe(0);
      }
      expect(world.lines('inside the server')).toEqual([]);
      expect(world.server.view.isServing).toBe(true);
      const { lastProcessedZxid, nodeCount } = world.server.view;

      await world.crashAndRestart({ extendedTypesEnabled: true });

      expect(world.lines('digests of the log')).toEqual([]);
      expect([world.server.view.lastProcessedZxid, world.server.view.nodeCount]).toEqual([
        lastProcessedZxid,
        nodeCount,
      ]);
    },
  );

  it.each([1, 2, 3, 4])('before the handshake (seed %i) harms nobody', async (seed) => {
    const world = await World.serving();
    const random = new SimulatedRandom(seed);
    const starts = [
      new Uint8Array(0),
      connectFrame(),
      connectFrame().subarray(0, 10),
      frameOf(random.bytes(44)),
    ];

    for (let round = 0; round < 100; round++) {
      const client = await world.dial({ from: 'attacker', framed: false });
      client.sendRaw(concat(starts[random.below(starts.length)]!, random.bytes(1 + random.below(100))));
      await world.pass(10);
      client.destroy();
    }
    await world.pass(100);

    expect(world.lines('inside the server')).toEqual([]);
    expect((await world.run((await world.client()).request(OpCode.exists, exists('/')))).err).toBe(0);
  });

  it('cut into single bytes and glued together means the same', async () => {
    const random = new SimulatedRandom(99);
    const stream = concat(
      connectFrame(),
      ...Array.from({ length: 200 }, (_, i) =>
        requestFrame(i + 1, [1, 2, 3, 4, 5, 8, 12, 15][random.below(8)]!, nonsense(random)),
      ),
    );
    const answersTo = async (pieceBytes: number): Promise<string[]> => {
      const world = await World.serving();
      const client = await world.dial({ from: 'somebody' });
      for (let at = 0; at < stream.length; at += pieceBytes) {
        client.sendRaw(stream.subarray(at, at + pieceBytes));
        if (pieceBytes < 100) await world.pass(1);
      }
      await world.pass(1000);
      return client.frames.slice(1).map((frame) => Buffer.from(frame.subarray(12, 16)).toString('hex'));
    };

    const whole = await answersTo(stream.length);

    expect(whole).toHaveLength(200);
    expect(await answersTo(1)).toEqual(whole);
    expect(await answersTo(777)).toEqual(whole);
  });
});

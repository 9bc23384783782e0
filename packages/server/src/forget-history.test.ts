import type { Storage } from '@corral/persistence';
import { memoryStorage } from '@corral/persistence/memory';
import { OpCode, type Zxid, ZXID_NONE } from '@corral/protocol';
import { silentLogger } from '@corral/runtime';
import { describe, expect, it } from 'vitest';
import { create } from '../test/requests.ts';
import { World } from '../test/world.ts';
import { defaultServerConfig } from './config.ts';
import { forgetLostHistory } from './forget-history.ts';
import { treeOptions, valueMaxOf } from './from-config.ts';
import { recover } from './recovery.ts';

/** A log of a few entries, snapshots above them as they are given, and what is left of both after a start. */
async function afterStart(
  snapshots: readonly (readonly [zxid: number, damage: (whole: Uint8Array) => Uint8Array])[],
): Promise<{ snapshots: readonly number[]; lastZxid: number }> {
  const world = await World.serving();
  const client = await world.client();
  await world.run(client.request(OpCode.create, create('/a')));
  await world.run(world.server.close());
  const storage = await memoryStorage({ medium: world.medium });
  const whole = world.medium.durable.snapshots.get(ZXID_NONE)!.body;
  for (const [zxid, damage] of snapshots) await put(storage, zxid as Zxid, damage(whole));
  await forgetLostHistory(
    storage,
    await recover({
      storage,
      tree: treeOptions(defaultServerConfig, world.runtime.random),
      valueMax: valueMaxOf(defaultServerConfig),
      snapshotTrustEmpty: false,
      clock: world.runtime.clock,
      logger: silentLogger,
      metrics: world.metrics,
    }),
  );
  const listed = await storage.snapshots.list();
  return { snapshots: listed.map(({ zxid }) => zxid), lastZxid: storage.log.lastZxid };
}

async function put(storage: Storage, zxid: Zxid, body: Uint8Array): Promise<void> {
  const sink = await storage.snapshots.create(zxid);
  await sink.write(body);
  await sink.commit({ lastProcessedZxid: zxid });
}

const whole = (body: Uint8Array): Uint8Array => body;
const broken = (body: Uint8Array): Uint8Array => body.subarray(0, body.length - 1);

describe('a log that ends before the snapshot begins', () => {
  it('goes, and every other snapshot with it', async () => {
    expect(await afterStart([[16, whole]])).toEqual({ snapshots: [16], lastZxid: 0 });
  });

  it('goes, and no snapshot with it where the newest cannot be read', async () => {
    expect(
      await afterStart([
        [16, whole],
        [32, broken],
      ]),
    ).toEqual({ snapshots: [32, 16, 0], lastZxid: 0 });
  });
});

describe('a log that goes on behind the snapshot', () => {
  it('stays', async () => {
    expect(await afterStart([])).toEqual({ snapshots: [0], lastZxid: 2 });
  });
});

import { SnapshotLoader } from '@corral/datatree';
import type { SnapshotBody } from '@corral/persistence';
import { memoryStorage } from '@corral/persistence/memory';
import { CreateMode, ErrorCode, OpCode, type Zxid } from '@corral/protocol';
import { SimulatedRuntime } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../test/ensemble-world.ts';
import { create, exists, getData, remove } from '../test/requests.ts';
import type { TestClient } from '../test/test-client.ts';
import { World } from '../test/world.ts';
import { defaultServerConfig } from './config.ts';
import { treeOptions } from './from-config.ts';
import type { SnapshotSource } from './server.ts';

/** What a server has now, as a snapshot that another may take. */
async function copyOf(world: World, zxid?: Zxid): Promise<SnapshotSource> {
  await world.run(world.server.view.takeSnapshot());
  const pieces: Uint8Array[] = [];
  const [info] = await world.storage.snapshots.list();
  const trailer = await world.storage.snapshots.load(info!, new Bytes(pieces));
  return {
    load: async (body) => {
      for (const piece of pieces) body.push(piece);
      return zxid === undefined ? trailer : { lastProcessedZxid: zxid };
    },
  };
}

/** Keeps a body as it is. */
class Bytes implements SnapshotBody {
  readonly #pieces: Uint8Array[];
  readonly #loader = new SnapshotLoader(
    treeOptions(defaultServerConfig, new SimulatedRuntime({ seed: 1 }).random),
  );

  constructor(pieces: Uint8Array[]) {
    this.#pieces = pieces;
  }

  get ended(): boolean {
    return this.#loader.ended;
  }

  push(chunk: Uint8Array): number {
    this.#pieces.push(chunk.slice());
    return this.#loader.push(chunk);
  }
}

const codeOf = async (world: World, client: TestClient, path: string): Promise<number> =>
  (await world.run(client.request(OpCode.exists, exists(path)))).err;

const THERE = ErrorCode.OK;
const GONE = ErrorCode.NONODE;

/** A server with a tree from before, and another one since. */
async function changed(): Promise<{ world: World; client: TestClient; before: SnapshotSource }> {
  const world = await World.serving();
  const client = await world.client();
  await world.run(client.request(OpCode.create, create('/before', 'x')));
  const before = await copyOf(world);
  await world.run(client.request(OpCode.delete, remove('/before')));
  await world.run(client.request(OpCode.create, create('/since')));
  return { world, client, before };
}

describe('a tree that is restored', () => {
  it('takes the place of the one before, as one more transaction', async () => {
    const { world, client, before } = await changed();
    const last = world.server.view.lastProcessedZxid;
    const zxid = await world.run(world.server.restore(before));

    expect(zxid).toBe(last + 1);
    await world.run(client.closed());
    const { sessionId, passwd } = client.session!;
    const again = await world.client({ sessionId, password: passwd, lastZxid: last });
    expect(again.session!.sessionId).toBe(sessionId);
    expect([await codeOf(world, again, '/before'), await codeOf(world, again, '/since')]).toEqual([
      THERE,
      GONE,
    ]);
    expect((await world.run(again.request(OpCode.create, create('/next')))).zxid).toBe(zxid + 1);
  });

  it('is there after a crash, with what was written since', async () => {
    const { world, before } = await changed();
    await world.run(world.server.restore(before));
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/next')));
    await world.crashAndRestart();

    const again = await world.client();
    for (const [path, code] of [
      ['/before', THERE],
      ['/since', GONE],
      ['/next', THERE],
    ] as const)
      expect([path, await codeOf(world, again, path)]).toEqual([path, code]);
  });

  it('keeps its own zxid where that is above all of the server', async () => {
    const { world } = await changed();
    const far = await copyOf(world, 0x5_0000_0010 as Zxid);
    expect(await world.run(world.server.restore(far))).toBe(0x5_0000_0010);
    const client = await world.client();
    expect((await world.run(client.request(OpCode.create, create('/next')))).zxid).toBe(0x5_0000_0012);
  });

  it('brings its sessions with it, and their nodes; others have expired', async () => {
    const world = await World.serving();
    const old = await world.client();
    await world.run(old.request(OpCode.create, create('/e', '', CreateMode.EPHEMERAL)));
    const before = await copyOf(world);
    await world.run(old.request(OpCode.closeSession));
    const young = await world.client();
    await world.run(young.request(OpCode.create, create('/y', '', CreateMode.EPHEMERAL)));
    await world.run(world.server.restore(before));

    const back = await world.client({ sessionId: old.session!.sessionId, password: old.session!.passwd });
    expect([
      back.session!.sessionId,
      await codeOf(world, back, '/e'),
      await codeOf(world, back, '/y'),
    ]).toEqual([old.session!.sessionId, THERE, GONE]);
    const lost = await world.client({ sessionId: young.session!.sessionId, password: young.session!.passwd });
    expect(lost.session!.timeOut).toBe(0);
    await world.pass(60_000);
    expect(await codeOf(world, await world.client(), '/e')).toBe(GONE);
  });

  it('answers what was taken in before', async () => {
    const { world, client, before } = await changed();
    const disk = world.holdSyncs();
    client.send(OpCode.create, create('/late'));
    await world.pass(1);
    const restoring = world.server.restore(before);
    await world.pass(10);
    disk.release();
    await world.run(restoring);

    expect((await client.reply()).err).toBe(0);
    expect(await codeOf(world, await world.client(), '/late')).toBe(GONE);
  });
});

describe('nothing is changed, and nobody is cut off,', () => {
  it.each<[what: string, source: SnapshotSource]>([
    ['where it cannot be had', { load: () => Promise.reject(new Error('cut')) }],
    [
      'where it makes no sense',
      { load: async (body) => ({ lastProcessedZxid: body.push(new Uint8Array(100).fill(9)) as Zxid }) },
    ],
    ['where it is not whole', { load: async () => ({}) }],
  ])('%s', async (_, source) => {
    const { world, client } = await changed();
    await expect(world.run(world.server.restore(source))).rejects.toBeInstanceOf(Error);

    expect([await codeOf(world, client, '/before'), await codeOf(world, client, '/since')]).toEqual([
      GONE,
      THERE,
    ]);
  });

  it('by one that comes while another is being restored', async () => {
    const { world, client, before } = await changed();
    const slow = Promise.withResolvers<never>();
    const first = world.server.restore({ load: () => slow.promise });
    await expect(world.run(world.server.restore(before))).rejects.toThrow('being restored');
    slow.reject(new Error('cut'));
    await expect(first).rejects.toThrow('cut');
    expect(await codeOf(world, client, '/since')).toBe(THERE);
    await world.run(world.server.restore(before));
  });

  it('by one that comes while the server stops, which need not wait for it', async () => {
    const { world, before } = await changed();
    const slow = Promise.withResolvers<void>();
    const refused = world.server
      .restore({ load: (body) => slow.promise.then(() => before.load(body)) })
      .catch((error: Error) => error.message);
    await world.run(world.server.close());
    slow.resolve();
    expect(await refused).toBe('the server is stopping');
    await world.start();
    expect(await codeOf(world, await world.client(), '/since')).toBe(THERE);
  });
});

describe('where the disk does not take it', () => {
  it('the server goes on with the tree before', async () => {
    const { world, before } = await changed();
    world.storage.snapshots.create = () => Promise.reject(new Error('full'));
    await expect(world.run(world.server.restore(before))).rejects.toThrow('full');

    const client = await world.client();
    expect([await codeOf(world, client, '/before'), await codeOf(world, client, '/since')]).toEqual([
      GONE,
      THERE,
    ]);
    expect((await world.run(client.request(OpCode.getData, getData('/')))).err).toBe(0);
  });

  it('is forgotten, or there, whatever crash comes between', async () => {
    const outcomes = new Set<number>();
    for (let syncs = 0; syncs < 12; syncs++) {
      const { world, before } = await changed();
      let left = syncs;
      const power = Promise.withResolvers<void>();
      world.medium.beforeSync = () => {
        if (left-- > 0) return Promise.resolve();
        power.resolve();
        return new Promise<void>(() => {});
      };
      const restoring = world.server.restore(before).then(
        () => true,
        () => false,
      );
      await world.run(Promise.race([restoring, power.promise]));
      world.medium.beforeSync = () => {};
      await world.crashAndRestart();
      const client = await world.client();
      const codes = [await codeOf(world, client, '/before'), await codeOf(world, client, '/since')];
      expect([syncs, codes]).toEqual([syncs, codes[0] === THERE ? [THERE, GONE] : [GONE, THERE]]);
      outcomes.add(codes[0]!);
      expect((await world.run(client.request(OpCode.create, create('/next')))).err).toBe(0);
      await world.crashAndRestart();
      expect([syncs, await codeOf(world, await world.client(), '/next')]).toEqual([syncs, THERE]);
    }
    expect(outcomes).toEqual(new Set([THERE, GONE]));
  });
});

describe('a member of an ensemble', () => {
  it('takes no tree but that of the ensemble', async () => {
    const world = await EnsembleWorld.led(1, { size: 3 });
    await expect(world.members.get(1)!.restore()).rejects.toThrow('ensemble');
  });

  it('begins with a snapshot that lies on the disk of each, and nothing beside it', async () => {
    const { before } = await changed();
    const ensemble = new EnsembleWorld({ size: 3, hasRealElections: true });
    for (const sid of [1, 2, 3]) {
      const storage = await memoryStorage({ medium: ensemble.medium(sid) });
      const sink = await storage.snapshots.create(0x5_0000_0010 as Zxid);
      await before.load({ ended: false, push: (piece) => (void sink.write(piece), piece.length) });
      await sink.commit({ lastProcessedZxid: 0x5_0000_0010 as Zxid });
      await storage.close();
      await ensemble.start(sid);
    }
    await ensemble.serving();
    for (const sid of [1, 2, 3]) {
      const client = await ensemble.client(sid);
      const codes = [];
      for (const path of ['/before', '/since'])
        codes.push((await ensemble.run(client.request(OpCode.exists, exists(path)))).err);
      expect([sid, codes]).toEqual([sid, [THERE, GONE]]);
      const { err, zxid } = await ensemble.run(client.request(OpCode.create, create(`/next-${sid}`)));
      expect([sid, err, zxid > 0x6_0000_0000]).toEqual([sid, 0, true]);
    }
  });
});

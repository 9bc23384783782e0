import { memoryStorage, MemoryMedium } from '@corral/persistence/memory';
import { CommittedLog } from '@corral/zab';
import { CreateSessionTxn, encodeTxn, OpCode, Txn, TxnHeader, type Zxid, zxidOf } from '@corral/protocol';
import { JuteWriter } from '@corral/jute';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { SimulatedRuntime } from '@corral/runtime/simulated';
import { expect, it } from 'vitest';
import { defaultServerConfig } from '../config.ts';
import { treeOptions } from '../from-config.ts';
import { Replica } from './replica.ts';

it('forgets, at its next start, the log that a snapshot from a leader has replaced', async () => {
  const medium = new MemoryMedium();
  const storage = await memoryStorage({ medium });
  const { replica } = await load(storage);
  await replica.snapshotting.take();
  for (const counter of [1, 2, 3]) storage.log.append(at(counter), entryOf(at(counter)));
  await storage.log.sync();
  replica.tree.lastProcessedZxid = at(7, 2);
  await replica.snapshotting.take();
  medium.crash();

  const after = await memoryStorage({ medium });
  const again = await load(after);

  expect(again.replica.lastZxid).toBe(at(7, 2));
  expect(after.log.lastZxid).toBe(0);
  expect((await after.snapshots.list()).map(({ zxid }) => zxid)).toEqual([at(7, 2)]);
});

it('has what it had before, or what its leader sent, wherever a crash falls while that is kept', async () => {
  for (let effects = 0; effects < 4; effects++) {
    const medium = new MemoryMedium();
    const storage = await memoryStorage({ medium });
    const { replica } = await load(storage);
    // Nothing but a snapshot, beyond what the leader will send.
    replica.tree.lastProcessedZxid = at(0, 7);
    await replica.snapshotting.take();
    const { replica: sent } = await load(await memoryStorage());
    sent.tree.lastProcessedZxid = at(5);
    await replica.adopt(sent.tree);
    let left = effects;
    medium.beforeSync = () => (left-- === 0 ? Promise.reject(new Error('crashed')) : undefined);
    await replica.keepAdopted().catch(() => {});
    medium.crash();
    medium.beforeSync = () => {};

    const { replica: again } = await load(await memoryStorage({ medium }));

    expect(again.lastZxid).toBe(effects === 0 ? at(0, 7) : at(5));
  }
});

async function load(storage: Awaited<ReturnType<typeof memoryStorage>>) {
  const { clock, random } = new SimulatedRuntime({ seed: 1 });
  return Replica.load({
    storage,
    treeOptions: treeOptions(defaultServerConfig, random),
    committedLog: new CommittedLog(),
    config: defaultServerConfig,
    clock,
    random,
    logger: silentLogger,
    metrics: collectingMetrics(),
  });
}

function at(counter: number, epoch = 1): Zxid {
  return zxidOf(epoch, counter);
}

function entryOf(zxid: Zxid): Uint8Array {
  const w = new JuteWriter();
  encodeTxn(w, new Txn(new TxnHeader(1n, 0, zxid, 0, OpCode.createSession), new CreateSessionTxn(1000)));
  return w.bytes();
}

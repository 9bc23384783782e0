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

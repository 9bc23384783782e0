import { DataTree, type DataTreeOptions, DIGEST_VERSION } from '@corral/datatree';
import { JuteWriter } from '@corral/jute';
import { memoryStorage } from '@corral/persistence/memory';
import {
  CreateTxn,
  encodeTxn,
  OPEN_ACL_UNSAFE,
  OpCode,
  Txn,
  TxnDigest,
  TxnHeader,
  type Zxid,
  zxidOf,
} from '@corral/protocol';
import { noMetrics, silentLogger } from '@corral/runtime';
import { simulatedRuntime } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { recover, type Recovered } from './recovery.ts';

/** Where an epoch ends no zxid tells what is missing: the next one begins with counter 1, whatever came before. */
describe('the log of an epoch that was followed by another', () => {
  const HISTORY = [zxidOf(1, 1), zxidOf(1, 2), zxidOf(1, 3), zxidOf(2, 1), zxidOf(4, 1)];

  it('is replayed where all of it is there', async () => {
    const { tree } = await recovered(HISTORY);
    expect(tree.lastProcessedZxid).toBe(zxidOf(4, 1));
  });

  it.each([
    ['its last transactions', [zxidOf(1, 2), zxidOf(1, 3)]],
    ['all of an epoch', [zxidOf(2, 1)]],
  ])('is not served without %s', async (_what, missing) => {
    await expect(recovered(HISTORY.filter((zxid) => !missing.includes(zxid)))).rejects.toMatchObject({
      code: 'DAMAGED',
      message: expect.stringContaining('transactions of the epoch before are missing'),
      file: expect.any(String),
      offset: expect.any(Number),
    });
  });

  async function recovered(kept: readonly Zxid[]): Promise<Recovered> {
    const storage = await memoryStorage();
    const before = new DataTree(TREE);
    for (const zxid of HISTORY) {
      const entry = entryOf(zxid, before);
      if (kept.includes(zxid)) storage.log.append(zxid, entry);
    }
    await storage.log.sync();
    const { clock } = simulatedRuntime({ seed: 1 });
    return recover({
      storage,
      tree: TREE,
      valueMax: 1000,
      snapshotTrustEmpty: true,
      clock,
      logger: silentLogger,
      metrics: noMetrics(),
    });
  }
});

/** A node made by the next transaction of `tree`, with the digest behind it. */
function entryOf(zxid: Zxid, tree: DataTree): Uint8Array {
  const record = new CreateTxn(`/${zxid}`, null, OPEN_ACL_UNSAFE, false, -1);
  const txn = new Txn(new TxnHeader(1n, 1, zxid, 1, OpCode.create), record);
  tree.apply(txn, undefined);
  txn.digest = new TxnDigest(DIGEST_VERSION, tree.digest);
  const w = new JuteWriter();
  encodeTxn(w, txn);
  return w.copy();
}

const TREE: DataTreeOptions = {
  digestEnabled: true,
  extendedTypesEnabled: true,
  emulate353TTLNodes: false,
  hashSeed: [1, 2],
};

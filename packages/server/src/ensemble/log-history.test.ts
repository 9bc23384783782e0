import { memoryStorage } from '@corral/persistence/memory';
import { CreateSessionTxn, encodeTxn, OpCode, Txn, TxnHeader, type Zxid, zxidOf } from '@corral/protocol';
import { JuteWriter } from '@corral/jute';
import { describe, expect, it } from 'vitest';
import { locate } from './log-history.ts';

describe('what the log on disk can do for a learner', () => {
  it('begins with its newest transaction', async () => {
    const log = await logOf([1, 2, 3, 4]);
    expect(await locate(log, at(2), 1e6)).toEqual({ base: at(2), last: at(4) });
  });

  it('begins with the newest one below, where the log does not have that', async () => {
    const log = await logOf([1, 2, 3], [1]);
    expect(await locate(log, at(9), 1e6)).toEqual({ base: at(3), last: at(1, 2) });
  });

  it('is nothing where the log begins above', async () => {
    const log = await logOf([3, 4]);
    expect(await locate(log, at(1), 1e6)).toBeUndefined();
  });

  it('is nothing where the log is longer than it may be', async () => {
    const log = await logOf([1, 2, 3, 4]);
    expect(await locate(log, at(1), 100)).toBeUndefined();
  });

  it('is nothing where the log misses something: a crash behind a SNAP leaves such a log', async () => {
    const log = await logOf([1, 2], [7, 8]);
    expect(await locate(log, at(1), 1e6)).toBeUndefined();
    expect(await locate(log, at(7, 2), 1e6)).toEqual({ base: at(7, 2), last: at(8, 2) });
  });
});

function at(counter: number, epoch = 1): Zxid {
  return zxidOf(epoch, counter);
}

/** A log with these counters in epochs 1, 2, ... */
async function logOf(...epochs: readonly number[][]) {
  const { log } = await memoryStorage();
  for (const [i, counters] of epochs.entries()) {
    for (const counter of counters) {
      const zxid = at(counter, i + 1);
      const w = new JuteWriter();
      encodeTxn(w, new Txn(new TxnHeader(1n, 0, zxid, 0, OpCode.createSession), new CreateSessionTxn(1000)));
      log.append(zxid, w.bytes());
    }
  }
  return log;
}

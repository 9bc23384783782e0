import { PersistenceError, type Storage } from '@corral/persistence';
import { epochOf } from '@corral/protocol';
import { noMetrics, silentLogger } from '@corral/runtime';
import { simulatedRuntime } from '@corral/runtime/simulated';
import { recover } from '@corral/server';
import type { DataSet } from './data-set.ts';
import { describeTree, TREE_OPTIONS } from './describe-tree.ts';

/**
 * - `served`: all that was acknowledged is there, and nothing else.
 * - `refused`: `DAMAGED`, with the file.
 * - anything else says what is wrong.
 */
export type Verdict = 'served' | 'refused' | { readonly wrong: string };

/** Opens a storage and recovers from it, as a server does when it starts. */
export async function judge(open: () => Promise<Storage>, expected: DataSet): Promise<Verdict> {
  let storage: Storage | undefined;
  try {
    storage = await open();
    const { clock } = simulatedRuntime({ seed: 1 });
    const { tree } = await recover({
      storage,
      tree: TREE_OPTIONS,
      valueMax: VALUE_MAX,
      snapshotTrustEmpty: false,
      clock,
      logger: silentLogger,
      metrics: noMetrics(),
    });
    if (storage.log.lastZxid !== expected.lastZxid)
      return { wrong: `the log ends at ${storage.log.lastZxid.toString(16)}` };
    if (describeTree(tree) !== expected.tree) return { wrong: 'another tree is served' };
    const { accepted } = storage.epochs;
    // What no file says follows from the newest transaction.
    const current = storage.epochs.current ?? epochOf(storage.log.lastZxid);
    // A promise that is larger than the one that was made hinders nobody.
    if ((accepted ?? 0) < expected.epochs.accepted || current !== expected.epochs.current)
      return { wrong: `the epochs are ${accepted} and ${current}` };
    return 'served';
  } catch (error) {
    if (!(error instanceof PersistenceError)) return { wrong: `an error of no kind: ${String(error)}` };
    if (error.code !== 'DAMAGED') return { wrong: `an error of another kind: ${error.message}` };
    return error.file === undefined ? { wrong: `refused without a file: ${error.message}` } : 'refused';
  } finally {
    await storage?.close();
  }
}

const VALUE_MAX = 2 * 0xfffff;

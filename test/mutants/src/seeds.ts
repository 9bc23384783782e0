import { fileStorage } from '@corral/persistence-file';
import {
  checkHistory,
  type CommittedTransaction,
  type HistoryRecord,
  simulate,
  type SimulationOptions,
  stormExpirySlackMs,
} from '@corral/testing';

/** What noticed that something is wrong. */
export interface Finding {
  readonly seed: number;
  /** An invariant of the simulator, or `history: ` and a rule of the history checker. */
  readonly by: string;
  readonly message: string;
}

/** Runs the standard storm over the shape of ensemble that is this seed's turn. Undefined: nothing was wrong. */
export async function runSeed(seed: number): Promise<Finding | undefined> {
  const records: HistoryRecord[] = [];
  const committed: CommittedTransaction[] = [];
  const shape = SHAPES[seed % SHAPES.length]!;
  const { violation } = await simulate({
    ...shape,
    seed,
    hours: HOURS,
    history: (record) => void records.push(record),
    committed: (transaction) => void committed.push(transaction),
  });
  if (violation !== undefined) return { seed, by: violation.invariant, message: violation.message };
  const [broken] = checkHistory(records, { sync: 'quorum', expirySlackMs: stormExpirySlackMs, committed });
  return broken && { seed, by: `history: ${broken.rule}`, message: broken.text };
}

const file: SimulationOptions['storage'] = (disk) =>
  fileStorage({ dataDir: '/data', disk, preAllocSizeKb: 16, txnLogSizeLimitKb: 64 });

const SHAPES: readonly Omit<SimulationOptions, 'seed'>[] = [
  { servers: 3 },
  { servers: 3, observers: 1, storage: file },
  { servers: 5, observers: 1 },
  { servers: 5, observers: 1, storage: file },
];
/** Long enough for fifty faults and a calm end. */
const HOURS = 0.2;

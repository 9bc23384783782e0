import { Script } from 'node:vm';
import { fileStorage } from '@corral/persistence-file';
import {
  checkHistory,
  type HistoryRecord,
  type HistoryViolation,
  simulate,
  type SimulationOptions,
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
  const shape = SHAPES[seed % SHAPES.length]!;
  const { violation } = await simulate({
    ...shape,
    seed,
    hours: HOURS,
    history: (record) => void records.push(record),
  });
  if (violation !== undefined) return { seed, by: violation.invariant, message: violation.message };
  const broken = brokenIn(records);
  return broken && { seed, by: `history: ${broken.rule}`, message: broken.text };
}

/**
 * What the history checker finds. Where many answers were lost its search for an explanation may take minutes: then it is
 * broken off, and that history says nothing.
 */
function brokenIn(records: readonly HistoryRecord[]): HistoryViolation | undefined {
  const options = { sync: 'quorum', expirySlackMs: EXPIRY_SLACK_MS } as const;
  Object.assign(globalThis, { checkIt: () => checkHistory(records, options)[0] });
  try {
    // What runs in a script can be broken off, and nothing else that does not await.
    return new Script('checkIt()').runInThisContext({ timeout: CHECK_MAX_MS }) as
      | HistoryViolation
      | undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
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
/** A member may answer for so long after it has lost its leader: syncLimit ticks and one more, by clocks that drift. */
const EXPIRY_SLACK_MS = 5000;
const CHECK_MAX_MS = 20_000;

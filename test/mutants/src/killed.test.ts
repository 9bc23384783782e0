import { describe, expect, it } from 'vitest';
import { runHunt } from './run-hunt.ts';

/** Proof that the net is there. All of them: `pnpm mutants`. */
describe('the simulator', () => {
  it.each(['half-a-quorum', 'ack-before-sync', 'log-not-synced', 'watch-lost-on-delete'])(
    'notices the mutant %s',
    async (mutant) => {
      const { finding } = await runHunt({ mutant, seed: 1, cpuSeconds: CPU_SECONDS });
      expect(finding?.by).toBeDefined();
    },
    LIMIT_MS,
  );

  it(
    'notices nothing without a mutant',
    async () => {
      const { finding } = await runHunt({ seed: 1, seeds: 1, cpuSeconds: CPU_SECONDS });
      expect(finding).toBeUndefined();
    },
    LIMIT_MS,
  );
});

const CPU_SECONDS = 60;
/** On a machine that is busy with everything else. */
const LIMIT_MS = 300_000;

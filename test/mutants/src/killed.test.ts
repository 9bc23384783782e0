import { describe, expect, it } from 'vitest';
import { runHunt } from './run-hunt.ts';

/** Proof that the net is there. All of them: `pnpm mutants`. */
describe('the simulator', () => {
  it.each(['half-a-quorum', 'ack-before-sync', 'log-not-synced', 'watch-lost-on-delete'])(
    'notices the mutant %s',
    async (mutant) => {
      const { finding } = await runHunt({ mutant, seed: 1, cpuSeconds: 60 });
      expect(finding?.by).toBeDefined();
    },
  );

  it('notices nothing without a mutant', async () => {
    const { finding } = await runHunt({ seed: 1, seeds: 1, cpuSeconds: 60 });
    expect(finding).toBeUndefined();
  });
});

import { describe, expect, test } from 'vitest';
import { isThere } from '../servers/need.ts';
import { candidate, reference } from '../servers/program.ts';
import { printed } from '../play/transcript.ts';
import type { Step } from '../play/step.ts';
import { duel } from './duel.ts';
import { randomScript } from './script.ts';
import { shrink } from './shrink.ts';

const suite = 'random requests';
const apache = reference();
const server = candidate();

const firstSeed = Number(process.env['ORACLE_SEED'] ?? 1);
const runs = Number(process.env['ORACLE_RUNS'] ?? (process.env['ORACLE_SEED'] === undefined ? 6 : 1));
const stepCount = Number(process.env['ORACLE_STEPS'] ?? 1000);
const shrinkTrials = 120;

describe.runIf(isThere(suite, apache) && isThere(suite, server))(suite, () => {
  test.for(Array.from({ length: runs }, (_, i) => firstSeed + i))(
    'are answered as Apache answers them (ORACLE_SEED=%i)',
    { timeout: 600_000 },
    async (seed) => {
      if ('missing' in apache || 'missing' in server) return;
      const steps = randomScript(seed, stepCount);

      const { left, difference } = await duel(apache, server, steps);

      console.log(
        `seed ${seed}: ${countRequests(steps)} requests, ${countLines(printed(left))} replies and events`,
      );
      if (difference === undefined) return;
      const upToIt = [...steps.slice(0, difference.step + 1), { do: 'settle' } as const];
      const shortest = await shrink(
        upToIt,
        async (fewer) => (await duel(apache, server, fewer)).difference !== undefined,
        shrinkTrials,
      );
      const last = (await duel(apache, server, shortest)).difference ?? difference;
      console.log(
        `seed ${seed}, shortest script found:\n${shortest.map((step) => JSON.stringify(step)).join('\n')}`,
      );
      expect.soft(`${last.stream}: ${last.right}`).toBe(`${last.stream}: ${last.left}`);
      expect(difference).toBeUndefined();
    },
  );
});

function countRequests(steps: readonly Step[]): number {
  return steps.reduce((count, step) => count + (step.do === 'send' ? step.ops.length : 0), 0);
}

function countLines(text: string): number {
  return text.split('\n').length;
}

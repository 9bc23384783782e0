import type { Step } from '../play/step.ts';

/**
 * A shorter script that still fails: first steps are left out, then requests within steps, large pieces before
 * small ones, as long as `fails` says yes and the trials last.
 */
export async function shrink(
  steps: readonly Step[],
  fails: (steps: readonly Step[]) => Promise<boolean>,
  trialsMax: number,
): Promise<readonly Step[]> {
  const trials = { left: trialsMax };
  let current = await shorter(steps, fails, trials);
  for (let i = 0; i < current.length; i++) {
    const step = current[i]!;
    if (step.do !== 'send') continue;
    const withOps = (ops: readonly (typeof step.ops)[number][]): Step[] => current.with(i, { ...step, ops });
    const ops = await shorter(step.ops, (fewer) => fails(withOps(fewer)), trials);
    current = withOps(ops);
  }
  return current;
}

async function shorter<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
  trials: { left: number },
): Promise<readonly T[]> {
  let current = items;
  for (let size = Math.ceil(current.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < current.length && current.length > 1;) {
      if (trials.left-- <= 0) return current;
      const fewer = current.toSpliced(from, size);
      if (fewer.length > 0 && (await fails(fewer))) current = fewer;
      else from += size;
    }
  }
  return current;
}

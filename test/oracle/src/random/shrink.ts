import type { Step } from '../play/step.ts';

/**
 * A shorter script that still fails: pieces are left out, large ones first, as long as `fails` says yes and the
 * trials last.
 */
export async function shrink(
  steps: readonly Step[],
  fails: (steps: readonly Step[]) => Promise<boolean>,
  trialsMax: number,
): Promise<readonly Step[]> {
  let trials = 0;
  let current = steps;
  for (let size = Math.ceil(current.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < current.length && trials < trialsMax; ) {
      const shorter = current.toSpliced(from, size);
      trials++;
      if (await fails(shorter)) current = shorter;
      else from += size;
    }
  }
  return current;
}

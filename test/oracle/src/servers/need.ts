import type { Missing } from './program.ts';

/**
 * Whether what a suite needs is there. Where it is not, the reason is printed and the suite is skipped;
 * with `CORRAL_INTEROP=required` it is an error instead.
 */
export function isThere<T extends object>(suite: string, thing: T | Missing): thing is T {
  if (!('missing' in thing)) return true;
  const reason = `${suite}: ${thing.missing} is not installed`;
  if (process.env['CORRAL_INTEROP'] === 'required') throw new Error(reason);
  console.log(`skipped: ${reason}`);
  return false;
}

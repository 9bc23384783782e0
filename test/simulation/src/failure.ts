import type { Violation } from '@corral/testing';
import type { MemberLog } from './member-log.ts';
import { commandOf, type Spec } from './spec.ts';

/** What servers said and did last, what is broken, and how to see it again. */
export function printFailure(spec: Spec, violation: Violation, log: MemberLog, lines: number): void {
  if (lines > 0) console.log([...log.lines, ...violation.trace.slice(-lines)].join('\n'));
  printViolation(spec, violation);
  console.log(`shrink: ${commandOf(spec)} --shrink`);
}

export function printViolation(
  spec: Spec,
  { invariant, says, message, step, atMs }: Omit<Violation, 'trace' | 'story'>,
): void {
  console.log(`\nBROKEN: ${invariant} (${says})\n  ${message}\n  at step ${step}, ${atMs.toFixed(3)} ms`);
  console.log(`replay: ${commandOf(spec)}`);
}

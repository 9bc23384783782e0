import type { Call } from './command.ts';

/** With `--dry-run`: tells what would be done, and that it must not be. */
export function isOnlyTold({ settings, out }: Pick<Call, 'settings' | 'out'>, what: string): boolean {
  if (settings.isDryRun) out.line(`would ${what}`);
  return settings.isDryRun;
}

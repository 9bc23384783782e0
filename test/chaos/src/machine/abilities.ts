import { existsSync } from 'node:fs';
import { attempt } from './shell.ts';

/** What a fault asks of the machine. */
export type Ability = 'network' | 'disk' | 'powerCut' | 'shim';

/** Of each ability, why it is not there; those that are there are absent. */
export type Missing = ReadonlyMap<Ability, string>;

export function missingAbilities(): Missing {
  const missing = new Map<Ability, string>();
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
  const note = (ability: Ability, reason: string | undefined): void => {
    if (reason !== undefined) missing.set(ability, reason);
  };
  note('network', isRoot ? networkReason() : 'not root on Linux');
  note('disk', isRoot ? diskReason() : 'not root on Linux');
  note('powerCut', missing.get('disk') ?? (attempt('perl', '-e', '1') ? undefined : 'no perl'));
  note('shim', process.platform === 'linux' ? shimReason() : 'not Linux');
  return missing;
}

function networkReason(): string | undefined {
  if (!attempt('ip', '-V')) return 'no ip';
  if (!attempt('nsenter', '--version')) return 'no nsenter';
  const probe = `corral-chaos-probe-${process.pid}`;
  if (!attempt('ip', 'netns', 'add', probe)) return 'no network namespaces';
  attempt('ip', 'netns', 'del', probe);
  return undefined;
}

function diskReason(): string | undefined {
  if (!existsSync('/dev/loop-control')) return 'no loop devices';
  for (const program of ['mkfs.ext4', 'losetup']) if (!attempt(program, '-V')) return `no ${program}`;
  return undefined;
}

function shimReason(): string | undefined {
  return attempt('gcc', '--version') ? undefined : 'no gcc';
}

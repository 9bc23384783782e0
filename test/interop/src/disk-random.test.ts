import { isThere, randomScript } from '@corral-test/oracle';
import { cpSync, mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { apache39, corral } from './disk-programs.ts';
import { Relay } from './disk-relay.ts';
import type { DiskState } from './disk-state.ts';

const suite = 'a directory that random requests have filled';
const stepCount = 600;

/**
 * With few snapshots nearly all of the log is replayed, with many nearly all comes from a snapshot. After other seeds
 * Apache's mntr, which is asked for digests, ends half-way: it stumbles over limits of quotas that do not parse.
 */
const runs = [
  { seed: 1, writer: 'Corral', end: 'kill', snapCount: 1_000_000 },
  { seed: 2, writer: 'Corral', end: 'stop', snapCount: 200 },
  { seed: 3, writer: 'Apache', end: 'kill', snapCount: 1_000_000 },
  { seed: 4, writer: 'Apache', end: 'stop', snapCount: 200 },
] as const;

describe.runIf(isThere(suite, corral) && isThere(suite, apache39))(suite, { concurrent: true }, () => {
  test.for(runs)(
    'is the same where $writer has left it ($end, snapCount $snapCount, seed $seed)',
    async (run) => {
      if ('missing' in corral || 'missing' in apache39) return;
      const { seed, writer, end, snapCount } = run;
      const [first, second] = writer === 'Corral' ? [corral, apache39] : [apache39, corral];
      using folder = mkdtempDisposableSync(join(tmpdir(), 'corral-random-'));
      const options = { config: { snapCount }, properties: { 'zookeeper.forceSync': 'no' } };
      await using relay = await Relay.start(first, folder.path, options);

      await relay.playAnything(randomScript(seed, stepCount));
      const left = withoutFigures(await relay.state());
      using copy = mkdtempDisposableSync(join(tmpdir(), 'corral-random-'));
      await relay.handOver(end, second, () => cpSync(folder.path, copy.path, { recursive: true }));

      expect(withoutFigures(await relay.state())).toEqual(left);
      // Now and then Apache logs a digest that is not its tree's: whoever replays that log must find the same number.
      await using itself = await Relay.start(first, copy.path, options);
      const expected = writer === 'Corral' ? '0' : await itself.digestMismatches();
      expect(await relay.digestMismatches()).toBe(expected);
    },
  );
});

/** What quotas have counted is counted anew when a snapshot is loaded, whatever clients have written there since. */
function withoutFigures(state: DiskState): DiskState {
  const nodes = Object.entries(state.nodes).map(([path, shown]) => {
    if (!path.endsWith('/zookeeper_stats')) return [path, shown] as const;
    return [
      path,
      shown.map((text) => text.replace(/data="[^"]*"/, '').replace(/dataLength=\d+/, '')),
    ] as const;
  });
  return { ...state, nodes: Object.fromEntries(nodes) };
}

import { globSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { defineConfig } from 'vitest/config';

const projects = globSync('{packages,apps,test,docs/examples}/*/package.json', {
  cwd: import.meta.dirname,
}).map((manifest) => {
  const root = dirname(manifest);
  const name = dirname(root) === 'packages' ? basename(root) : root;
  // Many small files that share nothing: one worker plays them one after the other, and loads what they use once.
  const isolate = name !== 'test/scenarios';
  return { extends: true as const, test: { name, root, include: ['src/**/*.test.ts'], isolate } };
});

// Each workspace runs its scripts (`test`, `interop`) in its own folder and leaves a report there; .ci/counts.ts sums them.
const script = /^(test|interop)$/.exec(process.env['npm_lifecycle_event'] ?? '')?.[0];

function reportOf(name: string): string {
  return `${process.cwd()}/.reports/${name}.json`;
}

export default defineConfig({
  test: {
    passWithNoTests: true,
    // Only for what hangs: a busy machine takes its time, and no test asserts a duration.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: script === undefined ? ['default'] : ['default', ['json', { outputFile: reportOf(script) }]],
    benchmark: { include: ['bench/**/*.bench.ts'] },
    coverage: { provider: 'v8', include: ['**/src/**/*.ts'], exclude: ['**/*.test.ts'] },
    projects,
  },
});

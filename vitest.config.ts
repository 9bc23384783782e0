import { globSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { defineConfig } from 'vitest/config';

const projects = globSync(['packages/*/package.json', 'apps/*/package.json', 'test/*/package.json'], {
  cwd: import.meta.dirname,
}).map((manifest) => {
  const root = dirname(manifest);
  const name = dirname(root) === 'packages' ? basename(root) : root;
  return { extends: true as const, test: { name, root, include: ['src/**/*.test.ts'] } };
});

export default defineConfig({
  test: {
    passWithNoTests: true,
    // Each workspace runs its own `test` script in its own folder; the report stays there for .ci/verify.ts to sum.
    reporters: ['default', ['json', { outputFile: `${process.cwd()}/.reports/vitest.json` }]],
    benchmark: { include: ['bench/**/*.bench.ts'] },
    coverage: { provider: 'v8', include: ['**/packages/*/src/**/*.ts'] },
    projects,
  },
});

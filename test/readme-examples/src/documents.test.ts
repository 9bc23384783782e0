import { execFile } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { examplesOf } from './examples.ts';

const root = join(import.meta.dirname, '../../..');
/** Inside this workspace, so that `@corral/*` resolves as it does for any package that depends on it. */
const scratch = join(import.meta.dirname, '../.scratch');
const timeLimitMs = 60_000;

const documents = globSync(['README.md', 'docs/*.md', '{packages,apps,docs/examples}/*/README.md'], {
  cwd: root,
});
const examples = documents
  .toSorted()
  .flatMap((file) => examplesOf(file, readFileSync(join(root, file), 'utf8')))
  .map((example) => ({
    ...example,
    script: join(scratch, `${example.file.replaceAll(/\W/g, '-')}-${example.line}.ts`),
  }));

const run = promisify(execFile);

beforeAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch);
  for (const { script, code } of examples) writeFileSync(script, code);
  writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify(tsconfig));
});

describe.concurrent('examples of the documents', () => {
  it.each(examples)('$file, line $line: runs', { timeout: timeLimitMs }, async ({ script, output }) => {
    const { stdout } = await run(process.execPath, [script], { cwd: scratch, timeout: timeLimitMs });

    expect(stdout.trimEnd()).toBe((output ?? stdout).trimEnd());
  });

  it('type-check', { timeout: timeLimitMs }, async () => {
    const tsc = join(root, 'node_modules/.bin/tsc');
    const { stdout } = await run(tsc, ['-p', scratch], { timeout: timeLimitMs }).catch((error) => error);

    expect(stdout).toBe('');
  });
});

it('examples are found', () => {
  expect(examples.map(({ script }) => basename(script))).not.toEqual([]);
});

/** It needs vitest around it, so it is a spec of its own here. */
it('the example for vitest in docs/testing.md is the one that is run', () => {
  const document = readFileSync(join(root, 'docs/testing.md'), 'utf8');
  const spec = readFileSync(join(import.meta.dirname, 'testing-with-vitest.test.ts'), 'utf8');

  expect(document).toContain(`\`\`\`typescript\n${spec}\`\`\``);
});

const tsconfig = {
  extends: '../../../tsconfig.tests.json',
  compilerOptions: { rootDir: '../../..', noUnusedLocals: false },
  include: ['*.ts'],
};

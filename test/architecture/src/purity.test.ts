import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rings } from './rings.ts';
import { root, workspaces } from './workspace.ts';

/** Each is one way out of a pure package, with what the linter says of it. */
const waysOut = [
  ['const value = Date.now();', "'Date'"],
  ['const value = new Date();', "'Date'"],
  ['const value = performance.now();', "'performance'"],
  ['const value = setTimeout(() => {}, 1);', "'setTimeout'"],
  ['const value = setInterval(() => {}, 1);', "'setInterval'"],
  ['const value = setImmediate(() => {});', "'setImmediate'"],
  ['const value = Math.random();', "'Math.random'"],
  ['const { random: value } = Math;', "'Math.random'"],
  ['const value = process.pid;', "'process'"],
  ['const value = Buffer.alloc(1);', "'Buffer'"],
  ["import value from 'node:fs';", "'node:fs'"],
] as const;

const purePackages = rings.filter((ring) => ring.isPure).flatMap((ring) => ring.packages);
const existing = new Set(workspaces('packages').map(({ name }) => name));

describe('the linter, asked about probes in the place of each package', () => {
  let folder = '';
  let findings = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'corral-purity-'));
    copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
    for (const name of purePackages) probe(name, '.', 'probe');
    probe('datatree', '.', 'probe.test');
    probe('runtime', 'node', 'probe');
    probe('transport-tcp', '.', 'probe');
    probe('persistence', 'compliance', 'probe');
    write(
      'packages/persistence/src/compliance/assert.ts',
      "import assert from 'node:assert';\nassert.ok(true);\n",
    );
    findings = lint();
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(purePackages.filter((name) => existing.has(name)))('refuses every way out of %s', (name) => {
    for (const [index, [code, named]] of waysOut.entries()) {
      expect({ code, says: about(`packages/${name}/src/./probe-${index}.ts`) }).toEqual({
        code,
        says: expect.stringContaining(named),
      });
    }
  });

  it('lets compliance cases have node:assert, and nothing more', () => {
    expect(about('packages/persistence/src/compliance/assert.ts')).toBe('');
    expect(about('packages/persistence/src/compliance/probe-0.ts')).toContain("'Date'");
    expect(about('packages/persistence/src/compliance/probe-10.ts')).toContain("'node:fs'");
  });

  it('leaves specs, adapters and the real runtime alone', () => {
    for (const [index] of waysOut.entries()) {
      expect(about(`packages/datatree/src/./probe-${index}.test.ts`)).toBe('');
      expect(about(`packages/runtime/src/node/probe-${index}.ts`)).toBe('');
      expect(about(`packages/transport-tcp/src/./probe-${index}.ts`)).toBe('');
    }
  });

  function probe(packageName: string, subfolder: string, name: string): void {
    for (const [index, [code]] of waysOut.entries()) {
      const file = name.replace('probe', `probe-${index}`);
      write(
        `packages/${packageName}/src/${subfolder}/${file}.ts`,
        `${code}\nexport const probe: unknown = value;\n`,
      );
    }
  }

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }

  function lint(): string {
    const bin = join(root, 'node_modules/.bin');
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` };
    const { stdout, stderr } = spawnSync('oxlint', ['--format=unix', 'packages'], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    if (!stdout.includes('problems')) throw new Error(`oxlint did not run: ${stdout}${stderr}`);
    return stdout;
  }

  function about(file: string): string {
    const path = file.replace('/./', '/');
    return findings
      .split('\n')
      .filter((line) => line.startsWith(`${path}:`))
      .join('\n');
  }
});

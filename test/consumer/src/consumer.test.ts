import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installInto, onPinnedNode, packInto, root, type PackedManifest } from './stranger.ts';

const timeLimitMs = 300_000;

let folder = '';
let tarballs: readonly string[] = [];
let installed: readonly PackedManifest[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'corral-consumer-'));
  tarballs = await packInto(folder);
  installed = await installInto(join(folder, 'project'), tarballs);
}, timeLimitMs);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('every package is installed, built, in one version', () => {
  expect(installed.length).toBe(tarballs.length);
  expect(installed.length).toBeGreaterThan(10);
  expect(new Set(installed.map(({ version }) => version)).size).toBe(1);
});

it('publint finds nothing to complain about in any tarball', { timeout: timeLimitMs }, async () => {
  for (const tarball of tarballs) {
    const { buffer } = new Uint8Array(readFileSync(tarball));
    const { messages } = await publint({ pkgDir: 'package', pack: { tarball: buffer }, strict: true });

    expect({ tarball, messages }).toEqual({ tarball, messages: [] });
  }
});

it(
  'every entry loads, and compiles strictly without any types of the platform',
  { timeout: timeLimitMs },
  async () => {
    // given a program that imports everything there is
    const entries = installed.flatMap(({ name, exports }) =>
      Object.keys(exports)
        .filter((key) => key !== './package.json')
        .map((key) => `${name}${key.slice(1)}`),
    );
    const lines = entries.map((entry, index) => `import * as entry${index} from '${entry}';`);
    const names = `[${entries.map((_, index) => `entry${index}`).join(', ')}]`;
    write('everything.ts', `${lines.join('\n')}\nexport const everything: object[] = ${names};\n`);

    // then it compiles and loads
    await compileAll();
    await onPinnedNode(join(folder, 'project'), 'node', 'everything.js');
    expect(entries.length).toBeGreaterThan(installed.length);
  },
);

it('a small program speaks jute', { timeout: timeLimitMs }, async () => {
  // given
  write(
    'program.ts',
    `import { JuteReader, JuteWriter } from '@corral/jute';
     const writer = new JuteWriter();
     writer.writeString('/path');
     export const path: string | null = new JuteReader(writer.bytes()).readString();`,
  );

  // then
  await compileAll();
  const { path } = (await import(join(folder, 'project', 'program.js'))) as { path: unknown };
  expect(path).toBe('/path');
});

it('the server says its version', { timeout: timeLimitMs }, async () => {
  const version = installed[0]?.version ?? '';

  expect(await onPinnedNode(join(folder, 'project'), 'node_modules/.bin/corral-server', 'version')).toContain(
    version,
  );
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, 'project', name), text);
}

async function compileAll(): Promise<void> {
  const compilerOptions = { module: 'nodenext', target: 'es2024', lib: ['es2024'], types: [], strict: true };
  write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  await onPinnedNode(join(folder, 'project'), join(root, 'node_modules/.bin', 'tsc'), '-p', '.');
}

import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readExport } from './export-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'corral-export-file-'));
afterAll(() => rmSync(folder, { recursive: true }));
const HEADER = JSON.stringify({ format: 'corral-export', version: 1, root: '/a' });

// Where the system tells which files are open.
it.runIf(existsSync('/proc/self/fd')).each([
  ['at once', 'no export\n'],
  ['in its header', `${HEADER.replace('1', '2')}\n`],
  ['at a node', `${HEADER}\n{"path":"x"}\n${'{}\n'.repeat(100_000)}`],
  ['at its end', `${HEADER}\n{"nodes":0,"sha256":""}\n`],
])('a file that is refused %s is closed', async (_, text) => {
  const file = join(folder, 'export');
  writeFileSync(file, text);

  await expect(
    (async () => {
      for await (const node of (await readExport(file)).nodes) expect(node).toBeDefined();
    })(),
  ).rejects.toThrow(file);

  // The system is told to close it, and does in a moment.
  await expect.poll(openFiles, { timeout: 20_000 }).not.toContain(file);
});

function openFiles(): string[] {
  return readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
}

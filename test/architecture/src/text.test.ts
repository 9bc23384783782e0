import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './workspace.ts';

const notOurs = /^(\.git|node_modules|dist|\.turbo|\.reports|\.scratch|coverage|data|__pycache__)$/;

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return notOurs.test(entry.name) ? [] : filesIn(path);
    return entry.isFile() ? [path] : [];
  });
}

const files = filesIn(root);

/** The project speaks of itself: a clone elsewhere has another registry and other folders. */
describe('files of the project', () => {
  it('are many: the search below sees them', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files).toContain(join(root, '.ci/run'));
  });

  it.each([
    [
      'a package registry',
      /https?:\/\/[^/\s'"]*(registry|npmmirror|verdaccio|artifactory|nexus|unpkg|jsdelivr)[^/\s'"]*/,
    ],
    ["somebody's home", /(^|[\s'"`=:(])(\/root|\/home\/\w+|\/Users\/\w+|\/work)\//m],
  ])('name no place of %s', (_, pattern) => {
    const found = files.flatMap((file) => {
      const match = pattern.exec(readFileSync(file, 'latin1'));
      return match === null ? [] : [`${file.slice(root.length + 1)}: ${match[0]}`];
    });

    expect(found).toEqual([]);
  });
});

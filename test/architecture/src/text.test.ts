import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './workspace.ts';

const notOurs = /^(\.git|node_modules|dist|\.turbo|\.reports|\.scratch|coverage|data|__pycache__)$/;
const files = globSync('**/*', { cwd: root, withFileTypes: true, exclude: ({ name }) => notOurs.test(name) })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

/** The project speaks of itself: a clone elsewhere has another registry and other folders. */
describe('files of the project', () => {
  it('are many: the search below sees them', () => {
    expect(files.length).toBeGreaterThan(100);
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

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { glob, read, root, workspaces } from './workspace.ts';

const documents = ['README.md', ...glob('docs/*.md'), ...glob('{packages,apps,test}/*/README.md')];

describe.each(documents)('%s', (document) => {
  it('links only to what is there', () => {
    const links = [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)/g)].map(
      (match) => match[1] ?? '',
    );

    expect(links.filter((link) => !existsSync(join(root, dirname(document), link)))).toEqual([]);
  });
});

describe('README.md', () => {
  it('has a row for every published package', () => {
    const published = [...workspaces('packages'), ...workspaces('apps')].filter(
      ({ manifest }) => !manifest.private,
    );
    const text = read('README.md');

    expect(
      published.filter(({ manifest, folder }) => !text.includes(`[\`${manifest.name}\`](${folder})`)),
    ).toEqual([]);
  });
});

describe('docs/DIVERGENCE.md', () => {
  const rows = read('docs/DIVERGENCE.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (Apache \||---)/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1));

  it('has rows of four columns: Apache, Corral, why, test', () => {
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter((cells) => cells.length !== 4 || cells.some((cell) => cell.trim() === ''))).toEqual(
      [],
    );
  });

  it.each(rows.filter((cells) => cells[3]?.trim() !== 'none yet'))(
    '%s: names a test that exists',
    (...cells) => {
      // `path/to/spec.test.ts`: a sentence from the title of the test
      const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(cells[3]?.trim() ?? '') ?? [];

      expect({ file, exists: existsSync(join(root, file)) }).toEqual({ file, exists: true });
      expect(read(file)).toContain(title);
    },
  );
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './workspace.ts';

const NAMES_FILE = 'packages/server/src/four-letter-words/figure-names.ts';
/** Those that know names, and feed none. */
const NO_FEEDERS: readonly string[] = [NAMES_FILE, 'packages/runtime/src/collecting-metrics.ts'];

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Apache's, whether this server measures them or not. */
function allFigures(): ReadonlySet<string> {
  const source = read(NAMES_FILE);
  const lists = Array.from(source.matchAll(/names\(`([^`]*)`\)/g), ([, list]) => list!.trim().split(/\s+/));
  const gauges = Array.from(source.matchAll(/^ {2}(\w+): \(/gm), ([, name]) => name!);
  return new Set([...gauges, ...lists.flat()]);
}

/** Every word that stands in quotes in what runs, but for the lists of names themselves. */
function wordsOfSources(): ReadonlySet<string> {
  const words = new Set<string>();
  for (const group of ['packages', 'apps'])
    for (const file of readdirSync(join(root, group), { recursive: true, encoding: 'utf8' })) {
      const path = join(group, file);
      if (!/\/src\/.*\.ts$/.test(path) || /node_modules|\.test\.ts$/.test(path) || NO_FEEDERS.includes(path))
        continue;
      for (const [, word] of read(path).matchAll(/'(\w+)'/g)) words.add(word!);
    }
  return words;
}

function listed(): ReadonlySet<string> {
  const [, list = ''] = /\nFigures that stay at zero:\n([^#]*)\n## /.exec(read('docs/DIVERGENCE.md')) ?? [];
  const entries = Array.from(list.matchAll(/^- ([^:]*):/gm), ([, names]) => names!);
  return new Set(entries.flatMap((names) => Array.from(names.matchAll(/`(\w+)`/g), ([, name]) => name!)));
}

describe('the figures of mntr that nobody feeds', () => {
  it('are those of the list, and no others', () => {
    const fed = wordsOfSources();
    const figures = allFigures();
    const unfed = [...figures].filter((name) => !fed.has(name)).toSorted();

    expect(figures.size).toBeGreaterThan(100);
    expect([...listed()].toSorted()).toEqual(unfed);
  });
});

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

function sourceFiles(): readonly string[] {
  return ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group), { recursive: true, encoding: 'utf8' })
      .map((file) => join(group, file))
      .filter((path) => /\/src\/.*\.ts$/.test(path) && !/node_modules|\.test\.ts$/.test(path)),
  );
}

/** Every word that stands in quotes in what runs, but for the lists of names themselves. */
function wordsOfSources(): ReadonlySet<string> {
  const words = new Set<string>();
  for (const path of sourceFiles())
    if (!NO_FEEDERS.includes(path)) for (const [, word] of read(path).matchAll(/'(\w+)'/g)) words.add(word!);
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

describe('docs/operations.md', () => {
  it('quotes lines of the log as the log has them', () => {
    const [, table = ''] = /\n## When something is wrong\n([\s\S]*)$/.exec(read('docs/operations.md')) ?? [];
    // What is seen stands in the first column; what has blanks is no key and no figure.
    const quoted = Array.from(table.matchAll(/^\| ([^|]*) \|/gm), ([, seen]) => seen!).flatMap((seen) =>
      Array.from(seen.matchAll(/`([^`]+ [^`]+)`/g), ([, phrase]) => phrase!),
    );
    const sources = sourceFiles().map(read);

    expect(quoted.length).toBeGreaterThan(10);
    expect(quoted.filter((phrase) => !sources.some((source) => source.includes(phrase)))).toEqual([]);
  });
});

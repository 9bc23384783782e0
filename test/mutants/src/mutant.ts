import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/** A seeded bug: edits of sources that are made while those are loaded, and nowhere else. */
export interface Mutant {
  readonly name: string;
  /** In one sentence, what is wrong with it. */
  readonly breaks: string;
  /** The bug of ZooKeeper's that it brings back, or is kin to. */
  readonly issue?: string;
  /** Mostly one. */
  readonly edits: readonly Edit[];
}

export interface Edit {
  /** From the root of the workspace. */
  readonly file: string;
  /** Occurs in that file once. */
  readonly find: string;
  readonly replace: string;
}

/** @throws Error where `find` does not occur exactly once: somebody has rewritten the place, and must rewrite the mutant */
function edited(source: string, { file, find, replace }: Edit): string {
  const count = source.split(find).length - 1;
  if (count !== 1) throw new Error(`what a mutant replaces occurs ${count} times in ${file}: ${find}`);
  return source.replace(find, () => replace);
}

/** The sources as the mutant has them, by their addresses. @throws Error where an edit does not apply */
export function sourcesOf({ edits }: Mutant): Map<string, string> {
  const sources = new Map<string, string>();
  for (const edit of edits) {
    const url = new URL(edit.file, WORKSPACE);
    sources.set(url.href, edited(sources.get(url.href) ?? readFileSync(url, 'utf8'), edit));
  }
  return sources;
}

/** From here on this process loads the mutated sources. Returns how to ask for those that it has not loaded. */
export function switchOn(mutant: Mutant): () => readonly string[] {
  const sources = sourcesOf(mutant);
  const loaded = new Set<string>();
  registerHooks({
    load(url, context, next) {
      const result = next(url, context);
      const source = sources.get(url);
      if (source === undefined) return result;
      loaded.add(url);
      return { ...result, source };
    },
  });
  return () => [...sources.keys()].filter((url) => !loaded.has(url));
}

const WORKSPACE = pathToFileURL(`${import.meta.dirname}/../../../`);

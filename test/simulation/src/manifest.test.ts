import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runJobs, type Outcome } from './jobs.ts';
import { type Manifest, manifestOf } from './manifest.ts';
import { sourcesHash } from './sources.ts';
import type { Spec } from './spec.ts';
import { differences, drawn } from './verify-manifest.ts';

const PUBLISHED = new URL('../manifest.json', import.meta.url);

describe('a manifest', () => {
  it('comes out the same in another process, and tells a seed that does not', async () => {
    const outcomes: Outcome[] = [];
    const waiting = [1, 2];
    const next = (): Spec | undefined => {
      const seed = waiting.shift();
      return seed === undefined ? undefined : { ...SMALL, seed, storage: seed === 1 ? 'memory' : 'file' };
    };
    await runJobs(1, next, (outcome) => outcomes.push(outcome));
    const manifest = JSON.parse(await manifestOf(outcomes)) as Manifest;
    expect(manifest.sources).toBe(await sourcesHash());
    expect(await differences(manifest, manifest.seeds, 1)).toEqual([]);
    const [first] = manifest.seeds;
    const other = { ...first!, hash: '0123456789abcdef' };
    expect(await differences(manifest, [other], 1)).toEqual([expect.stringContaining(`seed 1:`)]);
  });

  it('that is published is true of these sources, where it was made of them', async () => {
    const manifest = JSON.parse(await readFile(PUBLISHED, 'utf8')) as Manifest;
    const sources = await sourcesHash();
    if (manifest.sources !== sources) {
      console.log(
        `test/simulation/manifest.json is of other sources (${manifest.sources}, these are ${sources}): ` +
          '`npm run manifest` makes a new one, before a release at the latest',
      );
      return;
    }
    expect(await differences(manifest, drawn(manifest.seeds, 2), 1)).toEqual([]);
  });
});

const SMALL = {
  servers: 3,
  observers: 0,
  clients: 4,
  hours: 0.01,
  storm: {},
  onlyFaults: undefined,
  checksHistory: false,
} satisfies Partial<Spec>;

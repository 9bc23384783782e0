import { readFile } from 'node:fs/promises';
import type { Command } from './command-line.ts';
import { runJobs } from './jobs.ts';
import { type Manifest, type ManifestSeed, seedOf } from './manifest.ts';
import { sourcesHash } from './sources.ts';

/** Runs some seeds of a manifest again. 2: it is of other sources, and says nothing about these. */
export async function verifyManifest({ verify, part, jobs }: Command): Promise<number> {
  const manifest = JSON.parse(await readFile(verify!, 'utf8')) as Manifest;
  const sources = await sourcesHash();
  if (manifest.sources !== sources) {
    console.log(
      `${verify} is of other sources (${manifest.sources}) than these (${sources}): check out those it was made of, ` +
        'or make a new one with --audit --manifest.',
    );
    return 2;
  }
  const chosen = drawn(manifest.seeds, Math.ceil((manifest.seeds.length * part) / 100));
  const different = await differences(manifest, chosen, jobs);
  for (const difference of different) console.log(difference);
  console.log(`${chosen.length} of ${manifest.seeds.length} seeds run again, ${different.length} differ`);
  return different.length === 0 ? 0 : 1;
}

/** What does not come out as it is written down. */
export async function differences(
  { spec }: Manifest,
  seeds: readonly ManifestSeed[],
  jobs: number,
): Promise<string[]> {
  const written = new Map(seeds.map((one) => [one.seed, one]));
  const waiting = [...seeds];
  const different: string[] = [];
  const next = () => {
    const one = waiting.shift();
    return one === undefined ? undefined : { ...spec, seed: one.seed, storage: one.storage };
  };
  await runJobs(jobs, next, (outcome) => {
    const [expected, found] = [written.get(outcome.spec.seed), seedOf(outcome)].map((one) =>
      JSON.stringify(one),
    );
    if (expected !== found)
      different.push(`seed ${outcome.spec.seed}:\n  written ${expected}\n  found   ${found}`);
  });
  return different;
}

/** So many of them, by chance, whoever looks. */
export function drawn<T>(all: readonly T[], count: number): T[] {
  const left = [...all];
  const chosen: T[] = [];
  while (chosen.length < count && left.length > 0)
    chosen.push(...left.splice(Math.floor(Math.random() * left.length), 1));
  return chosen;
}

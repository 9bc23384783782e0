import type { Outcome } from './jobs.ts';
import { sourcesHash } from './sources.ts';
import type { Spec } from './spec.ts';

/** What seeds gave with certain sources: whoever has the same sources can see for themselves. */
export interface Manifest {
  /** Of the sources that were run (`sourcesHash`). */
  readonly sources: string;
  readonly node: string;
  readonly spec: Omit<Spec, 'seed' | 'storage'>;
  readonly seeds: readonly ManifestSeed[];
}

export interface ManifestSeed {
  readonly seed: number;
  readonly storage: Spec['storage'];
  readonly hash: string;
  readonly steps: number;
  readonly acknowledged: number;
  readonly faults: number;
  readonly elections: number;
  readonly diff: number;
  readonly snap: number;
  readonly trunc: number;
  /** What was broken, if anything was. */
  readonly violation?: string;
}

export function seedOf({ spec: { seed, storage }, result }: Outcome): ManifestSeed {
  const { hash, steps, acknowledged, faults, coverage, violation } = result;
  const counted = (what: string): number => coverage[what] ?? 0;
  return {
    seed,
    storage,
    hash,
    steps,
    acknowledged,
    faults,
    elections: counted('elections'),
    diff: counted('synchronised by DIFF'),
    snap: counted('synchronised by SNAP'),
    trunc: counted('synchronised by TRUNC'),
    ...(violation === undefined ? {} : { violation: violation.invariant }),
  };
}

/** JSON, one seed a line. */
export async function manifestOf(outcomes: readonly Outcome[]): Promise<string> {
  const { seed: _, storage: __, ...spec } = outcomes[0]!.spec;
  const head = { sources: await sourcesHash(), node: process.version, spec };
  const seeds = outcomes.map(seedOf).toSorted((a, b) => a.seed - b.seed);
  const lines = seeds.map((one) => `    ${JSON.stringify(one)}`).join(',\n');
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "seeds": [\n${lines}\n  ]\n}\n`;
}

import { describe, expect, it } from 'vitest';
import { sourcesOf } from './mutant.ts';
import { mutants } from './mutants.ts';

describe('a mutant', () => {
  it.each(mutants)('$name applies to the sources as they are', (mutant) => {
    expect(() => sourcesOf(mutant)).not.toThrow();
  });

  it('has a name of its own', () => {
    const names = mutants.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

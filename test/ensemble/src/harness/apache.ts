import { apache38, apache39, isThere, type ServerProgram } from '@corral-test/oracle';

/** The Apaches that are there; what is not is said, once in each suite. */
export function apaches(suite: string): readonly (readonly [version: string, program: ServerProgram])[] {
  const all = [
    ['Apache 3.8', apache38()],
    ['Apache 3.9', apache39()],
  ] as const;
  return all.flatMap(([version, program]) =>
    isThere(`${suite} ${version}`, program) ? [[version, program] as const] : [],
  );
}

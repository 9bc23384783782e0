import { afterAll, describe, expect, test } from 'vitest';
import { firstDifference } from '../play/compare.ts';
import { printed } from '../play/transcript.ts';
import { isThere } from '../servers/need.ts';
import { candidate, reference, type ServerProgram } from '../servers/program.ts';
import type { Case } from './case.ts';
import { canShare, playCase, reasonNot38, SharedServer } from './play-case.ts';
import { tables } from './tables.ts';

const suite = 'named cases';
const apache = reference();
const server = candidate();
const programs = isThere(suite, apache) && isThere(suite, server) ? ([apache, server] as const) : undefined;
/** What differs on purpose differs in Corral only: other programs are to do as Apache does. */
const mayDiffer = programs?.[1].name === 'corral';
const involves38 = programs?.some(({ name }) => name === 'apache-3.8') === true;
const allowances = { eventZxids: involves38 };
const differs = (row: Case): boolean => mayDiffer && row.differs !== undefined;

describe.runIf(programs).each(Object.entries(tables))(`${suite}: %s`, (_, all) => {
  const rows = involves38 ? all.filter((row) => reasonNot38(row) === undefined) : all;
  const shared = programs?.map((program) => new SharedServer(program)) ?? [];
  const renew = (): Promise<unknown> => Promise.all(shared.map((one) => one[Symbol.asyncDispose]()));
  afterAll(renew);

  test.for(rows.filter(canShare))('$name', async (row) => {
    try {
      const [theirs, ours] = await Promise.all(shared.map((one) => one.play(row)));
      expect(firstDifference(row.steps, theirs!, ours!, allowances), printed(theirs!)).toBeUndefined();
      await Promise.all(shared.map((one) => one.wipe()));
    } catch (error) {
      await renew();
      throw error;
    }
  });

  test.for(rows.filter((row) => !canShare(row) && !differs(row)))('$name', async (row) => {
    const [theirs, ours] = await Promise.all(
      programs!.map((program: ServerProgram) => playCase(program, row)),
    );

    expect(firstDifference(row.steps, theirs!, ours!, allowances), printed(theirs!)).toBeUndefined();
  });

  test.for(rows.filter(differs))('$name (unlike Apache: $differs)', async (row) => {
    const [theirs, ours] = await Promise.all(
      programs!.map((program: ServerProgram) => playCase(program, row)),
    );

    expect(firstDifference(row.steps, theirs!, ours!, allowances), 'no longer different').toBeDefined();
    expect(printed(ours!)).toMatch(row.ours ?? /^/);
  });
});

import { utf8 } from '@corral/client';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { mutex, pathRules, type PathRule } from './index.ts';

const isJson = (data: Uint8Array): boolean => {
  JSON.parse(new TextDecoder().decode(data));
  return true;
};
const RULES: PathRule[] = [
  { path: '/config', isValid: isJson, ephemeral: 'cannot', sequential: 'cannot', canBeDeleted: false },
  { path: '/members/{id}', ephemeral: 'must', sequential: 'cannot' },
  { path: '/jobs/job-{number}', sequential: 'must', isValid: (data) => data.length <= 3 },
  { path: /\/(members|jobs)/ },
];

describe('rules of paths', () => {
  it.each<readonly [string, RegExp, (zk: ReturnType<World['open']>) => Promise<unknown>]>([
    ['data that is not what its path takes', /not valid/, (zk) => zk.create('/config', '{')],
    ['a set of such data', /not valid/, (zk) => zk.set('/config', 'x')],
    ['such data in a transaction', /not valid/, async (zk) => zk.transaction().set('/config', '')],
    ['data that is too long', /not valid/, (zk) => zk.create('/jobs/job-', 'long', { sequential: true })],
    ['what is to stay being deleted', /cannot be deleted/, (zk) => zk.delete('/config')],
    ['what must be ephemeral and is not', /must be ephemeral/, (zk) => zk.create('/members/ann')],
    [
      'what cannot be ephemeral and is',
      /cannot be eph/,
      (zk) => zk.create('/config', '1', { mode: 'ephemeral' }),
    ],
    ['what must be sequential and is not', /must be sequential/, (zk) => zk.create('/jobs/job-1')],
    [
      'what cannot be sequential and is',
      /cannot be seq/,
      (zk) => zk.create('/members/', '', { mode: 'ephemeral', sequential: true }),
    ],
    ['what no rule is for', /no rule/, (zk) => zk.create('/other')],
    ['what only a part of a rule is for', /no rule/, (zk) => zk.create('/members/ann/x')],
  ])('refuse %s', async (_, message, write) => {
    const world = await World.serving();
    const zk = await world.client();
    const ruled = zk.guarded(pathRules(RULES, { others: 'refused' }));

    const failure = await world.failure(write(ruled));

    expect(failure).toMatchObject({ name: 'RecipeError', code: 'VIOLATION' });
    expect(failure.message).toMatch(message);
    expect((await world.run(zk.children('/'))).names).toEqual(['zookeeper']);
  });

  it('let through what they allow, and all that they say nothing of', async () => {
    const world = await World.serving();
    const zk = (await world.client()).guarded(pathRules(RULES));

    await world.run(zk.create('/config', '{}'));
    await world.run(zk.create('/members'));
    await world.run(zk.create('/members/ann', '', { mode: 'ephemeral' }));
    await world.run(zk.create('/jobs/job-', 'abc', { sequential: true, parents: true }));
    await world.run(zk.create('/other', 'x', { mode: 'ephemeral' }));
    await world.run(zk.delete('/other'));

    expect((await world.run(zk.get('/config', utf8))).data).toBe('{}');
    expect((await world.run(zk.children('/jobs'))).names).toEqual(['job-0000000000']);
  });

  it('hold for recipes, too, which work as ever where they are allowed', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const locks: PathRule[] = [
      { path: '/lock', ephemeral: 'cannot', sequential: 'cannot' },
      { path: '/lock/{contender}', ephemeral: 'must', sequential: 'must' },
    ];
    const ruled = zk.guarded(pathRules(locks, { others: 'refused' }));

    await world.run(mutex(ruled, '/lock').run(() => {}));

    expect(await world.failure(mutex(ruled, '/other').acquire())).toMatchObject({ code: 'VIOLATION' });
  });
});

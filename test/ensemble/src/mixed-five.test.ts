import { apache38, apache39, create, exists, isThere, type ServerProgram } from '@corral-test/oracle';
import { describe, expect, test } from 'vitest';
import { Client } from './harness/client.ts';
import { corral } from './harness/programs.ts';
import { kindOf, ledBy } from './harness/roles.ts';
import { differences } from './harness/trees.ts';
import { Writer } from './harness/writer.ts';

const suite = 'larger mixed ensembles';
const [old, recent] = [apache38(), apache39()];

describe.runIf(isThere(suite, old) && isThere(suite, recent))(suite, () => {
  test.for(splits())('%s: each leader is killed in turn', async ([, members]) => {
    await using ensemble = await ledBy(5, { members });
    const writers = [1, 2, 3].map((n) => new Writer(ensemble, `/w${n}`));
    const leaders = [];

    for (let kill = 0; kill < 2; kill++) {
      await Promise.all(writers.map((writer) => writer.more(20)));
      const leader = await ensemble.leader();
      leaders.push(leader);
      await leader.kill();
    }
    await Promise.all(writers.map((writer) => writer.more(20)));
    for (const member of leaders) await member.start();
    await Promise.all(writers.map((writer) => writer.more(20)));
    await Promise.all(writers.map((writer) => writer.stop()));

    expect(kindOf(leaders[0]!.program)).toBe(kindOf(members[4]!));
    expect(
      await differences(
        ensemble,
        writers.flatMap(({ acknowledged }) => acknowledged),
      ),
    ).toEqual([]);
  });

  test.for([
    ['an Apache observer of a Corral leader', 'Corral'],
    ['a Corral observer of an Apache leader', 'Apache'],
  ] as const)('%s', async ([, kind]) => {
    if ('missing' in old || 'missing' in recent) return;
    const voters = kind === 'Corral' ? [recent, corral] : [corral, recent];
    const watchers = kind === 'Corral' ? [old, recent] : [corral, corral];
    await using ensemble = await ledBy(2, { members: [...voters, ...watchers], observers: [3, 4] });
    const [three, four] = [ensemble.member(3), ensemble.member(4)];
    expect([await three.mode(), await four.mode()]).toEqual(['observer', 'observer']);
    const client = await Client.open(three);
    expect((await client.ask(create('/by-an-observer', '', 1))).err).toBe(0);
    await four.kill();
    const writer = new Writer(ensemble, '/w');
    await writer.more(40);
    await writer.stop();

    await four.start();
    await client.drop();
    const moved = await Client.open(four, { session: client.session });

    expect([moved.isRefused, (await moved.ask(exists('/by-an-observer'))).err]).toEqual([false, 0]);
    expect(await differences(ensemble, writer.acknowledged)).toEqual([]);
  });
});

/** Every split of five members, with either kind in the place of the first leader. */
function splits(): (readonly [name: string, members: readonly ServerProgram[]])[] {
  if ('missing' in old || 'missing' in recent) return [];
  return [
    [old, recent, old, recent, corral],
    [corral, old, recent, old, recent],
    [corral, old, recent, old, corral],
    [corral, recent, corral, recent, old],
    [corral, old, corral, recent, corral],
    [corral, old, corral, corral, recent],
    [corral, recent, corral, corral, corral],
    [corral, corral, corral, corral, old],
  ].map((members) => {
    const corrals = members.filter((program) => kindOf(program) === 'Corral').length;
    return [`${corrals} Corral and ${5 - corrals} Apache, ${members[4]!.name} leads`, members];
  });
}

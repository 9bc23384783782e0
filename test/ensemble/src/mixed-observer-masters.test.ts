import { create, exists, freePorts, remove, type ServerProgram, set } from '@corral-test/oracle';
import { describe, expect, test } from 'vitest';
import { apaches } from './harness/apache.ts';
import { Client } from './harness/client.ts';
import type { Ensemble } from './harness/ensemble.ts';
import { corral } from './harness/programs.ts';
import { kindOf, ledBy, write } from './harness/roles.ts';
import { differences } from './harness/trees.ts';

const suite = 'observers that follow followers of Corral and';
const EPHEMERAL = 1;

describe.each(apaches(suite))(`${suite} %s`, (_, apache) => {
  const cases: readonly (readonly [string, readonly ServerProgram[]])[] = [
    ['a Corral observes through an Apache', [apache, apache, corral, corral]],
    ['an Apache observes through a Corral', [corral, corral, apache, apache]],
  ];

  test.for(cases)('%s', async ([, members]) => {
    const [observerMasterPort] = await freePorts(1);
    await using ensemble = await ledBy(3, {
      members,
      observers: [4],
      hasOwnHosts: true,
      config: { observerMasterPort: observerMasterPort! },
    });
    const observer = ensemble.member(4);
    expect([1, 2]).toContain(masterOf(ensemble));

    const [near, far] = [await Client.open(observer), await Client.open(ensemble.member(3))];
    expect((await near.ask(create('/a', 'one'))).err).toBe(0);
    expect((await near.ask(create('/e', '', EPHEMERAL))).err).toBe(0);
    expect((await far.ask(set('/a', 'two'))).err).toBe(0);
    expect((await near.ask({ op: 'sync', path: '/a' })).err).toBe(0);
    expect((await near.ask({ op: 'getData', path: '/a', watch: false })).value).toBe('two');

    // Its session goes elsewhere, and comes back.
    await near.drop();
    const moved = await Client.open(ensemble.member(1), { session: near.session });
    expect([moved.isRefused, (await moved.ask(exists('/e'))).err]).toEqual([false, 0]);
    await moved.drop();
    const back = await Client.open(observer, { session: near.session });
    expect([back.isRefused, (await back.ask(remove('/e'))).err]).toEqual([false, 0]);

    // From memory, then by a snapshot.
    await observer.kill();
    await write(ensemble.member(3), 50);
    await observer.start();
    expect([1, 2]).toContain(masterOf(ensemble));
    expect(await differences(ensemble, [])).toEqual([]);
    await observer.kill();
    await write(ensemble.member(3), 1200, 'more');
    await observer.start();
    expect([1, 2]).toContain(masterOf(ensemble));
    expect(await differences(ensemble, [])).toEqual([]);

    // To another follower.
    const before = masterOf(ensemble);
    await ensemble.member(before).kill();
    await write(ensemble.member(3), 20, 'last');
    await ensemble.member(before).start();
    await ensemble.serving();
    expect(await differences(ensemble, [])).toEqual([]);
  });
});

/** Whom the observer went to last, by what a Corral among the two says of it. */
function masterOf(ensemble: Ensemble): number {
  const observer = ensemble.member(4);
  if (kindOf(observer.program) === 'Corral')
    return Number([...observer.log().matchAll(/"leader":(\d+),"mode":"observer"/g)].at(-1)?.[1]);
  const [one, two] = [1, 2].map((sid) => lastTold(ensemble.member(sid).log()));
  return one === two ? 0 : one! > two! ? 1 : 2;
}

/** When a server last synchronised member 4; empty where it never did. */
function lastTold(log: string): string {
  const lines = log.split('\n').filter((text) => text.includes('"learner":4'));
  const line = lines.findLast((text) => text.includes('the learner is at'));
  return line === undefined ? '' : /"time":"?([^",]+)/.exec(line)![1]!;
}

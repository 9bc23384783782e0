import { create, exists, type ServerProgram } from '@corral-test/oracle';
import { describe, expect, test } from 'vitest';
import { apaches } from './harness/apache.ts';
import { Client } from './harness/client.ts';
import { Ensemble } from './harness/ensemble.ts';
import { corral, times } from './harness/programs.ts';
import { kindOf } from './harness/roles.ts';
import { differences } from './harness/trees.ts';
import { Writer } from './harness/writer.ts';

const suite = 'a running ensemble goes over, server by server, on the same directories:';

describe.each(apaches(suite))(`${suite} %s`, (_, apache) => {
  test('to Corral, and back; no session is lost, and no write', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, apache) });
    const owner = await Client.open(ensemble.member(1));
    await owner.ask(create('/ephemeral', '', 1));
    const writers = [1, 2].map((n) => new Writer(ensemble, `/w${n}`));

    const toCorral = await replaceAll(ensemble, corral, writers);
    const toApache = await replaceAll(ensemble, apache, writers);
    await Promise.all(writers.map((writer) => writer.stop()));

    expect([toCorral, toApache]).toEqual([
      ['Corral', 'Corral', 'Corral'],
      ['Apache', 'Apache', 'Apache'],
    ]);
    expect(writers.map(({ sessionsLost }) => sessionsLost)).toEqual([0, 0]);
    const again = await Client.open(ensemble.member(3));
    await again.ask({ op: 'sync', path: '/' });
    expect((await again.ask(exists('/w1'))).err).toBe(0);
    await again.close();
    expect(
      await differences(
        ensemble,
        writers.flatMap(({ acknowledged }) => acknowledged),
      ),
    ).toEqual([]);
  });
});

/** Followers first and the leader last, as one does it. Returns what runs then. */
async function replaceAll(
  ensemble: Ensemble,
  program: ServerProgram,
  writers: readonly Writer[],
): Promise<string[]> {
  const leader = await ensemble.leader();
  const order = [...ensemble.members.filter((member) => member !== leader), leader];
  for (const member of order) {
    await Promise.all(writers.map((writer) => writer.more(20)));
    await member.stop();
    await member.start(program);
  }
  await Promise.all(writers.map((writer) => writer.more(20)));
  return ensemble.members.map((member) => kindOf(member.program));
}

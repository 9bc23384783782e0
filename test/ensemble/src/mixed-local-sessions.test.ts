import { create, exists, multi, type ServerProgram, set } from '@corral-test/oracle';
import { describe, expect, test } from 'vitest';
import { apaches } from './harness/apache.ts';
import { Client } from './harness/client.ts';
import type { Ensemble } from './harness/ensemble.ts';
import { until } from './harness/eventually.ts';
import { corral } from './harness/programs.ts';
import { ledBy } from './harness/roles.ts';

const suite = 'local sessions in an ensemble of Corral and';
const EPHEMERAL = 1;
const EPHEMERALONLOCALSESSION = -120;

describe.each(apaches(suite))(`${suite} %s`, (_, apache) => {
  const splits: readonly (readonly [string, readonly ServerProgram[]])[] = [
    ['an Apache leads', [corral, apache, apache]],
    ['a Corral leads', [corral, apache, corral]],
  ];

  test.for(splits)('become global with an ephemeral node, where %s', async ([, members]) => {
    const config = { localSessionsEnabled: 'true', localSessionsUpgradingEnabled: 'true' };
    await using ensemble = await ledBy(3, { members, config });

    for (const member of ensemble.members) {
      const path = `/at-${member.sid}`;
      const client = await Client.open(member);
      expect(await sessions(ensemble)).toEqual({ local: 1, global: 0 });
      expect((await client.ask(create(path))).err).toBe(0);
      expect((await client.ask(set(path, 'data'))).err).toBe(0);
      expect(await sessions(ensemble)).toEqual({ local: 1, global: 0 });

      expect((await client.ask(multi(create(`${path}/e1`, '', EPHEMERAL)))).err).toBe(0);
      expect((await client.ask(create(`${path}/e2`, '', EPHEMERAL))).err).toBe(0);
      await until('it is known everywhere', async () => (await sessions(ensemble)).global === 3);
      expect(await sessions(ensemble)).toEqual({ local: 0, global: 3 });

      await client.close();
      await ensemble.settled();
      const reader = await Client.open(ensemble.member(1));
      for (const name of ['e1', 'e2']) expect((await reader.ask(exists(`${path}/${name}`))).err).toBe(-101);
      await reader.close();
      await until('all are gone', async () => {
        const { local, global } = await sessions(ensemble);
        return local + global === 0;
      });
    }
  });

  test.for(splits)('are refused one where that is switched off, and %s', async ([, members]) => {
    await using ensemble = await ledBy(3, { members, config: { localSessionsEnabled: 'true' } });

    for (const member of ensemble.members) {
      const client = await Client.open(member);
      const single = await client.ask(create('/e', '', EPHEMERAL));
      const plain = await client.ask(create(`/at-${member.sid}`));
      expect([single.err, plain.err]).toEqual([EPHEMERALONLOCALSESSION, 0]);
      await client.close();
    }
  });
});

/** How many of each kind, counted by all members. */
async function sessions(ensemble: Ensemble): Promise<{ local: number; global: number }> {
  const of = async (figure: string): Promise<number> => {
    const figures = await Promise.all(ensemble.members.map((member) => member.figure(figure)));
    return figures.reduce((sum, each) => sum + Number(each), 0);
  };
  return { local: await of('local_sessions'), global: await of('global_sessions') };
}

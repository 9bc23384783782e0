import { create, exists, multi, remove, type ServerProgram, set } from '@corral-test/oracle';
import { describe, expect, test } from 'vitest';
import { apaches } from './harness/apache.ts';
import { Client } from './harness/client.ts';
import { eventually, until } from './harness/eventually.ts';
import { corral } from './harness/programs.ts';
import { ledBy } from './harness/roles.ts';

const suite = 'a server without a quorum, next to';
const NOTREADONLY = -119;

describe.each(apaches(suite))(`${suite} %s`, (_, apache) => {
  const kinds: readonly (readonly [string, ServerProgram])[] = [
    ['Corral', corral],
    ['Apache', apache],
  ];

  test.for(kinds)('%s serves reads, and refuses the rest', async ([, program]) => {
    await using ensemble = await ledBy(3, {
      members: [program, apache, apache],
      // Apache's has no sessions of its own otherwise.
      config: { localSessionsEnabled: 'true' },
      properties: { 'readonlymode.enabled': 'true' },
    });
    const alone = ensemble.member(1);
    const before = await Client.open(alone);
    await before.ask(create('/a', 'data'));
    await ensemble.settled();
    await ensemble.member(2).kill();
    await ensemble.member(3).kill();

    await until('it says that it can be read', async () => (await alone.ask('isro')) === 'ro');
    expect(await alone.ask('srvr')).toContain('Mode: read-only');
    const client = await eventually('a client', () => Client.tryOpen(alone, { acceptsReadOnly: true }));
    expect(client.isReadOnly).toBe(true);
    expect((await client.ask({ op: 'getData', path: '/a', watch: false })).value).toBe('data');
    for (const operation of [
      create('/b'),
      create('/e', '', 1),
      set('/a', 'other'),
      remove('/a'),
      { op: 'sync', path: '/a' } as const,
      multi(create('/b')),
    ])
      expect([operation.op, (await client.ask(operation)).err]).toEqual([operation.op, NOTREADONLY]);
    expect((await client.ask(exists('/a'))).err).toBe(0);
    expect(await Client.tryOpen(alone)).toBeUndefined();
    await client.close();

    const last = await eventually('a client', () => Client.tryOpen(alone, { acceptsReadOnly: true }));
    ensemble.member(2).launch();
    await last.ended();
    await ensemble.serving();
    expect(await alone.ask('isro')).toBe('rw');
  });
});

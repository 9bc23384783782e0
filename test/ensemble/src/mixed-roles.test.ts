import { create, exists, multi, remove, type ServerProgram, set } from '@corral-test/oracle';
import { describe, expect, test } from 'vitest';
import { apaches } from './harness/apache.ts';
import { Client } from './harness/client.ts';
import type { Ensemble } from './harness/ensemble.ts';
import { corral } from './harness/programs.ts';
import { kindOf, ledBy } from './harness/roles.ts';
import { differences } from './harness/trees.ts';
import { Writer } from './harness/writer.ts';

const suite = 'an ensemble of Corral and';
const EPHEMERAL = 1;
const SEQUENTIAL = 2;

describe.each(apaches(suite))(`${suite} %s`, (_, apache) => {
  const splits: readonly (readonly [string, readonly ServerProgram[]])[] = [
    ['one Apache leads two Corrals', [corral, corral, apache]],
    ['one Corral leads two Apaches', [apache, apache, corral]],
    ['an Apache leads a Corral and an Apache', [apache, corral, apache]],
    ['a Corral leads an Apache and a Corral', [corral, apache, corral]],
  ];

  test.for(splits)('%s: clients see one ensemble, sessions move, either kind leads', async ([, members]) => {
    await using ensemble = await ledBy(3, { members });

    await useTogether(ensemble);
    await moveSessions(ensemble);
    const writers = [1, 2, 3].map((n) => new Writer(ensemble, `/w${n}`));
    await Promise.all(writers.map((writer) => writer.more(20)));
    const kindsThatLed = new Set<string>();
    for (let deaths = 0; deaths < 2 || kindsThatLed.size < 2; deaths++) {
      const leader = await ensemble.leader();
      await leader.kill();
      kindsThatLed.add(kindOf(leader.program));
      await Promise.all(writers.map((writer) => writer.more(20)));
      await leader.start();
    }
    await Promise.all(writers.map((writer) => writer.stop()));

    expect(
      await differences(
        ensemble,
        writers.flatMap(({ acknowledged }) => acknowledged),
      ),
    ).toEqual([]);
  });
});

async function useTogether(ensemble: Ensemble): Promise<void> {
  const clients = await Promise.all(ensemble.members.map((member) => Client.open(member)));
  const [one, ...others] = clients as [Client, Client, Client];
  await one.ask(create('/q'));
  for (const client of others) {
    await client.ask({ op: 'sync', path: '/' });
    await client.ask(exists('/new', true));
    await client.ask({ op: 'addWatch', path: '/q', mode: 1 });
  }
  await one.ask(create('/new', 'new'));
  const names = await Promise.all(
    Array.from({ length: 30 }, (_, i) => clients[i % 3]!.ask(create('/q/n-', '', SEQUENTIAL))),
  );
  expect(new Set(names.map(({ value }) => value)).size).toBe(30);
  for (const [i, client] of clients.entries()) {
    expect((await client.ask(multi(create(`/m${i}`), set('/q', `${i}`), remove(`/m${i}`)))).err).toBe(0);
    expect((await client.ask(multi(create(`/m${i}`), remove('/nothing')))).text).toContain('err=-101');
    expect((await client.ask(create('/new'))).err).toBe(NODEEXISTS);
    expect((await client.ask(set('/new', '', 7))).err).toBe(BADVERSION);
    expect(
      (await client.ask({ op: 'createTTL', path: '/t', data: '', acl: [], flags: 5, ttl: 1 })).err,
    ).not.toBe(0);
  }
  for (const client of others) {
    await client.event('type=1 state=3 path="/new"');
    await client.event('type=1 state=3 path="/q/n-0000000029"');
  }
  expect(await differences(ensemble)).toEqual([]);
  await Promise.all(clients.map((client) => client.close()));
}

/** One session goes to each member in turn, and its ephemeral nodes with it. */
async function moveSessions(ensemble: Ensemble): Promise<void> {
  let client = await Client.open(ensemble.member(1));
  const { session } = client;
  await client.ask(create('/e1', '', EPHEMERAL));
  for (const sid of [2, 3, 1]) {
    await client.drop();
    client = await Client.open(ensemble.member(sid), { session });
    expect([sid, client.isRefused, client.session.id]).toEqual([sid, false, session.id]);
    await client.ask({ op: 'sync', path: '/' });
    expect((await client.ask(exists('/e1'))).text).toContain(`ephemeralOwner=${session.id}`);
    expect((await client.ask(create(`/moved${sid}`, '', EPHEMERAL))).err).toBe(0);
  }
  await client.close();
  for (const member of ensemble.members) {
    const reader = await Client.open(member);
    await reader.ask({ op: 'sync', path: '/' });
    const left = await Promise.all(
      ['/e1', '/moved1', '/moved2', '/moved3'].map((path) => reader.ask(exists(path))),
    );
    expect(left.map(({ err }) => err)).toEqual([NONODE, NONODE, NONODE, NONODE]);
    await reader.close();
  }
}

const NONODE = -101;
const BADVERSION = -103;
const NODEEXISTS = -110;

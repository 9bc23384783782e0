import { create, exists } from '@corral-test/oracle';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Client } from './harness/client.ts';
import { Ensemble } from './harness/ensemble.ts';
import { until } from './harness/eventually.ts';
import type { Member } from './harness/member.ts';
import { corral, times } from './harness/programs.ts';
import { differences } from './harness/trees.ts';

describe('with db.autocreate=false (ZOOKEEPER-261)', () => {
  test('empty disks are begun where the file initialize says so, which is used up by that', async () => {
    await using ensemble = await initialized();

    expect(ensemble.members.map((member) => existsSync(initializeOf(member)))).toEqual([false, false, false]);
    const client = await Client.open(ensemble.member(1));
    expect((await client.ask(create('/n'))).err).toBe(0);
  });

  test('a member whose disk was lost makes no quorum with one that missed the last writes', async () => {
    await using ensemble = await initialized();
    const [missed, lost, sound] = ensemble.members as [Member, Member, Member];
    await missed.kill();
    const client = await Client.open(sound);
    for (let i = 0; i < 10; i++) expect((await client.ask(create(`/n${i}`))).err).toBe(0);
    await Promise.all([lost.kill(), sound.kill()]);
    rmSync(join(lost.dataDir, 'version-2'), { recursive: true });

    const before = [missed, lost].map(dialled);
    missed.launch();
    lost.launch();
    // A quorum would not take a tenth of the time until they have dialled the third member so often.
    await until('both have looked for long', () =>
      [missed, lost].every((member, i) => dialled(member) >= before[i]! + 4),
    );
    expect(await Promise.all([missed.mode(), lost.mode()])).toEqual(['none', 'none']);
    sound.launch();
    await ensemble.serving();

    const reader = await Client.open(lost);
    for (let i = 0; i < 10; i++) expect((await reader.ask(exists(`/n${i}`))).err).toBe(0);
    expect(await differences(ensemble)).toEqual([]);
  });
});

async function initialized(): Promise<Ensemble> {
  const ensemble = await Ensemble.planned({
    members: times(3, corral),
    config: { 'db.autocreate': 'false' },
  });
  for (const member of ensemble.members) writeFileSync(initializeOf(member), '');
  for (const member of ensemble.members) member.launch();
  await ensemble.serving();
  return ensemble;
}

function initializeOf(member: Member): string {
  return join(member.dataDir, 'initialize');
}

function dialled(member: Member): number {
  return member.log().split('cannot dial for the election').length - 1;
}

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigFile } from './config-file.ts';
import type { Finding } from './finding.ts';
import { type Machine, thisMachine } from './machine.ts';
import { machineFindings } from './machine-rules.ts';

describe('doctor, of the machine', () => {
  let folder: string;
  let config: ConfigFile;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'corral-machine-'));
    const lines = ['one', 'two', '10.0.0.3'].map((host, i) => `server.${i + 1}=${host}:2888:3888;2181\n`);
    writeFileSync(join(folder, 'zoo.cfg'), `dataDir=${folder}\n${lines.join('')}`);
    config = new ConfigFile(join(folder, 'zoo.cfg'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('finds nothing where nothing is wrong', async () => {
    expect(await machineFindings(config, machine({}))).toEqual([]);
  });

  it.each<[string, Partial<Machine>, Partial<Finding>]>([
    [
      'a member without an address',
      { resolve: async (host) => (host === 'two' ? [] : ['10.0.0.1']) },
      { severity: 'bad', rule: 'dns', seen: 'two has no address' },
    ],
    [
      'a member that is on loopback here',
      { resolve: async (host) => (host === 'one' ? ['127.0.1.1'] : ['10.0.0.2']) },
      { severity: 'bad', rule: 'dns-loopback', seen: 'one is 127.0.1.1 here' },
    ],
    [
      'a disk that is slow at times',
      { syncTimes: async () => [...Array.from({ length: 98 }, () => 1), 30, 40] },
      { severity: 'warn', rule: 'disk-slow', seen: 'a sync takes 1.7 ms, and one in a hundred 30.0 ms' },
    ],
    ['a disk that is slow', { syncTimes: async () => [101, 102] }, { severity: 'bad', rule: 'disk-slow' }],
    [
      'swap',
      { swapBytesInUse: async () => 5_000_000 },
      { severity: 'warn', rule: 'swap', seen: '5 MB of swap are in use' },
    ],
  ])('%s', async (_, differences, expected) => {
    expect(await machineFindings(config, machine(differences))).toEqual([expect.objectContaining(expected)]);
  });

  it('asks this one, and leaves nothing behind', async () => {
    const times = await thisMachine.syncTimes(folder);

    expect(times.every((ms) => ms > 0) && times.length > 0).toBe(true);
    expect(readdirSync(folder)).toEqual(['zoo.cfg']);
    expect(await thisMachine.resolve('localhost')).toContainEqual(expect.stringMatching(/^(127\.|::1)/));
    expect(await thisMachine.resolve('nothing.invalid')).toEqual([]);
    expect(await thisMachine.swapBytesInUse()).toSatisfy(
      (bytes: number | undefined) => bytes === undefined || bytes >= 0,
    );
  });
});

function machine(differences: Partial<Machine>): Machine {
  return {
    resolve: async () => ['10.0.0.1'],
    syncTimes: async () => [1, 2, 3],
    swapBytesInUse: async () => 0,
    ...differences,
  };
}

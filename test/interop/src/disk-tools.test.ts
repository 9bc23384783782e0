import { isThere, type ServerProgram } from '@corral-test/oracle';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apaches, corral } from './disk-programs.ts';
import { Relay } from './disk-relay.ts';
import { comparable, compareSnapshots, dumpLog, formatSnapshot } from './disk-tools.ts';
import { workload } from './disk-workload.ts';

const suite = "Apache's tools for files";

describe.each(apaches)(`${suite}: %s`, { concurrent: true }, (version, apache) => {
  const isPossible = isThere(suite, corral) && isThere(`${suite}: ${version}`, apache);
  const folder = mkdtempSync(join(tmpdir(), 'corral-tools-'));
  const ours = join(folder, 'ours');
  const theirs = join(folder, 'theirs');
  beforeAll(async () => {
    if ('missing' in corral || 'missing' in apache) return;
    await write(corral, ours, apache);
    await write(apache, theirs, apache);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.runIf(isPossible)(
    'TxnLogToolkit reads every log file, and prints the transactions that Apache logs for the same requests',
    async () => {
      if ('missing' in apache) return;
      expect(filesIn(ours, 'log').length).toBeGreaterThan(1);

      const [found, expected] = [await dumpLogs(apache, ours), await dumpLogs(apache, theirs)];

      expect(expected.length).toBeGreaterThan(600);
      expect(comparable(found)).toEqual(comparable(expected));
    },
  );

  test.runIf(isPossible)(
    'SnapshotFormatter reads every snapshot taken while requests went on, and finds nothing newer than its name',
    async () => {
      if ('missing' in apache) return;
      const snapshots = filesIn(ours, 'snapshot');
      // The first is taken at the start. One that is due while another is written is left out: a slow disk leaves few.
      expect(snapshots.length).toBeGreaterThan(1);
      for (const snapshot of snapshots) {
        const zxid = snapshot.replace(/.*\./, '0x');

        const parts = await formatSnapshot(apache, snapshot);

        expect(parts).toContain(`Last zxid: ${zxid}\n`);
      }
    },
  );

  test.runIf(isPossible).for(['', 'gz', 'snappy'])(
    'SnapshotFormatter and SnapshotComparer find the same in a snapshot as in that of Apache (compression: "%s")',
    async (compression) => {
      if ('missing' in corral || 'missing' in apache) return;
      const [one, other] = await Promise.all(
        [corral, apache].map((program) => snapshotOfLogs(program, ours, compression)),
      );

      expect(await formatSnapshot(apache, one!)).toEqual(await formatSnapshot(apache, other!));
      const { left, right, differences } = await compareSnapshots(apache, one!, other!);
      expect(left).toEqual(right);
      expect(differences).toEqual(['All layers compared.']);
    },
  );
});

async function write(program: ServerProgram, dataDir: string, apache: ServerProgram): Promise<void> {
  await using relay = await Relay.start(program, dataDir);
  await relay.play(workload(1, apache));
}

/** The snapshot with which a server begins that finds log files and nothing else. */
async function snapshotOfLogs(program: ServerProgram, dataDir: string, compression: string): Promise<string> {
  const copy = mkdtempSync(join(dataDir, '../logs-'));
  cpSync(dataDir, copy, { recursive: true, filter: (path) => !basename(path).startsWith('snapshot.') });
  const properties = {
    'zookeeper.snapshot.trust.empty': 'true',
    'zookeeper.snapshot.compression.method': compression,
  };
  await using relay = await Relay.start(program, copy, { properties });
  expect(await relay.digestMismatches()).toBe('0');
  return filesIn(copy, 'snapshot')[0]!;
}

async function dumpLogs(apache: ServerProgram, dataDir: string): Promise<string[]> {
  const txns: string[] = [];
  for (const file of filesIn(dataDir, 'log')) txns.push(...(await dumpLog(apache, file)));
  return txns;
}

/** In the order of their zxids. */
function filesIn(dataDir: string, kind: 'log' | 'snapshot'): string[] {
  const version2 = join(dataDir, 'version-2');
  const names = readdirSync(version2).filter((name) => name.startsWith(`${kind}.`));
  const zxidOf = (name: string): number => Number.parseInt(name.split('.')[1]!, 16);
  return names.toSorted((a, b) => zxidOf(a) - zxidOf(b)).map((name) => join(version2, name));
}

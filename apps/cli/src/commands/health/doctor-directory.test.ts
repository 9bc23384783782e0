import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestEnsemble, startTestServer } from '@corral/testing/node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CommandRunner, type Told } from '../../../test/command.ts';
import type { Finding } from '../../doctor/finding.ts';

describe('doctor, of a data directory', () => {
  let folder: string;
  /** Of a server that was started three times, with writes in each life. */
  let alone: string;
  let member: string;
  /** A copy, to be broken. */
  let broken: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'corral-doctor-'));
    const dataDir = join(folder, 'alone');
    for (const life of [1, 2, 3]) {
      await using server = await startTestServer({
        dataDir,
        config: { snapCount: 4, autopurge: { snapRetainCount: 100, intervalMs: 0 } },
      });
      const client = await server.client();
      // A snapshot is taken meanwhile, and is there when it is there.
      for (let i = 0; i < 1000 && snapshotsIn(dataDir) <= life; i++)
        await client.create(`/life-${life}-${i}`, `of life ${life}`);
      await client.create(`/life-${life}-last`);
      await server.stop();
    }
    alone = dataDir;
    const ensembleDir = join(folder, 'ensemble');
    {
      await using ensemble = await startTestEnsemble({ size: 3, dataDir: ensembleDir });
      const client = await ensemble.client();
      await client.create('/a', 'data');
    }
    member = join(ensembleDir, '1');
    writeFileSync(join(member, 'myid'), '1\n');
    broken = join(folder, 'broken');
  });

  beforeEach(() => rmSync(broken, { recursive: true, force: true }));

  afterAll(() => rmSync(folder, { recursive: true }));

  it('finds nothing in whole ones, tells what is there, and changes nothing', async () => {
    for (const directory of [alone, member]) {
      const before = contentOf(directory);

      const { code, stdout, stderr } = await doctor(directory);

      expect([code, stdout]).toEqual([0, '']);
      expect(stderr).toMatch(
        /: \d+ log files?, \d+ snapshots?, last transaction [\da-f]+(, epoch \d+)?, \d+ nodes\n.*: nothing found\n$/,
      );
      expect(contentOf(directory) === before).toBe(true);
    }
    expect((await doctor(join(alone, 'version-2'))).code).toBe(0);
  });

  it.each<[string, () => void, readonly Partial<Finding>[]]>([
    [
      'a byte that changed in the newest log',
      () => flip(newest('log'), 16 + 12 + 30),
      [
        {
          severity: 'bad',
          rule: 'damage',
          where: expect.stringMatching(/log\.[\da-f]+ at byte 16$/) as string,
        },
      ],
    ],
    [
      'a byte that changed in a log that only older snapshots need',
      () => flip(files('log')[0]!, 16 + 12 + 30),
      [{ severity: 'warn', rule: 'damage', where: expect.stringMatching(/log\.1 at byte 16$/) as string }],
    ],
    [
      'a log that was torn when its server died',
      () => writeBehind(newest('log'), [1, 2, 3, 4, 5]),
      [
        {
          severity: 'warn',
          rule: 'torn-tail',
          seen: expect.stringMatching(/was torn at byte \d+ .*; 5 bytes are kept/) as string,
        },
      ],
    ],
    [
      'a log that is missing between a snapshot and the next log',
      () => {
        rmSync(files('log')[1]!);
        for (const name of files('snapshot').slice(1)) rmSync(name);
      },
      [
        {
          severity: 'bad',
          rule: 'log-gap',
          seen: expect.stringMatching(/^transactions between [\da-f]+ and [\da-f]+ are missing$/) as string,
        },
      ],
    ],
    [
      'the newest log is gone',
      () => rmSync(newest('log')),
      [{ severity: 'bad', rule: 'damage', seen: expect.stringContaining('is missing') as string }],
    ],
    [
      'a file that no server has made',
      () => writeFileSync(join(broken, 'version-2', 'log.old.gz'), ''),
      [{ severity: 'bad', rule: 'damage', where: expect.stringMatching(/log\.old\.gz$/) as string }],
    ],
    [
      'the newest snapshot is damaged',
      () => flip(newest('snapshot'), 60),
      [
        {
          severity: 'warn',
          rule: 'snapshot-damage',
          where: expect.stringMatching(/snapshot\.\w+$/) as string,
        },
      ],
    ],
    [
      'the newest snapshot is cut off',
      () => truncateSync(newest('snapshot'), statSync(newest('snapshot')).size - 3),
      [{ severity: 'warn', rule: 'snapshot-damage', seen: 'it ends too early' }],
    ],
    [
      'all snapshots are damaged',
      () => {
        for (const name of files('snapshot')) flip(name, 60);
      },
      [1, 2, 3, 4].map(() => ({ severity: 'bad' as const, rule: 'snapshot-damage' })),
    ],
    [
      'there is no snapshot',
      () => {
        for (const name of files('snapshot')) rmSync(name);
      },
      [{ severity: 'bad', rule: 'no-snapshot' }],
    ],
    [
      'nobody purges',
      () => {
        const last = newest('snapshot');
        for (let i = 1; i < 40; i++) copyFileSync(last, `${last}${i.toString(16).padStart(2, '0')}`);
      },
      [{ severity: 'warn', rule: 'not-purged', seen: expect.stringMatching(/^4\d snapshots$/) as string }],
    ],
    [
      'a snapshot that was not finished',
      () => writeFileSync(join(broken, 'version-2', 'unfinished-snapshot.7'), 'x'),
      [{ severity: 'warn', rule: 'leftover' }],
    ],
    [
      'a myid that is none',
      () => writeFileSync(join(broken, 'myid'), 'one'),
      [{ severity: 'bad', rule: 'myid', seen: '"one" is no number' }],
    ],
  ])('of a server that stands alone: %s', async (_, spoil, expected) => {
    cpSync(alone, broken, { recursive: true });
    spoil();
    const before = contentOf(broken);

    expect(await findingsIn(broken)).toEqual(
      expected.map((finding) => expect.objectContaining(finding) as unknown),
    );
    expect(contentOf(broken) === before).toBe(true);
  });

  it.each<[string, () => void, Partial<Finding>]>([
    [
      'no myid',
      () => rmSync(join(broken, 'myid')),
      { severity: 'bad', rule: 'myid', seen: 'there is no such file' },
    ],
    [
      'a current epoch that is older than its transactions',
      () => writeFileSync(join(broken, 'version-2', 'currentEpoch'), '0'),
      { severity: 'bad', rule: 'epoch', seen: 'currentEpoch is 0, and the last transaction is of epoch 1' },
    ],
    [
      'no current epoch',
      () => rmSync(join(broken, 'version-2', 'currentEpoch')),
      { severity: 'bad', rule: 'epoch', seen: expect.stringContaining('missing') as string },
    ],
    [
      'an accepted epoch below the current one',
      () => writeFileSync(join(broken, 'version-2', 'acceptedEpoch'), '0'),
      { severity: 'bad', rule: 'epoch', where: expect.stringContaining('acceptedEpoch') as string },
    ],
    [
      'an epoch that is no number',
      () => writeFileSync(join(broken, 'version-2', 'acceptedEpoch'), 'one'),
      { severity: 'bad', rule: 'epoch', seen: 'not an epoch' },
    ],
  ])('of a member: %s', async (_, spoil, expected) => {
    cpSync(member, broken, { recursive: true });
    spoil();

    expect(await findingsIn(broken)).toEqual([expect.objectContaining(expected)]);
  });

  it('takes a log that lies elsewhere, and refuses what is no data directory', async () => {
    cpSync(alone, broken, { recursive: true });
    const logDir = join(folder, 'log');
    cpSync(alone, logDir, { recursive: true });
    for (const name of readdirSync(join(broken, 'version-2')))
      rmSync(join(name.startsWith('snapshot') ? logDir : broken, 'version-2', name));

    expect((await doctor(broken, '--log-dir', logDir)).code).toBe(0);
    expect(await doctor(folder)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has no version-2') as string,
    });
    renameSync(join(logDir, 'version-2'), join(logDir, 'version-3'));
    expect((await doctor(broken, '--log-dir', logDir)).code).toBe(2);
    expect((await doctor(broken, '--server', 'a:1')).code).toBe(2);
  });

  /** In the order of their transactions. */
  function files(kind: 'log' | 'snapshot'): readonly string[] {
    return readdirSync(join(broken, 'version-2'))
      .filter((name) => name.startsWith(`${kind}.`))
      .toSorted((a, b) => Number.parseInt(a.split('.')[1]!, 16) - Number.parseInt(b.split('.')[1]!, 16))
      .map((name) => join(broken, 'version-2', name));
  }

  function newest(kind: 'log' | 'snapshot'): string {
    return files(kind).at(-1)!;
  }

  function doctor(directory: string, ...words: readonly string[]): Promise<Told> {
    return CommandRunner.without('localhost:1').run(['doctor', directory, ...words]);
  }

  /** How full the disk is that runs this is nobody's business. */
  async function findingsIn(directory: string): Promise<readonly Finding[]> {
    const { stdout } = await doctor(directory, '--json');
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as Finding).filter(({ rule }) => rule !== 'disk-full');
  }
});

function snapshotsIn(dataDir: string): number {
  return readdirSync(join(dataDir, 'version-2')).filter((name) => name.startsWith('snapshot.')).length;
}

function flip(path: string, offset: number): void {
  const file = openSync(path, 'r+');
  const byte = new Uint8Array(1);
  readSync(file, byte, 0, 1, offset);
  byte[0]! ^= 0xff;
  writeSync(file, byte, 0, 1, offset);
  closeSync(file);
}

/** Behind the last byte that is not zero: padding follows. */
function writeBehind(path: string, bytes: readonly number[]): void {
  const content = readFileSync(path);
  let end = content.length;
  while (content[end - 1] === 0) end--;
  const file = openSync(path, 'r+');
  writeSync(file, Uint8Array.from(bytes), 0, bytes.length, end);
  closeSync(file);
}

function contentOf(directory: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted()) {
    hash.update(name);
    if (statSync(join(directory, name)).isFile()) hash.update(readFileSync(join(directory, name)));
  }
  return hash.digest('hex');
}

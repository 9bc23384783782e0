import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { parseCommandLine } from './command-line.ts';
import { ExitCode } from './exit-code.ts';
import { initialize } from './initialize.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corral-check-'));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

type Word = typeof check;

function run(word: Word, name: string, config: string, ...options: string[]): [ExitCode, string[]] {
  const file = join(folder, 'zoo.cfg');
  writeFileSync(file, config);
  const lines: string[] = [];
  const code = word(parseCommandLine([name, file, ...options], {}), {}, (text) =>
    lines.push(text.trimEnd().replaceAll(folder, '')),
  );
  return [code, lines];
}

describe('check', () => {
  test('says that a server starts with it', () => {
    expect(run(check, 'check', `dataDir=${folder}/data\nclientPort=2181\n`)).toEqual([
      ExitCode.finished,
      ['/zoo.cfg: a server starts with it'],
    ]);
  });

  test('says all lines that are wrong, not the first alone', () => {
    const config = `dataDir=${folder}/data\nclientPort=2181\ntickTime=many\nreconfigEnabled=perhaps\n`;
    const [code, lines] = run(check, 'check', config);
    expect([code, lines.length]).toEqual([ExitCode.invalidInvocation, 3]);
    expect(lines[0]).toMatch(/^error: \/zoo\.cfg, line 3, tickTime: /);
    expect(lines[1]).toMatch(/^error: \/zoo\.cfg, line 4, reconfigEnabled: /);
    expect(lines[2]).toBe('/zoo.cfg: 2 errors');
  });

  test('says what only the whole shows, and what has no effect', () => {
    const [code, lines] = run(check, 'check', `dataDir=${folder}/data\nclientPort=70000\n`);
    expect([code, lines[0]]).toEqual([
      ExitCode.invalidInvocation,
      'error: /zoo.cfg: port out of range:70000',
    ]);
    const [, odd] = run(check, 'check', `dataDir=${folder}/data\nclientPort=2181\nnonsense=1\n`);
    expect(odd[0]).toMatch(/^warning: nonsense in \/zoo\.cfg has no effect/);
  });

  test('says of a missing directory that nobody would make it', () => {
    const [code, lines] = run(
      check,
      'check',
      `dataDir=${folder}/data\nclientPort=2181\ndatadir.autocreate=false\n`,
    );
    expect([code, lines[0]]).toEqual([
      ExitCode.invalidInvocation,
      'error: /data is missing, and datadir.autocreate is off',
    ]);
  });
});

describe('initialize', () => {
  const config = (): string => `dataDir=${folder}/data\ndataLogDir=${folder}/log\nclientPort=2181\n`;

  test('makes empty directories, myid, and the word that empty is right', () => {
    expect(run(initialize, 'initialize', config(), '--myid', '3')).toEqual([
      ExitCode.finished,
      ['Using myid of 3'],
    ]);
    expect(readFileSync(join(folder, 'data/myid'), 'utf8')).toBe('3\n');
    expect(readFileSync(join(folder, 'data/initialize'), 'utf8')).toBe('');
  });

  test('leaves data alone, unless it is forced', () => {
    mkdirSync(join(folder, 'log/version-2'), { recursive: true });
    writeFileSync(join(folder, 'log/version-2/log.1'), 'x');
    expect(run(initialize, 'initialize', config())).toEqual([
      ExitCode.unexpected,
      ['ZooKeeper txnlog directory already exists at /log (or use --force to force re-initialization)'],
    ]);
    const [code, lines] = run(initialize, 'initialize', config(), '--force');
    expect([code, lines[0]]).toEqual([
      ExitCode.finished,
      'Force enabled, data/txnlog directories will be re-initialized',
    ]);
    expect(() => readFileSync(join(folder, 'log/version-2/log.1'))).toThrow('ENOENT');
  });

  test('works for a member whose myid is not there yet', () => {
    const members =
      'server.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888\ninitLimit=5\nsyncLimit=2\n';
    expect(run(initialize, 'initialize', config() + members, '--myid', '2')[0]).toBe(ExitCode.finished);
  });
});

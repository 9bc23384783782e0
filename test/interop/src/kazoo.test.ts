import { candidate, freePorts, isThere, type Missing } from '@corral-test/oracle';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deselected } from './kazoo-deselected.ts';
import { runProgram } from './run-program.ts';

const suite = "kazoo's own tests";
const standIn = join(import.meta.dirname, '../kazoo');
const limitMs = 420_000;
const servers = 3;
const portsWanted = (servers - 1) * 10 + 4;

const program = candidate();
const python = debianPython();

describe.runIf(isThere(suite, program) && isThere(suite, python))(suite, () => {
  test('pass against three servers, all but those named', { timeout: limitMs + 30_000 }, async () => {
    if ('missing' in program || 'missing' in python) return;
    const folder = mkdtempSync(join(tmpdir(), 'corral-kazoo-'));
    const leftOut = deselected(program);
    const report = join(folder, 'report.xml');
    const words = [
      '-m',
      'pytest',
      '-p',
      'no:cacheprovider',
      '-q',
      '--pyargs',
      'kazoo.tests',
      `--junitxml=${report}`,
      ...leftOut.map(({ name }) => `--deselect=${name}`),
    ];
    const [first, ...rest] = program.command('', {});
    const port = await firstOf(portsWanted);

    const { output } = await runProgram(python.path, words, {
      limitMs,
      cwd: folder,
      env: {
        PATH: `${standIn}:${process.env['PATH']}`,
        PYTHONPATH: standIn,
        PYTHONDONTWRITEBYTECODE: '1',
        STAND_IN_PROGRAM: first!,
        STAND_IN_WORDS: rest.join(' '),
        STAND_IN_LOG: join(folder, 'server.log'),
        ZOOKEEPER_CLASSPATH: '-',
        ZOOKEEPER_VERSION: '3.9.5',
        ZOOKEEPER_CLUSTER_SIZE: `${servers}`,
        ZOOKEEPER_PORT_OFFSET: `${port}`,
      },
    });

    const results = readResults(report);
    for (const { name, reason } of leftOut) console.log(`left out: ${name}: ${reason}`);
    console.log(
      `kazoo: ${results.passed} passed, ${results.failed.length} failed, ${results.skipped} skipped`,
    );
    leaveCounts(results);
    expect(results.failed, output.slice(-20_000)).toEqual([]);
    expect(results.passed).toBeGreaterThan(300);
    rmSync(folder, { recursive: true });
  });
});

/** The first of so many free ports in a row: each server takes four, ten apart. */
async function firstOf(count: number): Promise<number> {
  for (;;) {
    const ports = await freePorts(count);
    const first = ports[0]!;
    if (ports.at(-1) === first + count - 1) return first;
  }
}

/** The interpreter that sees Debian's packages, which need not be the first `python3` on the PATH. */
function debianPython(): { readonly path: string } | Missing {
  const path = '/usr/bin/python3';
  const probe = spawnSync(path, ['-c', 'import kazoo.tests, pytest, objgraph'], { encoding: 'utf8' });
  return probe.status === 0 ? { path } : { missing: 'python3-kazoo, python3-pytest or python3-objgraph' };
}

interface Results {
  readonly passed: number;
  readonly skipped: number;
  readonly failed: readonly string[];
}

function readResults(report: string): Results {
  const cases = readFileSync(report, 'utf8').split('<testcase ').slice(1);
  const failed = cases.filter((text) => /<(failure|error)\b/.test(text)).map(nameOf);
  const skipped = cases.filter((text) => text.includes('<skipped')).length;
  return { passed: cases.length - failed.length - skipped, skipped, failed };
}

function nameOf(testcase: string): string {
  return `${/classname="([^"]*)"/.exec(testcase)?.[1]}.${/name="([^"]*)"/.exec(testcase)?.[1]}`;
}

/** Counted with all other tests, beside the one spec that this is. */
function leaveCounts({ passed, skipped, failed }: Results): void {
  const folder = join(import.meta.dirname, '../.reports');
  mkdirSync(folder, { recursive: true });
  const counts = { numPassedTests: passed, numFailedTests: failed.length, numPendingTests: skipped };
  writeFileSync(join(folder, 'kazoo.json'), JSON.stringify(counts));
}

// What the suites left behind, summed: each workspace whose package.json has a script `test` (or `interop`) leaves
// `.reports/<script>.json` in its folder, written by vitest or in the shape below. More files there are counted too.
// Run by itself this prints the sum of both.
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Skipped. */
  readonly numPendingTests: number;
  readonly numTodoTests?: number;
  /** One per file; a file that could not be loaded or set up has failed without a failed test in it. */
  readonly testResults?: readonly FileResult[];
}

interface FileResult {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly failureMessages?: readonly string[];
  }[];
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What a reader should know besides the numbers: failed and skipped tests, files that did not load, missing reports. */
  readonly notes: readonly string[];
}

/** Characters: an assertion with its difference, and the line it stands in. */
const REASON_MAX = 1500;
const root = dirname(import.meta.dirname);
const workspaces = ['packages/*', 'apps/*', 'test/*', 'docs/examples/*'];

export function clearReports(): void {
  for (const folder of globSync(
    workspaces.map((pattern) => `${pattern}/.reports`),
    { cwd: root },
  )) {
    rmSync(join(root, folder), { recursive: true });
  }
}

/** @param scripts those that have run, and must have left a report */
export function sumReports(scripts: readonly string[]): Counts {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  const notes: string[] = [];
  for (const file of globSync(
    workspaces.map((pattern) => `${pattern}/.reports/*.json`),
    { cwd: root },
  ).toSorted()) {
    const report = JSON.parse(readFileSync(join(root, file), 'utf8')) as Report;
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    skipped += report.numPendingTests + (report.numTodoTests ?? 0);
    for (const { name, status, assertionResults } of report.testResults ?? []) {
      if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) {
        failed++;
        notes.push(`did not come to its tests: ${name}`);
      }
      for (const test of assertionResults) {
        if (test.status === 'failed') notes.push(`failed: ${test.fullName}${reasonOf(test.failureMessages)}`);
        else if (test.status !== 'passed') notes.push(`${test.status}: ${test.fullName}`);
      }
    }
  }
  for (const missing of missingReports(scripts)) {
    failed++;
    notes.push(`left no report: ${missing}`);
  }
  return { passed, failed, skipped, notes };
}

function reasonOf(messages: readonly string[] = []): string {
  const text = messages.join('\n').slice(0, REASON_MAX).trimEnd();
  return text === '' ? '' : `\n${text.replaceAll(/^/gmu, '  ')}`;
}

/** A suite that was killed, or never began, counts as a failure: nothing is green by absence. */
function missingReports(scripts: readonly string[]): string[] {
  return globSync(
    workspaces.map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  ).flatMap((path) => {
    const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as {
      scripts?: Record<string, string>;
    };
    return scripts
      .filter((script) => manifest.scripts?.[script] !== undefined)
      .filter((script) => !existsSync(join(root, dirname(path), '.reports', `${script}.json`)))
      .map((script) => `${script} of ${dirname(path)}`);
  });
}

export function printCounts({ passed, failed, skipped, notes }: Counts): void {
  for (const note of notes) console.log(note);
  console.log(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
}

if (import.meta.main) printCounts(sumReports(['test', 'interop']));

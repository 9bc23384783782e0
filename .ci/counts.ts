// What the suites left behind, summed: each workspace with tests writes `.reports/<script>.json` with (at least) the
// fields of Counts below, as vitest's JSON reporter does. Run by itself it prints the sum.
import { globSync, readFileSync, rmSync } from 'node:fs';
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
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What a reader should know besides the numbers: skipped tests, files that did not load, missing reports. */
  readonly notes: readonly string[];
}

const root = dirname(import.meta.dirname);
const workspaces = ['packages/*', 'apps/*', 'test/*'];

export function clearReports(): void {
  for (const folder of globSync(
    workspaces.map((pattern) => `${pattern}/.reports`),
    { cwd: root },
  )) {
    rmSync(join(root, folder), { recursive: true });
  }
}

export function sumReports(): Counts {
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
        if (test.status !== 'passed' && test.status !== 'failed')
          notes.push(`${test.status}: ${test.fullName}`);
      }
    }
  }
  for (const workspace of workspacesWithoutReport()) {
    failed++;
    notes.push(`left no report: ${workspace}`);
  }
  return { passed, failed, skipped, notes };
}

/** A `test` script that was killed, or never began, counts as a failure: nothing is green by absence. */
function workspacesWithoutReport(): string[] {
  return globSync(
    workspaces.map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  )
    .filter((manifest) => {
      const { scripts } = JSON.parse(readFileSync(join(root, manifest), 'utf8')) as {
        scripts?: { test?: string };
      };
      return scripts?.test !== undefined;
    })
    .map((manifest) => dirname(manifest))
    .filter((workspace) => globSync(`${workspace}/.reports/test.json`, { cwd: root }).length === 0);
}

export function printCounts({ passed, failed, skipped, notes }: Counts): void {
  for (const note of notes) console.log(note);
  console.log(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
}

if (import.meta.main) printCounts(sumReports());

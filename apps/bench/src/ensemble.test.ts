import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { tcp } from '@corral/transport-tcp';
import { expect, test } from 'vitest';
import type { EnsembleOptions } from './ensemble.ts';
import { perform } from './perform.ts';

const server = fileURLToPath(new URL('../../server/bin/corral-server.js', import.meta.url));
const ensemble: EnsembleOptions = {
  launcher: [process.execPath, server, 'start-foreground'],
  size: 3,
  tickTimeMs: 500,
  lines: ['snapCount=1000'],
};

test('failover kills the leader, says how long nobody could write, and leaves nothing behind', async () => {
  let out = '';
  await perform({ kind: 'failover', ensemble, kills: 2, isJson: true }, tcp(), '/x', (line) => (out += line));
  const rows = linesOf(out) as { kill: number; gap_ms: number }[];
  expect(rows.map(({ kill }) => kill)).toEqual([1, 2]);
  expect(rows.every(({ gap_ms }) => gap_ms > 0)).toBe(true);
  expect(await foldersLeft()).toEqual([]);
});

test('catch-up lets a server miss transactions, and says how long it took to get them', async () => {
  let out = '';
  const task = {
    kind: 'catch-up',
    ensemble,
    missed: 500,
    keys: 10,
    bytes: 10,
    rounds: 2,
    isJson: true,
  } as const;
  await perform(task, tcp(), '/x', (line) => (out += line));
  expect(linesOf(out)).toMatchObject([
    { round: 1, missed: 500 },
    { round: 2, missed: 500 },
  ]);
  expect(await foldersLeft()).toEqual([]);
});

test('a launcher that does not exist is an error at once', async () => {
  const launcher = ['/does/not/exist'];
  const task = { kind: 'failover', ensemble: { ...ensemble, launcher }, kills: 1, isJson: false } as const;
  await expect(perform(task, tcp(), '/x', () => {})).rejects.toThrow('/does/not/exist');
  expect(await foldersLeft()).toEqual([]);
});

function linesOf(text: string): unknown[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

/** Of this process: others may run the same. */
async function foldersLeft(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith(`corral-bench-${process.pid}-`));
}

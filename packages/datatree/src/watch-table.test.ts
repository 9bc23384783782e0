import { expect, test } from 'vitest';
import { Random } from '../test/random.ts';
import { ANY_CHILD, ANY_DATA, RECURSIVE, WatchTable } from './watch-table.ts';

test('whatever is added and removed, the table says what a plain list would, and is empty in the end', () => {
  const random = new Random(7);
  const table = new WatchTable<object>();
  const connections = Array.from({ length: 6 }, () => ({}));
  const plain = new Map<string, number>();
  const keyOf = (connection: object, path: string) => `${connections.indexOf(connection)} ${path}`;
  for (let i = 0; i < 20_000; i++) {
    const connection = random.pick(connections);
    const path = `/${random.below(8)}`;
    const modes = 1 << random.below(5);
    const key = keyOf(connection, path);
    if (random.below(3) > 0) {
      table.add(connection, path, modes);
      plain.set(key, (plain.get(key) ?? 0) | modes);
    } else if (random.below(10) > 0) {
      table.remove(connection, path, modes);
      plain.set(key, (plain.get(key) ?? 0) & ~modes);
    } else {
      table.removeAll(connection);
      for (let p = 0; p < 8; p++) plain.delete(keyOf(connection, `/${p}`));
    }
    expect(table.modesOf(connection, path)).toBe(plain.get(key) ?? 0);
  }
  const all = [...plain.values()];
  expect(table.dataCount).toBe(all.filter((modes) => (modes & ANY_DATA) !== 0).length);
  expect(table.childCount).toBe(all.filter((modes) => (modes & ANY_CHILD) !== 0).length);
  const inData = [...plain].filter(([, modes]) => (modes & ANY_DATA) !== 0).map(([key]) => key.split(' '));
  expect(table.dataWatcherCount).toBe(new Set(inData.map(([connection]) => connection)).size);
  expect(table.dataPathCount).toBe(new Set(inData.map(([, path]) => path)).size);
  expect(table.recursiveCount).toBe(all.filter((modes) => (modes & RECURSIVE) !== 0).length);
  for (const connection of connections) table.removeAll(connection);
  expect([table.paths.size, table.watchers.size]).toEqual([0, 0]);
  expect([table.dataCount, table.childCount, table.recursiveCount]).toEqual([0, 0, 0]);
  expect([table.dataPathCount, table.dataWatcherCount]).toEqual([0, 0]);
});

import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const scenarios = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .map((path) => /(?:^|\/)(zookeeper-\d+)[^/]*\.test\.ts$/.exec(path)?.[1])
  .filter((id) => id !== undefined);

it('the table of the README has a row for every scenario', () => {
  expect(scenarios.filter((id) => !readme.includes(`\n| ${id.replace('zookeeper-', '')}`))).toEqual([]);
});

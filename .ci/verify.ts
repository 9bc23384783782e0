// All of `npm test`: what turbo knows how to cache, then the ring tags, then the counts.
import { spawnSync } from 'node:child_process';
import { clearReports, printCounts, sumReports } from './counts.ts';

const checks = [
  ['run', 'build', 'format', 'lint', 'types', 'unused', 'test', '--continue', '--output-logs=errors-only'],
  ['boundaries'],
];

clearReports();
const isGreen = checks.map((args) => spawnSync('turbo', args, { stdio: 'inherit' }).status === 0);
const counts = sumReports(['test']);
printCounts(counts);
process.exitCode = isGreen.every(Boolean) && counts.failed === 0 ? 0 : 1;

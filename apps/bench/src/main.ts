#!/usr/bin/env node
import { tcp } from '@corral/transport-tcp';
import { parseCommandLine, type Task } from './command-line.ts';
import { perform } from './perform.ts';

const { stdout, stderr } = process;
const task: Task | number = parseCommandLine(process.argv.slice(2), {
  writeOut: (text) => void stdout.write(text),
  writeErr: (text) => void stderr.write(text),
});
// Servers that were started here end with this process; 128 and the number of the signal, as shells say it.
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
if (typeof task === 'number') process.exitCode = task;
else {
  try {
    await perform(task, tcp(), `/corral-bench-${process.pid}`, (line) => void stdout.write(line));
  } catch (error) {
    stderr.write(`corral-bench: ${error instanceof Error ? error.message : String(error)}\n`);
    // Sessions that are still open must not keep it waiting.
    process.exit(1);
  }
}

#!/usr/bin/env node
import { tcp } from '@corral/transport-tcp';
import { parseCommandLine, type Task } from './command-line.ts';
import { perform } from './perform.ts';

const { stdout, stderr } = process;
const task: Task | number = parseCommandLine(process.argv.slice(2), {
  writeOut: (text) => void stdout.write(text),
  writeErr: (text) => void stderr.write(text),
});
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

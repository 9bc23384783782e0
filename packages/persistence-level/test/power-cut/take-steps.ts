import { openSync, writeSync } from 'node:fs';
import { levelStorage } from '../../src/index.ts';
import { type Step, take } from './steps.ts';

/** Takes the steps in a directory, and marks the beginning and the end of each in a file. */
const [dataDir, marksFile, steps] = process.argv.slice(2);
const marks = openSync(marksFile!, 'w');
let storage = await levelStorage({ dataDir: dataDir! });
writeSync(marks, 'opened\n');
for (const step of JSON.parse(steps!) as readonly Step[]) {
  writeSync(marks, 'begin\n');
  if (step[0] === 'reopen') {
    await storage.close();
    storage = await levelStorage({ dataDir: dataDir! });
  } else await take(storage, step);
  writeSync(marks, 'end\n');
}
// The process just ends: nothing is closed.
process.exit(0);

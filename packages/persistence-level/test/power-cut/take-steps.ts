import { openSync, writeSync } from 'node:fs';
import { levelStorage } from '../../src/index.ts';
import { type Step, take } from './steps.ts';

/** Takes the steps in a directory, and marks the beginning and the end of each, by its number, in a file. */
const [dataDir, marksFile, steps, first] = process.argv.slice(2);
const marks = openSync(marksFile!, 'a');
const mark = (text: string): void => void writeSync(marks, `${text}\n`);
const besides: Promise<void>[] = [];
let storage = await levelStorage({ dataDir: dataDir! });
mark('opened');
for (const [at, step] of (JSON.parse(steps!) as readonly Step[]).entries()) {
  const number = Number(first) + at;
  mark(`begin ${number}`);
  // Nothing is closed, and nobody waited for.
  if (step[0] === 'die') process.exit(0);
  if (step[0] === 'beside') {
    besides.push(take(storage, step[1]).then(() => mark(`end ${number}`)));
    continue;
  }
  if (step[0] === 'reopen') {
    await Promise.all(besides.splice(0));
    await storage.close();
    storage = await levelStorage({ dataDir: dataDir! });
  } else await take(storage, step);
  mark(`end ${number}`);
}
await Promise.all(besides);
// The process just ends: nothing is closed.
process.exit(0);

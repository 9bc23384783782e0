import { writeSync } from 'node:fs';
import { levelStorage } from '../src/index.ts';
import { append } from './samples.ts';

/** Appends for ever to the storage in the directory it is given, and says each zxid that is durable. */
const storage = await levelStorage({ dataDir: process.argv[2]! });
for (let last = 0; ; last += 5) {
  append(storage.log, last + 1, last + 5);
  await storage.log.sync();
  writeSync(1, `${last + 5}\n`);
}

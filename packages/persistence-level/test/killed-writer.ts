import { writeSync } from 'node:fs';
import { PersistenceError } from '@corral/persistence';
import { levelStorage } from '../src/index.ts';
import { append } from './samples.ts';

/**
 * Appends for ever to the storage in the directory it is given, and says each zxid that is acknowledged; at last, why
 * it goes on no more.
 */
const [dataDir, forceSync] = process.argv.slice(2);
const storage = await levelStorage({ dataDir: dataDir!, forceSync: forceSync === 'true' });
try {
  for (let last = 0; ; last += 5) {
    append(storage.log, last + 1, last + 5);
    await storage.log.sync();
    writeSync(1, `${last + 5}\n`);
  }
} catch (error) {
  writeSync(1, `${error instanceof PersistenceError ? error.code : String(error)}\n`);
}

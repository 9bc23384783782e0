import { fileStorage } from '@corral/persistence-file';
import { levelStorage } from '@corral/persistence-level';
import { serve } from './serving.ts';

/** A server in a process of its own, so that it can be killed: `serve.ts files|level DIRECTORY CONFIG`. */
const [kind, dataDir, config] = process.argv.slice(2) as [string, string, string];
const open = kind === 'level' ? levelStorage : fileStorage;
const server = await serve(await open({ dataDir }), JSON.parse(config));
process.on('SIGTERM', () => {
  void server.close().then(() => process.exit(0));
});
// Nobody else would hear why.
void server.failed.then((error) => console.error('the server stopped by itself:', error));
process.stdout.write(`${server.address.port}\n`);

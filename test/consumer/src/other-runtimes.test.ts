import { memoryStorage } from '@corral/persistence/memory';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { nodeRuntime } from '@corral/runtime/node';
import { defaultServerConfig, type Server, startServer } from '@corral/server';
import { tcp } from '@corral/transport-tcp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { npm } from './programs.ts';
import { Stranger } from './stranger.ts';

const timeout = 300_000;
/** As they are found at the registry, one version each, so that a failure is ours. */
const runtimes = [
  ['Bun', 'bun@1.4.4', 'bun'],
  ['Deno', 'deno@2.9.6', 'deno run --allow-net --allow-read --allow-env --allow-sys --no-check'],
] as const;
const isThere = process.platform === 'linux' || process.platform === 'darwin';

const program = `
import { NoNodeError, utf8 } from '@corral/client';
import { connect } from '@corral/client/node';

const zk = await connect(process.argv[2] + '/');
await zk.create('/app/e', 'x', { mode: 'ephemeral', parents: true });
const watch = zk.watch('/app', { recursive: true });
await watch.ready;
const sets = Array.from({ length: 1000 }, (_, i) => zk.set('/app/e', String(i), { version: i }));
const { value } = await watch.next();
await watch.close();
await Promise.all(sets);
const { data, stat } = await zk.get('/app/e', utf8);
const refused = await zk.get('/none').catch((error) => error);
const [made] = await zk.transaction().create('/app/t', '').delete('/app/t').commit();
await zk.close();
const unreachable = await connect('127.0.0.1:1', { connectTimeout: 200 }).catch((error) => error);
console.log(JSON.stringify([
  value, data, stat.version, refused instanceof NoNodeError, made.path, zk.state, unreachable.name,
], (_, each) => (typeof each === 'bigint' ? 'a bigint' : each)));
`;

/** Run by .ci/run, because it fetches them (100 MB). */
describe.skipIf(!isThere)(
  `other runtimes${isThere ? '' : ' (skipped: not for this system)'}`,
  { timeout },
  () => {
    let stranger: Stranger;
    let server: Server;

    beforeAll(async () => {
      stranger = await Stranger.arrive();
      stranger.write('smoke.mjs', program);
      server = await startServer({
        config: { ...defaultServerConfig, clientPort: 0, clientPortAddress: '127.0.0.1' },
        runtime: nodeRuntime(),
        transport: tcp(),
        storage: await memoryStorage({}),
        logger: silentLogger,
        metrics: collectingMetrics(),
      });
    }, timeout);

    afterAll(async () => {
      await server.close();
      stranger.leave();
    });

    it.each(runtimes)('%s runs the client', async (_, packageOfIt, words) => {
      const line = `${words} smoke.mjs 127.0.0.1:${server.address.port}`;

      const said = await npm(
        stranger.project,
        `exec --yes --loglevel=error --package=${packageOfIt} -- ${line}`,
      );

      expect(JSON.parse(said)).toEqual([
        { type: 'changed', path: '/app/e', zxid: 'a bigint' },
        '999',
        1000,
        true,
        '/app/t',
        'closed',
        'ConnectionLossError',
      ]);
    });
  },
);

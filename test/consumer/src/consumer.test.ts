import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onPinnedNode } from './programs.ts';
import { Stranger } from './stranger.ts';

const timeout = 300_000;
/** Of the tarball of the client, with its sources, and of all tarballs that are installed with it. */
const CLIENT_BYTES_MAX = 200 * 1024;
const CLIENT_CLOSURE_BYTES_MAX = 512 * 1024;

describe('a stranger who installs the packages', { timeout }, () => {
  let stranger: Stranger;

  beforeAll(async () => {
    stranger = await Stranger.arrive();
  }, timeout);

  afterAll(() => stranger.leave());

  it('has every one of them, in one version', () => {
    expect(stranger.installed.length).toBe(stranger.tarballs.length);
    expect(stranger.installed.length).toBeGreaterThan(10);
    expect(new Set(stranger.installed.map(({ version }) => version)).size).toBe(1);
  });

  it('finds nothing in any tarball that publint would complain about', async () => {
    for (const tarball of stranger.tarballs) {
      const { buffer } = new Uint8Array(readFileSync(tarball));
      const { messages } = await publint({ pkgDir: 'package', pack: { tarball: buffer }, strict: true });

      expect({ tarball, messages }).toEqual({ tarball, messages: [] });
    }
  });

  it('can import every entry, and compile that strictly without any types of the platform', async () => {
    const entries = stranger.writeImportOfEverything('everything.ts');

    await stranger.compile();
    await onPinnedNode(stranger.project, 'node', 'everything.js');

    expect(entries.length).toBeGreaterThan(10);
  });

  it('writes a small program that speaks jute', async () => {
    stranger.write(
      'program.ts',
      `import { JuteReader, JuteWriter } from '@corral/jute';
       const writer = new JuteWriter();
       writer.writeString('/path');
       export const path: string | null = new JuteReader(writer.bytes()).readString();`,
    );

    await stranger.compile();

    const program = (await import(join(stranger.project, 'program.js'))) as { path: unknown };
    expect(program.path).toBe('/path');
  });

  it('tests a program on a server in its process, in strict TypeScript and in JavaScript that requires', async () => {
    stranger.write(
      'own-test.ts',
      `import { type Client, NoNodeError, utf8 } from '@corral/client';
       import { connect } from '@corral/client/node';
       import { type Lease, mutex } from '@corral/recipes';
       import { startTestServer, type TestServer } from '@corral/testing/node';

       async function guarded(server: TestServer): Promise<readonly unknown[]> {
         await using zk: Client = await connect(server.connectString, { sessionTimeout: 5000 });
         const other = await server.client();
         const lease: Lease = await mutex(zk, '/lock').acquire({ timeoutMs: 5000 });
         await lease.transaction().create('/guarded', 'x').commit();
         const none: unknown = await zk.get('/none').catch((error: unknown) => error);
         const { data } = await other.get('/guarded', utf8);
         await server.expireSession(zk);
         await using next = await mutex(other, '/lock').acquire();
         return [none instanceof NoNodeError, data.toUpperCase(), next.fencingToken > lease.fencingToken];
       }

       const server = await startTestServer();
       export const seen: readonly unknown[] = await guarded(server);
       await server.close();`,
    );
    stranger.write(
      'own-test.cjs',
      `const { utf8 } = require('@corral/client');
       const { partition } = require('@corral/recipes');
       const { startTestServer } = require('@corral/testing/node');
       (async () => {
         const server = await startTestServer({ clock: 'virtual' });
         const zk = await server.client();
         await server.run(zk.create('/a', 'x'));
         const shares = partition(zk, '/set', ['a', 'b'], { id: 'me' }).shares();
         const { value } = await server.run(shares.next());
         console.log((await server.run(zk.get('/a', utf8))).data, value.items.join());
         await server.close();
       })();`,
    );

    await stranger.compile();

    const program = (await import(join(stranger.project, 'own-test.js'))) as { seen: unknown };
    expect(program.seen).toEqual([true, 'X', true]);
    expect(await onPinnedNode(stranger.project, 'node', 'own-test.cjs')).toBe('x a,b\n');
  });

  it('gets a client that is small, and depends on nothing of others', () => {
    const client = stranger.closureOf('@corral/client');
    const bytes = client.map(({ tarballBytes }) => tarballBytes).reduce((sum, each) => sum + each, 0);

    for (const { dependencies } of client)
      expect(dependencies.filter((name) => !name.startsWith('@corral/'))).toEqual([]);
    expect(client[0]?.tarballBytes).toBeLessThan(CLIENT_BYTES_MAX);
    expect(bytes).toBeLessThan(CLIENT_CLOSURE_BYTES_MAX);
  });

  it('can ask the server for its version', async () => {
    const said = await onPinnedNode(stranger.project, 'node_modules/.bin/corral-server', 'version');

    expect(said).toContain(stranger.installed[0]?.version);
  });

  it('can ask the shell for all its commands, which come in one bundle', async () => {
    const said = await onPinnedNode(stranger.project, 'node_modules/.bin/corral', 'help');

    expect(said).toContain('getAllChildrenNumber');
  });
});

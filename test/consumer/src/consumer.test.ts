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

import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@corral/client';
import { connect } from '@corral/client/node';
import type { Server } from '@corral/server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { corral, type Said } from '../../../test/corral.ts';
import { serving } from '../../../test/serving.ts';
import { noTerminal, Terminal } from '../../../test/terminal.ts';

describe('contexts', () => {
  let server: Server;
  let hosts: string;
  let other: Client;
  let home: string;
  let file: string;

  beforeAll(async () => {
    ({ server, hosts } = await serving());
    other = await connect(hosts);
    await other.create('/app');
    await other.create('/app/child', 'data');
    home = mkdtempSync(join(tmpdir(), 'corral-context-'));
    file = join(home, 'corral', 'contexts.json');
  });

  beforeEach(() => rmSync(join(home, 'corral'), { recursive: true, force: true }));

  afterAll(async () => {
    await other.close();
    await server.close();
    rmSync(home, { recursive: true });
  });

  it('are kept by name, one in use, for the eyes of their owner only', async () => {
    expect(await run('context', 'add', 'dev', '--server', `${hosts}/app`)).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Added dev\n',
    });
    await run('context', 'add', 'live', '--server', hosts, '--production');
    await run('context', 'use', 'dev');

    expect((await run('context', 'list')).stdout).toBe(`* dev  ${hosts}/app\n  live  ${hosts}  production\n`);
    expect((await run('context', 'remove', 'live')).code).toBe(0);
    expect((await run('--json', 'context', 'list')).stdout).toBe(
      `${JSON.stringify({ name: 'dev', server: `${hosts}/app`, isCurrent: true, isProduction: false })}\n`,
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(home, 'corral'))).toEqual(['contexts.json']);
  });

  it('say who is asked: by name, by the environment, or because one is in use', async () => {
    await run('context', 'add', 'app', '--server', `${hosts}/app`, '--session-timeout', '7s');
    await run('context', 'add', 'all', '--server', hosts);

    expect((await run('--context', 'app', 'ls', '/')).stdout).toBe('[child]\n');
    expect((await as({ CORRAL_CONTEXT: 'app' }, 'ls', '/')).stdout).toBe('[child]\n');
    await run('context', 'use', 'all');
    expect((await run('ls', '/')).stdout).toBe('[app, zookeeper]\n');
    expect((await as({ CORRAL_SERVER: `${hosts}/app` }, 'ls', '/')).stdout).toBe('[child]\n');
    expect((await run('-s', `${hosts}/app`, 'ls', '/')).stdout).toBe('[child]\n');
    expect((await run('--context', 'all', '-s', `${hosts}/app`, 'ls', '/')).stdout).toBe('[child]\n');
  });

  it('hold identities whose secrets are elsewhere', async () => {
    await run('context', 'add', 'env', '--server', hosts, '--auth-env', 'digest:ZK_AUTH');
    await run('context', 'add', 'cmd', '--server', hosts, '--auth-command', 'digest:echo me:of-a-command');
    await run('context', 'add', 'open', '--server', hosts, '--auth-plain', 'digest:me:plain');

    const environment = { ZK_AUTH: 'me:of-the-environment' };
    expect((await as(environment, '--context', 'env', 'whoami')).stdout).toContain('digest: me');
    expect((await run('--context', 'cmd', 'whoami')).stdout).toContain('digest: me');
    expect((await run('--context', 'open', 'whoami')).stdout).toContain('digest: me');
    expect(readFileSync(file, 'utf8')).not.toMatch(/of-the-environment/);
    expect((await run('context', 'show', 'open')).stdout).toBe(
      `server: ${hosts}\nauth: digest, from plain: ***\n`,
    );
    expect(await run('--context', 'env', 'whoami')).toMatchObject({ code: 7, stdout: '' });
    // No session, no secret.
    expect((await run('--context', 'env', 'status')).code).toBe(0);
  });

  it.each([
    [['context', 'ad', 'x'], 2, /did you mean add\?/],
    [['context', 'constructor', 'x'], 2, /is nothing/],
    [['context', 'add', 'x'], 2, /wants --server/],
    [['context', 'add', '../x', '--server', 'a:1'], 2, /letters, digits/],
    [['context', 'add', 'x', '--server', 'a:99999'], 2, /99999/],
    [['context', 'add', 'x', '--server', 'a:1', '--auth-env', 'digest'], 2, /--auth-env wants scheme/],
    [['context', 'add', 'devel', '--server', 'a:1'], 5, /--replace/],
    [['context', 'use', 'deval'], 2, /did you mean devel\?/],
    [['context', 'use'], 2, /wants a name/],
    [['--context', 'develop', 'ls', '/'], 2, /did you mean devel\?/],
  ])('refuses what makes no sense, and says what may have been meant: %s', async (words, code, stderr) => {
    await run('context', 'add', 'devel', '--server', hosts);

    expect(await run(...words)).toEqual({
      code,
      stdout: '',
      stderr: expect.stringMatching(stderr) as string,
    });
  });

  it.each([['not JSON'], ['[]'], ['{"contexts":{"a":{"server":5,"auth":[]}}}'], ['{"contexts":{"a":null}}']])(
    'names the file that is damaged, and leaves it: %s',
    async (text) => {
      await run('context', 'add', 'dev', '--server', hosts);
      chmodSync(file, 0o600);
      writeFileSync(file, text);

      expect(await run('ls', '/')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(file) as string,
      });
      expect((await run('context', 'add', 'other', '--server', hosts)).code).toBe(2);
      expect(readFileSync(file, 'utf8')).toBe(text);
      // Whoever names a server needs no context.
      expect((await run('-s', hosts, 'ls', '/app')).stdout).toBe('[child]\n');
    },
  );

  it('--dry-run writes nothing', async () => {
    const { stdout } = await run('--dry-run', 'context', 'add', 'dev', '--server', hosts);

    expect(stdout).toBe(`would write ${file}\n`);
    expect((await run('context', 'list')).stdout).toBe('');
  });

  const reason = noTerminal();

  it.runIf(reason === undefined)('of production ask at a terminal before anything is changed', async () => {
    await run('context', 'add', 'live', '--server', hosts, '--production');
    await using terminal = new Terminal(['--context', 'live'], { XDG_CONFIG_HOME: home, CORRAL_HISTORY: '' });
    await terminal.until(/CONNECTED\) 0\] /);

    terminal.type('set /app/child changed\r');
    await terminal.until(/live is production: set \/app\/child changed\s+Type its name to go on: /);
    terminal.type('no\r');
    await terminal.until(/nothing was done/);
    await terminal.until(/\) 1\] /);
    terminal.type('get /app/child\r');
    expect(await terminal.until(/\) 2\] /)).toContain('data');
    terminal.type('set /app/child changed\r');
    await terminal.until(/to go on: /);
    terminal.type('live\r');
    await terminal.until(/\) 3\] /);

    expect(Buffer.from((await other.get('/app/child')).data).toString()).toBe('changed');
    await other.set('/app/child', 'data');
  });

  it('of production ask nobody in a script', async () => {
    await run('context', 'add', 'live', '--server', hosts, '--production');

    expect((await run('--context', 'live', 'set', '/app/child', 'data')).code).toBe(0);
  });

  function run(...words: readonly string[]): Promise<Said> {
    return as({}, ...words);
  }

  function as(environment: NodeJS.ProcessEnv, ...words: readonly string[]): Promise<Said> {
    return corral(words, [], { XDG_CONFIG_HOME: home, ...environment });
  }
});

import { utf8 } from '@corral/client';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it, test as base } from 'vitest';
import { testFixtures, type TestFixtures, type TestServer } from './index.ts';

const test = base.extend<TestFixtures>(testFixtures({ size: 1 }));

describe('the fixtures for vitest', () => {
  const seen: TestServer[] = [];

  test('are a server and a client of it', async ({ server, client }) => {
    seen.push(server);
    await client.create('/a', 'x');

    expect((await (await server.client()).get('/a', utf8)).data).toBe('x');
  });

  test('are each test its own', async ({ server, client }) => {
    seen.push(server);

    expect(await client.exists('/a')).toBe(null);
  });

  test('are closed behind the test', () => {
    expect(seen.map(({ isUp }) => isUp)).toEqual([false, false]);
  });

  test('are an ensemble where that is asked for', ({ ensemble }) => {
    expect(ensemble.leader?.sid).toBe(1);
  });
});

describe('the wrappers for node:test', () => {
  it('hand a test a server or an ensemble, and end by themselves', async () => {
    const script = `
      import { test } from 'node:test';
      import { withTestEnsemble, withTestServer } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)};
      test('a server', withTestServer(async (server, t) => {
        const zk = await server.client();
        await zk.create('/a');
        t.diagnostic(server.role);
      }));
      test('an ensemble', withTestEnsemble(async (ensemble, t) => t.diagnostic(ensemble.leader.role), { size: 1 }));`;

    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, NODE_OPTIONS: '' },
    });

    expect(stdout).toMatch(/pass 2\b/);
    expect(stdout).toMatch(/standalone[^]*leader/);
  });
});

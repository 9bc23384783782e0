import { once } from 'node:events';
import { createServer, type Server as NetServer } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from '@corral/client/node';
import type { Client } from '@corral/client';
import { startTestEnsemble, type TestEnsemble } from '@corral/testing/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandRunner, type Told } from '../../../test/command.ts';
import { Expectation } from '../../../test/expectation.ts';
import { serving } from '../../../test/serving.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';

describe('who is there', () => {
  let ensemble: TestEnsemble;
  let client: Client;
  let session: string;

  beforeAll(async () => {
    ensemble = await startTestEnsemble({ size: 3 });
    client = await ensemble.client();
    await client.create('/mine', '', { mode: 'ephemeral' });
    await client.once.get('/mine');
    session = `0x${BigInt.asUintN(64, client.sessionId).toString(16)}`;
  });

  afterAll(async () => {
    await client.close();
    await ensemble.close();
  });

  it('sessions tells of each where it is connected, from where, and what it holds', async () => {
    const { code, stdout } = await run(['sessions']);
    const row = stdout.split('\n').find((line) => line.startsWith(session));

    expect(code).toBe(0);
    expect(stdout).toMatch(/^SESSION +SERVER +CLIENT +TIMEOUT +REQUESTS/);
    expect(row).toMatch(/^0x[\da-f]+ +127\.0\.0\.1:\d+ +127\.0\.0\.1:\d+ +\d+ +\d+ +\d+ +\d+ +\w+ +1$/);
    const json = (await run(['sessions', '--json'])).stdout.split('\n').slice(0, -1);
    expect(json.map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({ session, ephemerals: '1' }),
    );
  });

  it('who tells of one session its server, its watches and its ephemeral nodes', async () => {
    const { code, stdout } = await run(['who', session]);

    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`^${session} is connected to 127\\.0\\.0\\.1:\\d+ from 127\\.0\\.0\\.1:\\d+\n`),
    );
    expect(stdout).toContain('watches /mine\n');
    expect(stdout).toMatch(/holds \/mine\n$/);
    expect((await run(['who', session.slice(2).toUpperCase()])).stdout).toBe(stdout);
  });

  it.each([
    [['who', '0x123'], 4, /knows 0x123/],
    [['who', 'me'], 2, /is no session/],
    [['who'], 2, /session is missing/],
    [['sessions', 'now'], 2, /too many/],
  ])('%s ends with %i', async (words, code, stderr) => {
    expect(await run(words)).toMatchObject({ code, stderr: expect.stringMatching(stderr) as string });
  });

  it('says so where nobody answers, and where the words are refused', async () => {
    const refusing = createServer((socket) =>
      socket.once('data', () => socket.end('cons is not executed because it is not in the whitelist.\n')),
    );
    const hosts = await listening(refusing);

    expect(await CommandRunner.without(hosts).run(['sessions'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('not in the whitelist') as string,
    });
    refusing.close();
    expect((await CommandRunner.without('127.0.0.1:1').run(['sessions'])).code).toBe(3);
  });

  it('members tells who is in the ensemble, and what each of them is now', async () => {
    await using runner = await CommandRunner.on(ensemble.connectString);

    const { stdout } = await runner.run(['members']);

    expect(stdout).toMatch(/^ID +TYPE +QUORUM +CLIENTS +NOW +ZXID\n/);
    expect(stdout.match(/^\d +participant +\S+:\d+:\d+ +\S+:\d+ .*$/gm)).toHaveLength(3);
    expect(stdout).toMatch(/\nversion [\da-f]+\n$/);
  });

  it('members says so of a server that stands alone', async () => {
    const { server, hosts } = await serving();
    await using runner = await CommandRunner.on(hosts);

    expect(await runner.run(['members'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'no members are named: the server stands alone\n',
    });
    await server.close();
  });

  it('top tells load and latency of each server, and who asks most, look after look', async () => {
    await using busy = await connect(ensemble.connectString);
    const controller = new AbortController();
    const words = ['top', '--interval', '10', '--admin-port', '1', '--json'];
    const runner = CommandRunner.without(ensemble.connectString);
    const top = new Expectation(runner, words, controller.signal);
    const own = `0x${BigInt.asUintN(64, busy.sessionId).toString(16)}`;
    const rates = new RegExp(
      `"receivedPerSecond":[\\d.]+.*"session":"${own}","client":"[\\d.:]+","perSecond":(?!0[,}])`,
    );

    while (!rates.test(top.text)) await busy.exists('/');
    controller.abort(new CommandError(ExitCode.interrupted, 'enough'));
    expect(await top.code).toBe(130);

    const [first] = top.text.split('\n');
    expect(JSON.parse(first!)).toMatchObject({
      server: expect.stringMatching(/^127/) as string,
      mode: expect.stringMatching(/leader|follower/) as string,
      connections: expect.any(Number) as number,
      averageLatency: expect.any(Number) as number,
    });
  });

  it('top shows the heaviest paths and operations where the AdminServer knows them', async () => {
    const admin = createHttpServer((request, response) => {
      expect(request.url).toBe('/commands/top');
      response.end(
        JSON.stringify({
          window_ms: 10_000,
          paths: [{ path: '/hot\u001B[31m', requests: 50 }, { path: 5 }, null],
          operations: [{ operation: 'getData', requests: 1000 }],
        }),
      );
    });
    const [, port = ''] = (await listening(admin)).split(':');

    const told = await run(['top', '-n', '1', '--admin-port', port], ensemble.server(1).connectString);

    admin.close();
    expect(told.stdout).toMatch(/\nREQ\/S +PATH\n5 +\/hot \[31m\n/);
    expect(told.stdout).toMatch(/\nREQ\/S +OPERATION\n100 +getData\n/);
  });

  it('top tells why a server does not answer, and ends where none does', async () => {
    const hosts = `127.0.0.1:1,${ensemble.server(1).connectString}`;

    expect((await run(['top', '-n', '1', '--admin-port', '1'], hosts)).stdout).toMatch(
      /^127\.0\.0\.1:1 +- +.*ECONNREFUSED/m,
    );
    expect((await run(['top', '-n', '1', '--admin-port', '1'], '127.0.0.1:1')).code).toBe(3);
  });

  function run(words: readonly string[], hosts = ensemble.connectString): Promise<Told> {
    return CommandRunner.without(hosts).run(words);
  }

  async function listening(server: NetServer): Promise<string> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
});

import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTestEnsemble, startTestServer, type TestEnsemble } from '@corral/testing/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandRunner, type Told } from '../../../test/command.ts';
import type { Finding } from '../../doctor/finding.ts';

describe('doctor, of servers', () => {
  let ensemble: TestEnsemble;

  beforeAll(async () => {
    ensemble = await startTestEnsemble({ size: 3, observers: 1 });
    await using client = await ensemble.client();
    await client.setAcl('/', [{ scheme: 'world', id: 'anyone', perms: 'cr' }]);
  });

  afterAll(() => ensemble.close());

  it('finds nothing in an ensemble where nothing is wrong, and tells who is who', async () => {
    const { stderr } = await doctor(ensemble.connectString);

    expect(await rulesOf(ensemble.connectString)).toEqual([]);
    expect(stderr.match(/: (leader|follower|observer), 0x1[\da-f]{8}, answers in \d+ ms\n/g)).toHaveLength(4);
  });

  it('asks the servers of the session where none are named', async () => {
    const told = await CommandRunner.without(ensemble.connectString).run(['doctor', '--admin-port', '1']);

    expect(told.stderr.match(/answers in/g)).toHaveLength(4);
  });

  it('finds the server that is down, and that one more is too many', async () => {
    await using broken = await startTestEnsemble({ size: 3 });
    await broken.server(1).stop();
    await broken.settled();

    expect(await rulesOf(broken.connectString)).toEqual([
      'bad not-serving',
      'warn quorum-edge',
      'warn open-root',
    ]);
  });

  it('finds that there is no quorum', async () => {
    await using broken = await startTestEnsemble({ size: 3 });
    await Promise.all([broken.server(1).stop(), broken.server(2).stop()]);

    const rules = await rulesOf(broken.connectString);

    // The third one may not have noticed yet.
    expect(rules.slice(0, 2)).toEqual(['bad not-serving', 'bad not-serving']);
    expect(rules).toContainEqual(expect.stringMatching(/bad no-quorum/));
  });

  it('finds servers that stand alone in one list', async () => {
    await using one = await startTestServer();
    await using two = await startTestServer();

    expect(await rulesOf(`${one.connectString},${two.connectString}`)).toEqual([
      'bad standalone-member',
      'bad standalone-member',
      'warn open-root',
    ]);
  });

  it('asks the AdminServer whether the server is ready, and what time it is', async () => {
    const admin = createServer((request, response) => {
      if (request.url === '/readyz') response.writeHead(503).end('disk: not writable');
      else response.end('# HELP\nnodejs_eventloop_lag_p99_seconds 0.25\n');
    });
    const port = await listening(admin);

    const { stdout } = await doctor(ensemble.server(1).connectString, '--admin-port', String(port), '--json');

    admin.close();
    expect(stdout).toContain('"rule":"not-ready"');
    expect(stdout).toContain('"rule":"pauses"');
    expect(stdout).toContain('disk: not writable');
  });

  async function listening(server: HttpServer): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** Nobody's admin port is asked: what answers on the machine that runs this is not ours. */
  function doctor(hosts: string, ...words: readonly string[]): Promise<Told> {
    const ownWords = words.includes('--admin-port') ? words : ['--admin-port', '1', ...words];
    return CommandRunner.without('127.0.0.1:1').run(['doctor', '--server', hosts, ...ownWords]);
  }

  async function rulesOf(hosts: string): Promise<readonly string[]> {
    const { stdout } = await doctor(hosts, '--json');
    const findings = stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Finding);
    // How fast the machine is that runs this is nobody's business.
    return findings
      .filter(({ rule }) => !/latency|fsync|outstanding/.test(rule))
      .map(({ severity, rule }) => `${severity} ${rule}`);
  }
});

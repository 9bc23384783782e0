import { memoryStorage } from '@corral/persistence/memory';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { nodeRuntime } from '@corral/runtime/node';
import { defaultServerConfig, type Server, startServer } from '@corral/server';
import { tcp } from '@corral/transport-tcp';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '@corral/client/node';
import { type ClientComparison, clientRow, compareClients } from './client-comparison.ts';
import { contestNames } from './contender.ts';

describe('a comparison of clients', () => {
  let server: Server;

  beforeAll(async () => {
    server = await startServer({
      config: { ...defaultServerConfig, clientPort: 0, clientPortAddress: '127.0.0.1' },
      runtime: nodeRuntime(),
      transport: tcp(),
      storage: await memoryStorage({}),
      logger: silentLogger,
      metrics: collectingMetrics(),
    });
  });

  afterAll(() => server.close());

  it('runs every contest with every client that is there, says why one is not, and leaves nothing', async () => {
    const comparisons: ClientComparison[] = [];
    const said: string[] = [];
    const contests = {
      server: `127.0.0.1:${server.address.port}`,
      contenders: ['node-zookeeper-client', 'zookeeper'] as const,
      contests: contestNames,
      inFlight: [20],
      rounds: 1,
      bytes: 100,
      keys: 10,
      seconds: 0.05,
      warmupSeconds: 0.05,
      node: process.execPath,
      // The binding is not among the packages of this workspace: it is built for one version of Node.
      packages: fileURLToPath(new URL('../..', import.meta.url)),
    };

    await compareClients(
      contests,
      '/contest',
      (comparison) => comparisons.push(comparison),
      (reason) => said.push(reason),
    );

    expect(comparisons.map(({ contest, inFlight, other }) => `${contest} ${inFlight} ${other}`)).toEqual(
      contestNames.map((name) => `${name} 20 node-zookeeper-client`),
    );
    for (const { errors, rates, ratios, cpuRatios } of comparisons) {
      expect(errors).toBe(0);
      for (const figure of [...rates, ...ratios, ...cpuRatios]) expect(figure).toBeGreaterThan(0);
    }
    expect(said).toEqual([
      expect.stringMatching(/^left out: zookeeper: Error: Cannot find module 'zookeeper'/),
    ]);
    await using zk = await connect(contests.server);
    expect((await zk.children('/')).names).toEqual(['zookeeper']);
  });
});

describe('a row of a comparison of clients', () => {
  it('has the medians of both, and of the ratios', () => {
    const row = clientRow({
      contest: 'get',
      inFlight: 1000,
      other: 'node-zookeeper-client',
      rates: [300_000, 30_000],
      ratios: [9, 10, 12],
      cpuRatios: [20, 25, 30],
      errors: 0,
    });

    expect(row.trim().split(/ +/)).toEqual([
      'get',
      '1000',
      'node-zookeeper-client',
      '300000',
      '30000',
      '10.00',
      '9.00..12.00',
      '25.00',
      '20.00..30.00',
    ]);
  });
});

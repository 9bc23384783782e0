import { MemoryMedium, memoryStorage } from '@corral/persistence/memory';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { nodeRuntime } from '@corral/runtime/node';
import { defaultServerConfig, startServer, type Server } from '@corral/server';
import type { Transport } from '@corral/transport';
import { memoryNetwork } from '@corral/transport/memory';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Options } from './options.ts';
import { Stage } from './stage.ts';
import { workloadNames } from './workload-names.ts';
import { runWorkload } from './workloads.ts';

const options: Options = {
  servers: [{ host: 'server', port: 2181 }],
  workloads: [],
  connections: 3,
  depth: 2,
  bytes: 10,
  keys: 5,
  seconds: 0.05,
  warmupSeconds: 0,
  readPercent: 50,
  isJson: false,
};

let server: Server;
let transport: Transport;
beforeEach(async () => {
  const runtime = nodeRuntime();
  const network = memoryNetwork(runtime);
  transport = network.transport('bench');
  server = await startServer({
    config: { ...defaultServerConfig, autopurge: { snapRetainCount: 3, intervalMs: 0 } },
    runtime,
    transport: network.transport('server'),
    storage: await memoryStorage({ medium: new MemoryMedium() }),
    logger: silentLogger,
    metrics: collectingMetrics(),
  });
});
afterEach(() => server.close());

describe('against a server', () => {
  test.each(workloadNames)(
    '%s gets answers, none of them an error, and leaves nothing behind',
    async (name) => {
      const nodesBefore = server.view.nodeCount;
      const stage = await Stage.build(transport, options, '/bench');
      const result = await runWorkload(stage, name);
      await stage.strike();
      expect(result).toMatchObject({ workload: name, connections: 3, depth: 2, bytes: 10, errors: 0 });
      expect(result.latencies.count).toBeGreaterThan(0);
      expect(result.seconds).toBeGreaterThan(0);
      expect([server.view.nodeCount, server.view.sessionCount]).toEqual([nodesBefore, 0]);
    },
  );

  test('a server that goes away ends the measurement with an error', async () => {
    const stage = await Stage.build(transport, { ...options, seconds: 60 }, '/bench');
    const outcome = runWorkload(stage, 'read').catch((error: unknown) => error);
    await server.close();
    expect(await outcome).toBeInstanceOf(Error);
  });

  test('nobody there is an error at once', async () => {
    await server.close();
    await expect(Stage.build(transport, options, '/bench')).rejects.toThrow('REFUSED');
  });

  test('a node in the way of the preparations is named by its error', async () => {
    const stage = await Stage.build(transport, options, '/bench');
    await expect(stage.makeNodes(['/bench'])).rejects.toThrow('the server answers -110 to the preparations');
    await stage.strike();
  });
});

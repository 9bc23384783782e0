import { MemoryMedium, memoryStorage } from '@corral/persistence/memory';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { nodeRuntime } from '@corral/runtime/node';
import { defaultServerConfig, startServer, type Server } from '@corral/server';
import type { Transport } from '@corral/transport';
import { memoryNetwork } from '@corral/transport/memory';
import { tcp } from '@corral/transport-tcp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Options } from './options.ts';
import { perform } from './perform.ts';
import { Stage } from './stage.ts';
import { workloadNames } from './workload-names.ts';
import { runWorkload } from './workloads.ts';

const options: Options = {
  servers: [{ host: 'server', port: 2181 }],
  connections: 3,
  depth: 2,
  bytes: 10,
  keys: 5,
  seconds: 0.05,
  warmupSeconds: 0,
  readPercent: 50,
  writesPerSecond: 1000,
};

let server: Server;
let network: ReturnType<typeof memoryNetwork>;
let transport: Transport;

beforeEach(async () => {
  const runtime = nodeRuntime();
  network = memoryNetwork(runtime);
  transport = network.transport('bench');
  server = await serve(network.transport('server'));
});

afterEach(() => server.close());

async function serve(
  on: Transport,
  place: { clientPortAddress?: string; clientPort?: number } = {},
): Promise<Server> {
  return startServer({
    config: {
      ...defaultServerConfig,
      ...place,
      autopurge: { snapRetainCount: 3, intervalMs: 0 },
    },
    runtime: nodeRuntime(),
    transport: on,
    storage: await memoryStorage({ medium: new MemoryMedium() }),
    logger: silentLogger,
    metrics: collectingMetrics(),
  });
}

describe('against a server', () => {
  test.each(workloadNames)(
    '%s gets answers, none of them an error, and leaves nothing behind',
    async (name) => {
      const nodesBefore = server.view.nodeCount;
      const stage = await Stage.build(transport, options, '/bench');
      const [result, ...parts] = await runWorkload(stage, name);
      await stage.strike();
      expect(result).toMatchObject({ workload: name, connections: 3, depth: 2, bytes: 10, errors: 0 });
      expect(result.latencies.count).toBeGreaterThan(0);
      expect(result.seconds).toBeGreaterThan(0);
      expect(parts.map(({ workload }) => workload)).toEqual(
        name === 'snapshot-pause' ? ['median second', 'worst second'] : [],
      );
      expect([server.view.nodeCount, server.view.sessionCount]).toEqual([nodesBefore, 0]);
    },
  );

  test('snapshot-pause writes while it reads', async () => {
    const stage = await Stage.build(transport, options, '/bench');
    const zxidBefore = server.view.lastProcessedZxid;
    await runWorkload(stage, 'snapshot-pause');
    // Nodes made and removed again, and four sessions opened and closed, are not all.
    expect(server.view.lastProcessedZxid - zxidBefore).toBeGreaterThan(2 * options.keys + 8);
    await stage.strike();
  });

  test('a server that goes away ends the measurement with an error', async () => {
    const stage = await Stage.build(transport, { ...options, seconds: 60 }, '/bench');
    const outcome = runWorkload(stage, 'read').catch((error: unknown) => error);
    await server.close();
    expect(await outcome).toBeInstanceOf(Error);
  });

  test('nobody there is an error at once, in a sentence', async () => {
    await server.close();
    await expect(Stage.build(transport, options, '/bench')).rejects.toThrow(
      /^no server is to be reached at server:2181 \(REFUSED: .*\)$/,
    );
  });

  test('somebody there who speaks of something else is an error, in a sentence', async () => {
    const other = await network.transport('web').listen({ host: 'web', port: 80 }, (connection) => ({
      onData: () => void connection.write(new TextEncoder().encode('HTTP/1.1 400 Bad Request\r\n\r\n')),
      onDrain: () => {},
      onClose: () => {},
    }));
    const servers = [{ host: 'web', port: 80 }];
    await expect(Stage.build(transport, { ...options, servers }, '/bench')).rejects.toThrow(
      /^what answers at web:80 is no ZooKeeper server$/,
    );
    await other.close();
  });

  test('a node in the way of the preparations is named by its error', async () => {
    const stage = await Stage.build(transport, options, '/bench');
    await expect(stage.makeNodes(['/bench'])).rejects.toThrow('the server answers NODEEXISTS to the prepar');
    await stage.strike();
  });
});

describe('what the command line asks for is printed as it comes', () => {
  const printed = async (task: Parameters<typeof perform>[0]): Promise<string[]> => {
    const lines: string[] = [];
    await perform(task, transport, '/bench', (line) => lines.push(line));
    return lines;
  };

  test('a table of workloads', async () => {
    const lines = await printed({ kind: 'run', options, workloads: ['read', 'set'], isJson: false });

    expect(lines.map((line) => line.split(' ')[0])).toEqual(['workload', 'read', 'set']);
  });

  test('JSON, a line for each', async () => {
    const lines = await printed({ kind: 'run', options, workloads: ['read', 'set'], isJson: true });

    expect(lines.map((line) => JSON.parse(line).workload)).toEqual(['read', 'set']);
  });

  test.each([false, true])('the comparison of a server with itself (JSON: %s)', async (isJson) => {
    const rounds = 2;
    const task = { first: options, second: options, workloads: ['read' as const], rounds, isJson };
    const lines = await printed({ kind: 'compare', ...task });

    expect(lines.length).toBe(isJson ? 1 : 2);
    expect(lines.at(-1)).toContain('read');
    expect(server.view.sessionCount).toBe(0);
  });

  test('how many nodes were filled in; once more changes nothing', async () => {
    const task = { kind: 'fill' as const, options, nodes: 450, path: '/deep/down' };
    const nodesBefore = server.view.nodeCount;
    expect(await printed(task)).toEqual([
      expect.stringMatching(/^450 nodes of 10 bytes below \/deep\/down in /),
    ]);
    expect(server.view.nodeCount).toBe(nodesBefore + 452);
    await printed(task);
    expect(server.view.nodeCount).toBe(nodesBefore + 452);
  });
});

test('over TCP all is the same', async () => {
  const overTcp = await serve(tcp(), { clientPortAddress: '127.0.0.1', clientPort: 0 });
  const { port } = overTcp.address;
  const stage = await Stage.build(tcp(), { ...options, servers: [{ host: '127.0.0.1', port }] }, '/bench');
  const [result] = await runWorkload(stage, 'mixed');
  await stage.strike();
  await overTcp.close();

  expect(result.errors).toBe(0);
  expect(result.latencies.count).toBeGreaterThan(0);
});

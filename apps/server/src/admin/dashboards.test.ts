import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@corral/client/node';
import { memoryStorage } from '@corral/persistence/memory';
import { QuorumConfig } from '@corral/protocol';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { nodeRuntime } from '@corral/runtime/node';
import { defaultEnsembleConfig, defaultServerConfig, type Server, startServer } from '@corral/server';
import { tcp } from '@corral/transport-tcp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricsApp } from './metrics-app.ts';

const operations = join(import.meta.dirname, '../../../../docs/operations');
let server: Server;
/** What a leader that has been at work shows, as Prometheus names it. */
let shown: ReadonlySet<string>;

beforeAll(async () => {
  const [quorumPort, electionPort] = [await freePort(), await freePort()];
  server = await startServer({
    config: {
      ...defaultServerConfig,
      serverId: 1,
      clientPort: 0,
      clientPortAddress: '127.0.0.1',
      tickTime: 100,
      ensemble: {
        ...defaultEnsembleConfig,
        quorum: QuorumConfig.parse(`server.1=127.0.0.1:${quorumPort}:${electionPort}:participant`),
        lastSeenQuorum: undefined,
        initLimit: 10,
        syncLimit: 5,
      },
    },
    runtime: nodeRuntime(),
    transport: tcp(),
    storage: await memoryStorage(),
    logger: silentLogger,
    metrics: collectingMetrics(),
  });
  await using zk = await connect(`127.0.0.1:${server.address.port}`);
  await zk.create('/a', 'x');
  await zk.get('/a');
  const response = await metricsApp(() => server.view, true).request('/metrics');
  shown = new Set(
    (await response.text())
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => /^\w+/.exec(line)![0]),
  );
});

afterAll(() => server?.close());

describe.each(['grafana-dashboard.json', 'alerts.yml'])('docs/operations/%s', (file) => {
  const text = readFileSync(join(operations, file), 'utf8');

  it('asks for figures that there are, and no others', () => {
    const asked = expressionsIn(file, text).flatMap(namesIn);

    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((name) => !shown.has(name) && !ELSEWHERE.has(name))).toEqual([]);
  });
});

describe('docs/operations/grafana-dashboard.json', () => {
  it('is one that Grafana can read: panels with a title, a place and something to draw', () => {
    const { title, panels } = dashboard(readFileSync(join(operations, 'grafana-dashboard.json'), 'utf8'));

    expect([title, panels.length > 10]).toEqual(['Corral', true]);
    for (const { title: name, gridPos, targets = [] } of panels.filter(({ type }) => type !== 'row')) {
      expect(name).not.toBe('');
      expect(Object.keys(gridPos).toSorted()).toEqual(['h', 'w', 'x', 'y']);
      expect(targets.length).toBeGreaterThan(0);
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

/** Those that Prometheus makes itself, and those only Apache shows under that name. */
const ELSEWHERE: ReadonlySet<string> = new Set(['up']);

interface Dashboard {
  readonly title: string;
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly gridPos: object;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

function dashboard(text: string): Dashboard {
  return JSON.parse(text) as Dashboard;
}

function expressionsIn(file: string, text: string): readonly string[] {
  if (file.endsWith('.json'))
    return dashboard(text).panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  return Array.from(text.matchAll(/^ *expr: (.+)$/gm), ([, expression]) => expression!);
}

/** The names of figures: words that are neither a function, a label nor a keyword. */
function namesIn(expression: string): readonly string[] {
  const bare = expression
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"/g, ' ')
    .replaceAll(/\b(by|without|on|ignoring) *\([^)]*\)/g, ' ');
  return Array.from(bare.matchAll(/\b([a-z_]\w*)\b(?! *\()/gi), ([, name]) => name!).filter(
    (name) => !KEYWORDS.has(name),
  );
}

const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'unless', 'bool', 'offset']);

async function freePort(): Promise<number> {
  const listener = await tcp().listen({ host: '127.0.0.1', port: 0 }, () => {
    throw new Error('nobody is expected');
  });
  const { port } = listener.address;
  await listener.close();
  return port;
}

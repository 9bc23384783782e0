import { QuorumConfig } from '@corral/protocol';
import type { EnsembleConfig } from '@corral/server';
import { TestEnsemble } from '../servers/test-ensemble.ts';
import { TestNet } from '../servers/test-net.ts';
import { hasApachePasswords, startedOrClosed, type TestServerOptions, worldOf } from './start-test-server.ts';

export interface TestEnsembleOptions extends TestServerOptions {
  /** Voters, numbered from 1. Default 3. */
  readonly size?: number;
  /** Observers, numbered from there on. Default 0. */
  readonly observers?: number;
  /** What members are told otherwise than Apache's defaults, an `initLimit` of 100 ticks and a `syncLimit` of 20. */
  readonly ensemble?: Partial<EnsembleConfig>;
}

/**
 * Starts an ensemble in this process, and waits until all serve. With a real clock each member has a port for clients that
 * was free; among themselves members speak in memory, and with `dataDir` each keeps its files in a folder of its number.
 *
 * @throws RangeError for a size of none, and as `startTestServer`
 */
export async function startTestEnsemble(options: TestEnsembleOptions = {}): Promise<TestEnsemble> {
  const { size = 3, observers = 0 } = options;
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`an ensemble of ${size}`);
  if (!Number.isInteger(observers) || observers < 0) throw new RangeError(`${observers} observers`);
  const sids = Array.from({ length: size + observers }, (_, i) => i + 1);
  const net = new TestNet({
    world: worldOf(options, (dataDir, sid) => `${dataDir}/${sid}`),
    logger: options.logger,
    hasApachePasswords: hasApachePasswords(options),
  });
  const ensemble = await TestEnsemble.prepare(sids, net, options);
  const lines = ensemble.servers.map((server) =>
    server.serverLine(server.sid <= size ? 'participant' : 'observer'),
  );
  net.quorum = QuorumConfig.parse(lines.join('\n'));
  return startedOrClosed(ensemble, async () => void (await ensemble.start()));
}

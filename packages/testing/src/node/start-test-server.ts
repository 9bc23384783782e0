import type { Logger } from '@corral/runtime';
import type { ServerConfig } from '@corral/server';
import { TestNet } from '../servers/test-net.ts';
import { TestServer } from '../servers/test-server.ts';
import type { TestWorld } from '../servers/test-world.ts';
import { virtualWorld } from '../servers/virtual-world.ts';
import { nodeWorld } from './node-world.ts';

export interface TestServerOptions {
  /**
   * `real`: clients come over TCP, and time is that of the machine. `virtual`: only clients in this process, over memory; time
   * goes on while the test waits by `run` or `pass`, and everything is the same every time. Default `real`.
   */
  readonly clock?: 'real' | 'virtual';
  /** Of all that is random where the clock is virtual. Default 1. */
  readonly seed?: number;
  /** Where it keeps its files, for a real clock. Default: in memory. */
  readonly dataDir?: string;
  /** What it is told otherwise than test servers are: ticks of 100 ms, session timeouts from 200 ms to an hour, all four-letter words. */
  readonly config?: Partial<ServerConfig>;
  /** Default: it says nothing. */
  readonly logger?: Logger;
}

/**
 * Starts a server that stands alone, in this process, in some milliseconds: `await using server = await startTestServer()`.
 *
 * @throws RangeError for files under a virtual clock, PersistenceError for files that cannot be read
 */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const net = new TestNet({
    world: worldOf(options, (dataDir) => dataDir),
    logger: options.logger,
    hasApachePasswords: hasApachePasswords(options),
  });
  const server = await TestServer.prepare(1, net, options);
  return startedOrClosed(server, () => server.start());
}

/** @param folderOf where in `dataDir` a server has its files */
export function worldOf(
  { clock = 'real', seed = 1, dataDir }: TestServerOptions,
  folderOf: (dataDir: string, sid: number) => string,
): TestWorld {
  if (clock === 'real')
    return nodeWorld((sid) => (dataDir === undefined ? undefined : folderOf(dataDir, sid)));
  if (clock !== 'virtual') throw new RangeError(`a clock that is ${String(clock)}`);
  if (dataDir !== undefined) throw new RangeError('files take real time: dataDir needs the real clock');
  return virtualWorld(seed);
}

export function hasApachePasswords({ config }: TestServerOptions): boolean {
  return config?.sessionPasswords === 'apache';
}

/** Leaves nothing behind where starting fails. */
export async function startedOrClosed<T extends { close(): Promise<void> }>(
  servers: T,
  start: () => Promise<void>,
): Promise<T> {
  try {
    await start();
    return servers;
  } catch (error) {
    await servers.close();
    throw error;
  }
}

import type { Client } from '@corral/client';
import type { TestEnsemble } from '../servers/test-ensemble.ts';
import type { TestServer } from '../servers/test-server.ts';
import { startTestEnsemble, type TestEnsembleOptions } from './start-test-ensemble.ts';
import { startTestServer } from './start-test-server.ts';

/** What a test may ask for by name. What it does not name is not started. */
export interface TestFixtures {
  /** A server of its own. */
  server: TestServer;
  /** A client of that server. */
  client: Client;
  /** An ensemble of its own. */
  ensemble: TestEnsemble;
}

type Use<T> = (value: T) => Promise<void>;

/** One function for each fixture, as `test.extend` of vitest takes them. */
export interface TestFixtureFunctions {
  readonly server: (context: object, use: Use<TestServer>) => Promise<void>;
  readonly client: (context: Pick<TestFixtures, 'server'>, use: Use<Client>) => Promise<void>;
  readonly ensemble: (context: object, use: Use<TestEnsemble>) => Promise<void>;
}

/** For vitest: `const test = base.extend<TestFixtures>(testFixtures())`. Each test has its own, closed when it is over. */
export function testFixtures(options: TestEnsembleOptions = {}): TestFixtureFunctions {
  return {
    // Vitest reads off the pattern what a fixture needs.
    // oxlint-disable-next-line no-empty-pattern
    server: async ({}, use) => {
      await using server = await startTestServer(options);
      await use(server);
    },
    client: async ({ server }, use) => use(await server.client()),
    // oxlint-disable-next-line no-empty-pattern
    ensemble: async ({}, use) => {
      await using ensemble = await startTestEnsemble(options);
      await use(ensemble);
    },
  };
}

/** For `node:test`: `test('...', withTestServer(async (server) => { ... }))`. It is closed when the test is over. */
export function withTestServer<Context>(
  body: (server: TestServer, context: Context) => Promise<void>,
  options: TestEnsembleOptions = {},
): (context: Context) => Promise<void> {
  return async (context) => {
    await using server = await startTestServer(options);
    await body(server, context);
  };
}

/** The same with an ensemble. */
export function withTestEnsemble<Context>(
  body: (ensemble: TestEnsemble, context: Context) => Promise<void>,
  options: TestEnsembleOptions = {},
): (context: Context) => Promise<void> {
  return async (context) => {
    await using ensemble = await startTestEnsemble(options);
    await body(ensemble, context);
  };
}

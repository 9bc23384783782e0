export { startTestServer, type TestServerOptions } from './start-test-server.ts';
export type { TestServer } from '../servers/test-server.ts';
export type { SessionHolder } from '../servers/session-holder.ts';
export { startTestEnsemble, type TestEnsembleOptions } from './start-test-ensemble.ts';
export type { TestEnsemble } from '../servers/test-ensemble.ts';

// For test runners
export {
  testFixtures,
  withTestEnsemble,
  withTestServer,
  type TestFixtureFunctions,
  type TestFixtures,
} from './fixtures.ts';

import { createClient } from '@corral/client';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Provider, Servers } from '../servers/servers.ts';
import { type ClientCase, Stage } from './case.ts';
import { nodeCases } from './node-cases.ts';
import { sessionCases } from './session-cases.ts';
import { watchCases } from './watch-cases.ts';

const clientCases: readonly ClientCase[] = [...nodeCases, ...watchCases, ...sessionCases];

/** Every case against the servers of one provider, one after the other. */
export function describeClient(provider: Provider): void {
  describe(`the client with ${provider.title}`, () => {
    let servers: Servers | undefined;
    let stages = 0;

    beforeAll(async () => {
      servers = await provider.start();
    });

    afterAll(() => servers?.[Symbol.asyncDispose]());

    // Each case asserts by itself, and knows no runner.
    // oxlint-disable-next-line vitest/expect-expect
    it.each(clientCases.map((one) => [one.title, one] as const))('%s', async (_, one) => {
      const root = `/case-${++stages}`;
      await makeRoot(servers!, root);
      await using stage = new Stage(servers!, root);
      await one.run(stage);
    });
  });
}

async function makeRoot(servers: Servers, root: string): Promise<void> {
  await using zk = createClient(servers.hosts.join(','), servers.world, { connectTimeout: 40_000 });
  await zk.create(root, '');
}

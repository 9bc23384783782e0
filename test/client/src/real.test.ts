import { describe, expect, it } from 'vitest';
import { describeClient } from './cases/cases.ts';
import { realServers } from './servers/processes.ts';

const providers = realServers('the client');

for (const provider of providers) describeClient(provider);

describe('real servers', () => {
  it('are there, or it was said above which are not', () => {
    expect(providers.length).toBeLessThanOrEqual(4);
  });
});

import { describe, expect, it } from 'vitest';
import { simulatedRuntime } from '@corral/runtime/simulated';
import { type TransportCapability, transportCompliance } from '../compliance/index.ts';
import { memoryNetwork, type NetworkFaults } from './index.ts';

const capabilities: ReadonlySet<TransportCapability> = new Set<TransportCapability>([
  'refusal',
  'exclusive-ports',
  'addresses',
]);
// A memory network has no foreign peers, as `half-close` asks for.
const cases = transportCompliance.filter(({ requires }) => requires.every((one) => capabilities.has(one)));

const networks: Readonly<Record<string, NetworkFaults>> = {
  'a perfect network': {},
  'a network that delays and cuts to pieces': { latency: { minMs: 0, maxMs: 20 }, chunkBytesMax: 70_000 },
  'a network with a window of 1000 bytes': { windowBytes: 1000 },
};

describe.each(Object.entries(networks))('the memory transport on %s', (_, faults) => {
  it.each(cases)('$name', { timeout: 60_000 }, async ({ run }) => {
    const { clock, random } = simulatedRuntime({ seed: 1 });
    const transport = memoryNetwork({ clock, random, faults }).transport('a');
    const verdict = run({ transport, host: 'a', capabilities, until: (promise) => clock.until(promise) });
    await expect(verdict).resolves.toBeUndefined();
  });
});

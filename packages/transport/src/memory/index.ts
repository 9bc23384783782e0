export { memoryNetwork, MemoryNetwork, type MemoryNetworkOptions } from './network.ts';
export type { NetworkFaults, Latency } from './faults.ts';

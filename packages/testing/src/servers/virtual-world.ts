import { SimulatedRuntime } from '@corral/runtime/simulated';
import { memoryNetwork } from '@corral/transport/memory';
import { MemoryTestDisk } from './test-disk.ts';
import type { TestWorld } from './test-world.ts';

/** Everything in memory, and the same every time: servers are `zk1:2181`, `zk2:2181`, ... */
export function virtualWorld(seed: number): TestWorld {
  const runtime = new SimulatedRuntime({ seed });
  const network = memoryNetwork({ clock: runtime.clock, random: runtime.random });
  return {
    runtime,
    virtualClock: runtime.clock,
    network,
    door: (sid) => {
      const host = `zk${sid}`;
      return { transport: network.transport(host), where: { host, port: CLIENT_PORT }, host };
    },
    clientTransport: network.transport('clients'),
    disk: () => new MemoryTestDisk(),
  };
}

const CLIENT_PORT = 2181;

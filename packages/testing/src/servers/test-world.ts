import type { Runtime } from '@corral/runtime';
import type { SimulatedClock } from '@corral/runtime/simulated';
import type { ListenOptions, Transport } from '@corral/transport';
import type { MemoryNetwork } from '@corral/transport/memory';
import type { TestDisk } from './test-disk.ts';

/** What test servers stand on. */
export interface TestWorld {
  readonly runtime: Runtime;
  /** Where time goes on only when it is told to: the clock of `runtime`. */
  readonly virtualClock: SimulatedClock | undefined;
  /** Between the members of an ensemble. */
  readonly network: MemoryNetwork;
  /** Where a server opens its door to clients. */
  door(sid: number): { readonly transport: Transport; readonly where: ListenOptions; readonly host: string };
  /** How clients in this process come to a door. */
  readonly clientTransport: Transport;
  disk(sid: number): TestDisk;
}

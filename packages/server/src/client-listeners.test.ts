import { simulatedRuntime } from '@corral/runtime/simulated';
import type { ConnectionHandler } from '@corral/transport';
import { memoryNetwork } from '@corral/transport/memory';
import { describe, expect, it } from 'vitest';
import { closeListeners, openListeners } from './client-listeners.ts';

describe('the ways in for clients', () => {
  const { clock, random } = simulatedRuntime({ seed: 1 });
  const network = memoryNetwork({ clock, random });
  const transport = network.transport('server');
  const quiet: ConnectionHandler = { onData: () => {}, onDrain: () => {}, onClose: () => {} };

  function dial(port: number): Promise<unknown> {
    const where = { host: 'server', port, timeoutMs: 1000 };
    return clock.until(network.transport('client').connect(where, () => quiet));
  }

  it('lead to the same place, and are closed together', async () => {
    let arrived = 0;
    const accept = (): ConnectionHandler => {
      arrived++;
      return quiet;
    };
    const ways = [1, 2].map((port) => ({ transport, where: { host: 'server', port } }));
    const listeners = await clock.until(openListeners(ways, accept));

    await dial(1);
    await dial(2);
    await clock.until(closeListeners(listeners));

    expect(arrived).toBe(2);
    await expect(dial(1)).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(dial(2)).rejects.toMatchObject({ code: 'REFUSED' });
  });

  it('are all open, or none', async () => {
    const taken = await clock.until(transport.listen({ host: 'server', port: 4 }, () => quiet));
    const ways = [3, 4].map((port) => ({ transport, where: { host: 'server', port } }));

    await expect(clock.until(openListeners(ways, () => quiet))).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
    });

    await expect(dial(3)).rejects.toMatchObject({ code: 'REFUSED' });
    await clock.until(taken.close());
  });
});

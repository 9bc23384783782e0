import { AddWatchMode, OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { addWatch, create, exists, getChildren, type TestClient, World } from './harness/server-specs.ts';

const CLIENTS = 300;

describe('ZOOKEEPER-1382: watches of sessions that are gone stay in the tables of the server', () => {
  it.each<[string, (client: TestClient) => void]>([
    ['close their sessions', (client) => void client.send(OpCode.closeSession)],
    [
      'close them, and watch behind that',
      (client) => {
        client.send(OpCode.closeSession);
        watchEverything(client);
      },
    ],
    ['are cut off', (client) => client.destroy()],
    ['fall silent, until they expire', () => {}],
    [
      'are cut off while they wait for a write, with watches behind it',
      (client) => {
        client.send(OpCode.create, create(`/${client.session!.sessionId}`));
        watchEverything(client);
        client.destroy();
      },
    ],
  ])('nothing is left of clients that %s', async (_, end) => {
    // Given many clients that watch
    const world = await World.serving({ tickTime: 1000, maxClientCnxns: 0 });
    const clients: TestClient[] = [];
    for (let i = 0; i < CLIENTS; i++) {
      const client = await world.client({ timeout: 4000, from: 'everybody' });
      watchEverything(client);
      clients.push(client);
    }
    await world.pass(10);
    expect(world.server.view.watches.watchCount).toBeGreaterThan(CLIENTS);

    // When they are gone
    for (const client of clients) end(client);
    await world.pass(15_000);

    // Then their watches and sessions are, too
    expect([world.server.view.watches.watchCount, world.server.view.sessionCount]).toEqual([0, 0]);
  });
});

function watchEverything(client: TestClient): void {
  client.send(OpCode.exists, exists('/', true));
  client.send(OpCode.exists, exists(`/none-${client.session!.sessionId}`, true));
  client.send(OpCode.getChildren, getChildren('/', true));
  client.send(OpCode.addWatch, addWatch('/zookeeper', AddWatchMode.PERSISTENT_RECURSIVE));
}

import { CreateMode, OpCode, Xid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, exists } from '../../test/requests.ts';
import type { TestClient } from '../../test/test-client.ts';

/** Milliseconds. */
const SESSION_TIMEOUT = 1000;
const STALL = 3000;

describe('a stall of a server longer than the timeouts of sessions', () => {
  it('costs no session its life where it was the leader, and stays so', async () => {
    const world = await EnsembleWorld.elected({ size: 3, ensemble: { syncLimit: 100 } });
    const clients = await everywhere(world);

    await stall(world, 3, clients);

    expect(world.members.get(3)!.view.mode).toBe('leader');
    expect(await ephemerals(world)).toEqual([0, 0, 0]);
    expect(clients.map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
  });

  it('costs no session its life where it was a follower', async () => {
    const world = await EnsembleWorld.elected({ size: 3, ensemble: { syncLimit: 100 } });
    const clients = await everywhere(world);

    await stall(world, 1, clients);

    expect(await ephemerals(world)).toEqual([0, 0, 0]);
    expect(clients.map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
  });

  it('costs no session its life where the others elected another leader meanwhile', async () => {
    const world = await EnsembleWorld.elected({ size: 3 });
    const clients = await everywhere(world);

    // As clients do that hear nothing for two thirds of their timeouts.
    await stall(world, 3, clients, 1);
    await world.serving();

    expect(world.members.get(3)!.view.mode).toBe('follower');
    expect(await ephemerals(world)).toEqual([0, 0, 0]);
  });

  it('costs nothing where all of them stood still at once', async () => {
    const world = await EnsembleWorld.elected({ size: 3 });
    const clients = await everywhere(world);

    world.stall(1);
    world.stall(2);
    await stall(world, 3, clients, Number.POSITIVE_INFINITY, () => {
      world.wake(1);
      world.wake(2);
    });

    expect(world.lines('leading, and serving').map(({ sid }) => sid)).toEqual([3]);
    expect(await ephemerals(world)).toEqual([0, 0, 0]);
    expect(clients.map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
  });

  it('does not keep those alive whose clients are gone', async () => {
    const world = await EnsembleWorld.elected({ size: 3, ensemble: { syncLimit: 100 } });
    const clients = await everywhere(world);

    await stall(world, 1, clients);
    for (const client of clients) client.destroy();
    await world.pass(3 * SESSION_TIMEOUT);

    expect(await ephemerals(world)).toEqual([-101, -101, -101]);
  });
});

/** A client of each member, with an ephemeral node. */
async function everywhere(world: EnsembleWorld): Promise<TestClient[]> {
  const clients: TestClient[] = [];
  for (const sid of [1, 2, 3]) {
    const client = await world.client(sid, { timeout: SESSION_TIMEOUT });
    await world.run(client.request(OpCode.create, create(`/e${sid}`, '', CreateMode.EPHEMERAL)));
    clients.push(client);
  }
  return clients;
}

/**
 * The clients ping as they should, before, during and after. Those whose connection ends come again, to whichever
 * member serves.
 */
async function stall(
  world: EnsembleWorld,
  sid: number,
  clients: TestClient[],
  patience = Number.POSITIVE_INFINITY,
  onWake = () => {},
): Promise<void> {
  world.stall(sid);
  const unanswered = clients.map(() => 0);
  for (let ms = 0; ms < STALL + 4 * SESSION_TIMEOUT; ms += PING_INTERVAL) {
    if (ms === STALL) {
      world.wake(sid);
      onWake();
    }
    for (const [i, client] of clients.entries()) {
      unanswered[i] = client.frames.splice(0).length > 0 ? 0 : unanswered[i]! + 1;
      if (unanswered[i] > patience) client.destroy();
      if (client.isClosed) {
        unanswered[i] = 0;
        clients[i] = await comeBack(world, client);
      }
      clients[i]!.send(OpCode.ping, { write() {} }, Xid.ping);
    }
    await world.pass(PING_INTERVAL);
  }
}

async function comeBack(world: EnsembleWorld, before: TestClient): Promise<TestClient> {
  const { sessionId, passwd: password } = before.session!;
  for (const [sid, { view }] of world.members) {
    if (!view.isServing || world.isStalled(sid)) continue;
    let client: TestClient | undefined;
    void world.connect(sid, { sessionId, password, timeout: SESSION_TIMEOUT }).then(
      (connected) => (client = connected),
      () => {},
    );
    await world.pass(20);
    if (client !== undefined && !client.isClosed) return client;
  }
  return before;
}

/** What `exists` says of the nodes of the three. */
async function ephemerals(world: EnsembleWorld): Promise<number[]> {
  const client = await world.client(2);
  const errors: number[] = [];
  for (const sid of [1, 2, 3])
    errors.push((await world.run(client.request(OpCode.exists, exists(`/e${sid}`)))).err);
  client.end();
  return errors;
}

const PING_INTERVAL = 300;

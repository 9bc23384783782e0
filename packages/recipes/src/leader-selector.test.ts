import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { leaderSelector, type PlatformSignal } from './index.ts';

describe('a leader selector', () => {
  it('lets one lead after the other', async () => {
    const world = new World(1, { latency: { minMs: 1, maxMs: 1 } });
    await world.start();
    const clients = [await world.client(), await world.client(), await world.client()];
    const led: number[] = [];
    let leading = 0;
    const selectors = clients.map((zk, number) =>
      leaderSelector(zk, '/lead', {
        id: `${number}`,
        lead: async () => {
          expect(++leading).toBe(1);
          led.push(number);
          await zk.sync();
          leading--;
        },
      }).start(),
    );

    while (led.length < 9) await world.pass(10);
    await world.run(Promise.all(selectors.map((selector) => selector.close())));

    expect(led.slice(0, 9)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    await world.pass(10);
    expect((await world.run(clients[0]!.children('/lead'))).names).toEqual([]);
  });

  it('tells its leader to stop when the lead is lost, and lets it lead again', async () => {
    const world = await World.serving();
    const zk = await world.client({ sessionTimeout: 6000 });
    const reasons: string[] = [];
    const selector = leaderSelector(zk, '/lead', {
      lead: async (_, signal) => void reasons.push(await reasonOf(signal)),
    }).start();
    await world.pass(100);
    expect(selector.isLeader).toBe(true);

    world.network.partition('client-1', 'server');
    world.cut();
    await world.pass(2500);
    expect(reasons).toEqual(['LOST']);
    expect(selector.isLeader).toBe(false);
    world.network.heal();
    await world.pass(1000);
    expect(selector.isLeader).toBe(true);
    selector.interrupt();
    await world.pass(100);
    await world.run(selector.close());

    expect(reasons).toEqual(['LOST', 'LOST', 'CLOSED']);
  });

  it('ends after one term when it is not to be requeued, and with its session', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const errors: unknown[] = [];
    const once = leaderSelector(zk, '/lead', {
      isRequeued: false,
      lead: () => {
        throw new Error('tired');
      },
      onError: (error) => void errors.push(error),
    }).start();
    await world.run(once.ended);
    expect(errors).toMatchObject([{ message: 'tired' }]);

    const selector = leaderSelector(zk, '/lead', {
      lead: async (_, signal) => void (await reasonOf(signal)),
    });
    const ended = world.caught(selector.start().ended);
    await world.pass(100);
    await world.run(zk.close());

    expect((await ended).name).toBe('ClosedError');
    await world.run(selector.close());
  });

  it('takes it for no error when a leader stops with the reason of its signal', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const errors: unknown[] = [];
    const selector = leaderSelector(zk, '/lead', {
      lead: async (_, signal) => {
        await reasonOf(signal);
        throw signal.reason;
      },
      onError: (error) => void errors.push(error),
    }).start();
    await world.pass(100);

    selector.interrupt();
    await world.pass(100);
    await world.run(selector.close());

    expect(errors).toEqual([]);
  });

  it('does not hang on a leader that does not stop', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client({ sessionTimeout: 6000 }), await world.client()];
    const selector = leaderSelector(ann, '/lead', { lead: () => new Promise(() => {}) }).start();
    await world.pass(100);

    const error = await world.failure(selector.close());

    expect(error).toMatchObject({ code: 'TIMEOUT' });
    expect((await world.run(bob.children('/lead'))).names).toEqual([]);
  });
});

function reasonOf(signal: PlatformSignal): Promise<string> {
  return new Promise((resolve) => {
    const tell = (): void => resolve((signal.reason as { code: string }).code);
    if (signal.aborted) tell();
    else signal.addEventListener('abort', tell);
  });
}

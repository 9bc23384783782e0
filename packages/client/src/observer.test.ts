import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';

describe('an observer', () => {
  it('is told of states, servers, requests, events and failures', async () => {
    const world = await World.serving();
    const lines: string[] = [];
    const zk = await world.client({
      observer: {
        stateChanged: (state, previous) => void lines.push(`${previous} -> ${state}`),
        serverReached: (server) => void lines.push(`${server} serves`),
        serverFailed: (server, reason) => void lines.push(`${server}: ${reason.slice(0, 5)}`),
        watchFired: (type, path) => void lines.push(`event ${type} ${path}`),
        requestMade: ({ op, path }) => {
          lines.push(`${op} ${path}`);
          return {
            sent: () => void lines.push(`${op} is sent`),
            ended: (error) => void lines.push(`${op} ends: ${(error as Error | undefined)?.name ?? 'good'}`),
          };
        },
      },
    });
    lines.length = 0;

    await world.run(zk.once.exists('/a'));
    await world.run(zk.create('/a', ''));
    await world.failure(zk.get('/b'));
    world.cut();
    await world.run(zk.sync());
    await world.run(zk.close());

    expect(lines).toEqual([
      'exists /a',
      'exists is sent',
      'exists ends: good',
      'create2 /a',
      'create2 is sent',
      'event 1 /a',
      'create2 ends: good',
      'getData /b',
      'getData is sent',
      'getData ends: NoNodeError',
      'sync /',
      'sync is sent',
      'server:2181: RESET',
      'connected -> suspended',
      'suspended -> connected',
      'server:2181 serves',
      'sync is sent',
      'sync ends: good',
      'connected -> closed',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';

describe('an observer', () => {
  it('is told of states, requests, replies, events and failures', async () => {
    const world = await World.serving();
    const lines: string[] = [];
    const zk = await world.client({
      observer: {
        stateChanged: (state, previous) => void lines.push(`${previous} -> ${state}`),
        serverFailed: (server, reason) => void lines.push(`${server}: ${reason.slice(0, 5)}`),
        requestSent: (op, path) => void lines.push(`${op} ${path}`),
        requestAnswered: (op, path, _, code) => void lines.push(`${op} ${path} = ${code}`),
        watchFired: (type, path) => void lines.push(`event ${type} ${path}`),
      },
    });
    lines.length = 0;

    await world.run(zk.once.exists('/a'));
    await world.run(zk.create('/a', ''));
    world.cut();
    await world.run(zk.sync());
    await world.run(zk.close());

    expect(lines).toEqual([
      'exists /a',
      'exists /a = -101',
      'create2 /a',
      'event 1 /a',
      'create2 /a = 0',
      'sync /',
      'server:2181: RESET',
      'connected -> suspended',
      'suspended -> connected',
      'sync /',
      'sync / = 0',
      'connected -> closed',
    ]);
  });
});

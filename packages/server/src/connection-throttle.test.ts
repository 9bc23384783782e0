import { collectingMetrics } from '@corral/runtime';
import { SimulatedRuntime } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { defaultServerConfig } from './config.ts';
import { ConnectionThrottle } from './connection-throttle.ts';

type Config = Partial<(typeof defaultServerConfig)['connectionThrottle']>;

function throttle(config: Config): {
  runtime: SimulatedRuntime;
  metrics: ReturnType<typeof collectingMetrics>;
  throttle: ConnectionThrottle;
} {
  const runtime = new SimulatedRuntime({ seed: 1 });
  const metrics = collectingMetrics();
  const options = { ...defaultServerConfig.connectionThrottle, ...config };
  return {
    runtime,
    metrics,
    throttle: new ConnectionThrottle(options, runtime.clock, runtime.random, metrics),
  };
}

const admitted = (of: ConnectionThrottle, kind: 'global' | 'local' | 'renewal', tries: number): number =>
  Array.from({ length: tries }, () => of.admits(kind)).filter(Boolean).length;

describe('the throttle of connections', () => {
  it('lets everybody in where no tokens are configured', () => {
    expect(admitted(throttle({}).throttle, 'global', 1000)).toBe(1000);
  });

  it('lets in as many as there are tokens, and as many again as have been put in meanwhile', () => {
    const { runtime, throttle: limited } = throttle({ tokens: 10, fillTime: 100, fillCount: 2 });

    expect(admitted(limited, 'global', 15)).toBe(10);
    runtime.clock.advance(100);
    // The time must be over: it is not at its end.
    expect(admitted(limited, 'global', 15)).toBe(0);
    runtime.clock.advance(100);
    expect(admitted(limited, 'global', 15)).toBe(4);
    runtime.clock.advance(100_000);
    expect(admitted(limited, 'global', 15)).toBe(10);
  });

  it('takes tokens by what a client comes for, where weights are on: the tokens are for global sessions', () => {
    const weighed = { tokens: 4, fillTime: 1_000_000, weightEnabled: true };

    expect(admitted(throttle(weighed).throttle, 'global', 20)).toBe(4);
    expect(admitted(throttle(weighed).throttle, 'renewal', 20)).toBe(6);
    expect(admitted(throttle(weighed).throttle, 'local', 20)).toBe(12);
  });

  it('turns away by chance more and more while the bucket is empty, and less while it is full', () => {
    const {
      runtime,
      metrics,
      throttle: blue,
    } = throttle({
      tokens: 1,
      fillTime: 1_000_000,
      freezeTime: 10,
      dropIncrease: 0.5,
      dropDecrease: 0.25,
    });
    const chance = (): number | undefined =>
      metrics.samples().find(({ name }) => name === 'connection_drop_probability')?.value;
    blue.admits('global');
    expect(chance()).toBe(0);

    runtime.clock.advance(11);
    blue.admits('global');
    expect(chance()).toBe(0.5);
    blue.admits('global');
    expect(chance()).toBe(0.5);
    runtime.clock.advance(11);
    expect(blue.admits('global')).toBe(false);
    expect(chance()).toBe(1);

    runtime.clock.advance(2_000_000);
    blue.admits('global');
    expect(chance()).toBe(0.75);
  });
});

describe('a server with few tokens', () => {
  it('closes the connections of those that come too many, counts them, and says so once a second', async () => {
    const world = await World.serving({
      connectionThrottle: { ...defaultServerConfig.connectionThrottle, tokens: 2, fillTime: 60_000 },
    });
    await world.client();
    await world.client();
    for (let i = 0; i < 3; i++) await expect(world.client()).rejects.toThrow('closed');

    expect(world.metrics.counter('connection_rejected').value).toBe(3);
    expect(world.lines('too many clients at once')).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.ts';
import { calm, faultNames, standardStorm } from './storm.ts';

describe('the standard storm', () => {
  it('has at least the faults an hour that are written down', () => {
    const rates = standardStorm;
    const { deaths, powerLosses, deathsAtEffect, blackouts, cleanRestarts, longAbsences } = rates;
    const { partitions, oneWayPartitions, isolations, resets, halfOpens, delays, clientCuts } = rates;
    const links = partitions + oneWayPartitions + isolations + resets + halfOpens + delays + clientCuts;
    expect(faultNames.reduce((sum, name) => sum + rates[name], 0)).toBeGreaterThanOrEqual(240);
    expect(deaths + powerLosses + deathsAtEffect + blackouts + cleanRestarts).toBeGreaterThanOrEqual(60);
    expect(links).toBeGreaterThanOrEqual(60);
    expect(oneWayPartitions + isolations).toBeGreaterThanOrEqual(links / 3);
    const { slowDisks, failingSyncs, fullDisks, bitRot } = rates;
    expect(slowDisks + failingSyncs + fullDisks + bitRot).toBeGreaterThanOrEqual(30);
    expect(rates.stalls + rates.clockJumps).toBeGreaterThanOrEqual(30);
    expect(longAbsences + isolations).toBeGreaterThanOrEqual(20);
    expect(rates.reconfigurations).toBeGreaterThanOrEqual(4);
  });
});

describe('a simulation that makes no sense', () => {
  it.each([
    [{ seed: -1 }, 'seed: -1'],
    [{ seed: 0.5 }, 'seed: 0.5'],
    [{ seed: 1, servers: 0 }, 'servers: 0'],
    [{ seed: 1, observers: 99 }, 'observers: 99'],
    [{ seed: 1, clients: -1 }, 'clients: -1'],
    [{ seed: 1, hours: 0 }, 'hours: 0'],
    [{ seed: 1, storm: { ...calm, deaths: -1 } }, 'storm.deaths: -1'],
    [{ seed: 1, storm: { ...calm, stalls: Number.NaN } }, 'storm.stalls: NaN'],
    [{ seed: 1, storm: { ...calm, driftPercent: 51 } }, 'storm.driftPercent: 51 is more than 50'],
    [
      { seed: 1, storm: { ...calm, nearRolloverPercent: 101 } },
      'storm.nearRolloverPercent: 101 is more than 100',
    ],
    [{ seed: 1, storm: { ...calm, latency: { minMs: 3, maxMs: 1 } } }, 'storm.latency: 3 to 1 ms'],
    [{ seed: 1, storm: { ...calm, hail: 3 } as typeof calm }, 'storm.hail: there is no such fault'],
  ])('is refused by the name of its field: %j', async (options, message) => {
    await expect(simulate(options)).rejects.toThrow(new RangeError(message));
  });
});

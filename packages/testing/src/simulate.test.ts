import { describe, expect, it } from 'vitest';
import type { HistoryRecord } from './history.ts';
import type { Invariant } from './invariant.ts';
import { simulate } from './simulate.ts';
import { calm } from './storm.ts';

const SMALL = { seed: 5, servers: 3, clients: 3, hours: 0.005, storm: calm };

describe('a simulation', () => {
  it('answers everything where nothing goes wrong', async () => {
    const history: HistoryRecord[] = [];
    const result = await simulate({ ...SMALL, history: (record) => history.push(record) });
    expect(result.violation).toBeUndefined();
    expect(result.faults).toBe(0);
    const requests = history.filter((record) => record.kind === 'request' && record.xid >= 0);
    expect(requests.length).toBe(result.acknowledged);
    expect(requests.filter((record) => record.kind === 'request' && record.outcome === 'unknown')).toEqual(
      [],
    );
  });

  it('numbers its records in the order of their arrival', async () => {
    const arrivals: number[] = [];
    await simulate({ ...SMALL, history: ({ arrival }) => arrivals.push(arrival) });
    expect(arrivals).toEqual(arrivals.map((_, index) => index + 1));
  });

  it('ends at the first invariant that is broken, and says which, where and after what', async () => {
    const impossible: Invariant = {
      name: 'at-most-nine',
      says: 'No more than nine transactions are ever committed.',
      watch: (world) => ({
        onCommitted: () =>
          void (world.committed.count > 9 && world.violated(`${world.committed.count} by now`)),
      }),
    };
    const { violation } = await simulate({ ...SMALL, invariants: [impossible] });
    expect(violation).toMatchObject({
      invariant: 'at-most-nine',
      says: impossible.says,
      message: '10 by now',
    });
    expect(violation!.trace.at(-1)).toContain(`#${violation!.step - 1} `);
  });

  it('runs the workload it is given', async () => {
    const seen: string[] = [];
    await simulate({
      ...SMALL,
      clients: 1,
      workload: (client) => ({
        next: () => [{ op: 'create', path: `/of-${client}`, value: 'x', mode: 2 }],
        pauseMs: () => 1000,
        onResult: (_, result) => void (result?.path !== undefined && seen.push(result.path)),
      }),
    });
    expect(seen.slice(0, 2)).toEqual(['/of-10000000000', '/of-10000000001']);
  });
});

import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { bytes, DataError, json, type StandardSchema, utf8 } from './index.ts';

interface Limits {
  readonly rps: number;
}

/** As any library of schemas makes it. */
const limits: StandardSchema<unknown, Limits> = {
  '~standard': {
    version: 1,
    vendor: 'corral',
    validate: (value) =>
      typeof (value as Limits | null)?.rps === 'number'
        ? { value: value as Limits }
        : { issues: [{ message: 'not a number', path: ['rps'] }] },
  },
};

describe('a node with a type', () => {
  it('is written and read by its codec', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/n', '{"rps":1}'));
    const node = zk.node('/n', json(limits));

    await world.run(node.set({ rps: 5 }, { version: 0 }));

    expect((await world.run(node.get())).data).toEqual({ rps: 5 });
    expect((await world.run(zk.get('/n', utf8))).data).toBe('{"rps":5}');
    expect((await world.run(zk.get('/n', bytes))).data).toHaveLength(9);
  });

  it('refuses data that is not what it should be, and says what is wrong where', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/wrong', '{"rps":"many"}'));
    await world.run(zk.create('/broken', '{'));
    await world.run(zk.create('/binary', Uint8Array.of(0xff)));

    const wrong = await world.failure(zk.get('/wrong', json(limits)));
    const broken = await world.failure(zk.get('/broken', json(limits)));
    const binary = await world.failure(zk.once.get('/binary', utf8));

    expect([wrong, broken, binary].every((error) => error instanceof DataError)).toBe(true);
    expect(wrong.message).toBe('the data of /wrong: rps: not a number');
    expect(binary.message).toBe('the data of /binary: it is not UTF-8');
    expect(zk.state).toBe('connected');
  });

  it('is updated by compare and set: nobody overwrites what he has not seen', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const other = await world.client();
    await world.run(zk.create('/n', '{"rps":0}'));
    const add = async ({ rps }: Limits): Promise<Limits> => ({ rps: rps + 1 });

    await world.run(
      Promise.all(
        [zk, other].flatMap((client) =>
          Array.from({ length: 5 }, () => client.node('/n', json(limits)).update(add)),
        ),
      ),
    );

    expect((await world.run(zk.get('/n', utf8))).data).toBe('{"rps":10}');
  });

  it('tells its values as they change, and null while it is not there', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const other = await world.client();
    const values = zk.node('/n', utf8).values();
    const next = async (): Promise<string | undefined> => (await world.run(values.next())).value?.data;

    expect(await next()).toBeUndefined();
    await world.run(other.create('/n', 'one'));
    expect(await next()).toBe('one');
    await world.run(other.set('/n', 'two'));
    expect(await next()).toBe('two');
    await world.run(other.delete('/n'));
    expect(await next()).toBeUndefined();
    await world.run(values.return(undefined));
    expect(world.server.view.watches.watchCount).toBe(0);
  });

  it('tells changes that were faster than its reader as one', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/n', '0'));
    const values = zk.node('/n', utf8).values();
    await world.run(values.next());

    for (let i = 1; i <= 5; i++) await world.run(zk.set('/n', String(i)));
    const next = await world.run(values.next());
    await world.run(zk.set('/n', 'last'));
    const last = await world.run(values.next());

    expect([next, last].map(({ value }) => value?.data)).toEqual(['5', 'last']);
    await world.run(values.return(undefined));
  });

  it('whose codec throws leaves the connection as it is, whatever it throws', async () => {
    const world = await World.serving();
    const states: string[] = [];
    const zk = await world.client({ observer: { stateChanged: (state) => void states.push(state) } });
    await world.run(zk.create('/n', ''));
    const codec = {
      ...bytes,
      decode: (): Uint8Array => {
        throw Object.assign(new Error('too short'), { name: 'JuteError' });
      },
    };

    const error = await world.failure(zk.get('/n', codec));
    await world.run(zk.sync());

    expect(error.message).toBe('too short');
    expect(states).toEqual(['connected']);
  });
});

import { utf8 } from '@corral/client';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { model } from './index.ts';

describe('a model', () => {
  it('reads and writes nodes of one kind at paths of one shape', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const orders = model(zk, '/users/{user}/orders/{order}', utf8);

    await world.run(orders.create({ user: 'ann', order: '1' }, 'one'));
    await world.run(orders.create({ user: 'ann', order: '2' }, 'two'));
    await world.run(orders.update({ user: 'ann', order: '2' }, (text) => `${text}!`));

    expect((await world.run(zk.get('/users/ann/orders/2', utf8))).data).toBe('two!');
    const list = await world.run(orders.list({ user: 'ann' }));
    expect(Object.fromEntries([...list].map(([order, { data }]) => [order, data]))).toEqual({
      1: 'one',
      2: 'two!',
    });
    expect((await world.run(orders.list({ user: 'bob' }))).size).toBe(0);
    const cache = await world.run(orders.cache({ user: 'ann' }));
    await world.run(orders.set({ user: 'ann', order: '1' }, 'uno'));
    await world.run(orders.delete({ user: 'ann', order: '2' }));
    await world.pass(100);
    expect([...cache.nodes()].map(({ data }) => data)).toEqual(['uno']);
    expect(await world.run(orders.tryGet({ user: 'ann', order: '2' }))).toBeNull();
    expect((await world.run(orders.get({ user: 'ann', order: '1' }))).stat.version).toBe(1);
  });

  it('takes only names for its variables', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const users = model(zk, '/users/{id}', utf8);

    for (const id of ['', '.', '..', 'a/b']) expect(() => users.pathOf({ id })).toThrow(RangeError);
    expect(() => users.pathOf({} as never)).toThrow(RangeError);
    expect(() => model(zk, 'users', utf8)).toThrow(RangeError);
    await expect(model(zk, '/{id}/x', utf8).list({ id: 'a' })).rejects.toThrow(RangeError);
  });
});

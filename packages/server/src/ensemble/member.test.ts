import { OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, exists, getData, setData } from '../../test/requests.ts';

describe('an ensemble of three', () => {
  it('serves on every member, each under its own mode', async () => {
    const world = await EnsembleWorld.led(3, { size: 3 });

    expect([...world.members.values()].map(({ view }) => view.mode)).toEqual([
      'follower',
      'follower',
      'leader',
    ]);
  });

  it('commits what a client of a follower writes, and everybody has it', async () => {
    const world = await EnsembleWorld.led(3, { size: 3 });
    const client = await world.client(1);

    const created = await world.run(client.request(OpCode.create, create('/a', 'one')));
    const set = await world.run(client.request(OpCode.setData, setData('/a', 'two')));

    expect([created.err, set.err]).toEqual([0, 0]);
    await world.pass(100);
    for (const sid of [1, 2, 3]) {
      const reader = await world.client(sid);
      const reply = await world.run(reader.request(OpCode.getData, getData('/a')));
      expect([sid, new TextDecoder().decode(reply.body.readBuffer()!)]).toEqual([sid, 'two']);
    }
  });

  it('answers the writes of a client of the leader, of a follower, of an observer', async () => {
    const world = await EnsembleWorld.led(1, { size: 4, observers: [4] });
    for (const sid of [1, 2, 4]) {
      const client = await world.client(sid);
      const reply = await world.run(client.request(OpCode.create, create(`/n${sid}`)));
      const again = await world.run(client.request(OpCode.create, create(`/n${sid}`)));
      expect([sid, reply.err, again.err]).toEqual([sid, 0, -110]);
      expect((await world.run(client.request(OpCode.exists, exists(`/n${sid}`)))).err).toBe(0);
    }
  });
});

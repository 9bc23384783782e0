import { OpCode } from '@corral/protocol';
import type { Transport } from '@corral/transport';
import { describe, expect, it } from 'vitest';
import { create, exists, getData } from '../test/requests.ts';
import { ascii, connectFrame, TestClient } from '../test/test-client.ts';
import { World } from '../test/world.ts';

describe('closing the server', () => {
  it('answers what it has taken, then ends every connection', async () => {
    const world = await World.serving();
    const client = await world.client();
    const syncs = world.holdSyncs();
    client.send(OpCode.create, create('/a'));
    await world.pass(10);

    const closing = world.server.close();
    await world.pass(10);
    expect(client.isClosed).toBe(false);
    syncs.release();
    await world.run(closing);

    expect((await client.reply()).err).toBe(0);
    await world.run(client.closed());
    expect(client.wasReset).toBe(false);
  });

  it('takes nothing more from the moment it begins', async () => {
    const world = await World.serving();
    const [client, silent] = [await world.client(), await world.dial()];
    const syncs = world.holdSyncs();
    client.send(OpCode.create, create('/a'));
    await world.pass(10);

    const closing = world.server.close();
    client.send(OpCode.create, create('/b'));
    silent.sendRaw(connectFrame());
    await expect(
      world.run(TestClient.dial(world.network.transport('late'), 2181, { host: 'server' })),
    ).rejects.toThrow('REFUSED');
    syncs.release();
    await world.run(closing);

    expect(client.frames).toHaveLength(1);
    expect(silent.frames).toEqual([]);
    await world.start();
    expect((await world.run((await world.client()).request(OpCode.exists, exists('/b')))).err).toBe(-101);
  });

  it('leaves sessions and their nodes for the next start', async () => {
    const world = await World.serving();
    const client = await world.client();
    const { sessionId, passwd } = client.session!;
    await world.run(client.request(OpCode.create, create('/e', 'mine', 1)));
    await world.run(world.server.close());

    await world.start();
    const again = await world.dial();
    await world.run(again.handshake({ sessionId, password: passwd }));

    expect((await world.run(again.request(OpCode.getData, getData('/e')))).body.readBuffer()).toEqual(
      ascii('mine'),
    );
  });

  it('may be asked for twice', async () => {
    const world = await World.serving();

    await world.run(Promise.all([world.server.close(), world.server.close()]));

    expect(world.lines('stopped')).toHaveLength(1);
  });

  it('waits for the last connection to close, and not a moment longer', async () => {
    const world = await World.serving();
    const clients = [await world.client(), await world.client(), await world.dial()];
    const { clock } = world.runtime;
    const before = clock.monotonic();

    await world.run(world.server.close());

    expect(clock.monotonic()).toBe(before);
    for (const client of clients) await world.run(client.closed());
    expect(clock.monotonic()).toBe(before);
  });

  it('is over only when every connection has told of its end, also those that had to be cut', async () => {
    const world = new World();
    let ended = 0;
    const transport = world.network.transport('server');
    const listen: Transport['listen'] = (options, accept) =>
      transport.listen(options, (connection) => {
        const handler = accept(connection);
        return {
          onData: (chunk) => handler.onData(chunk),
          onDrain: () => handler.onDrain(),
          onClose(error) {
            ended++;
            handler.onClose(error);
          },
        };
      });
    await world.start({}, { transport: { ...transport, listen } });
    const deaf = await world.client();
    await world.run(deaf.request(OpCode.create, create('/big', 'x'.repeat(500_000))));
    deaf.pause();
    for (let i = 0; i < 20; i++) deaf.send(OpCode.getData, getData('/big'));
    await world.client();
    await world.pass(100);

    await world.run(world.server.close());

    expect(ended).toBe(2);
  });

  it('is not held up by a client that does not read', async () => {
    const world = await World.serving();
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/big', 'x'.repeat(500_000))));
    client.pause();
    for (let i = 0; i < 20; i++) client.send(OpCode.getData, getData('/big'));
    await world.pass(100);

    await world.run(world.server.close());

    expect(world.server.view.isServing).toBe(false);
  });
});

describe('a sync that fails', () => {
  it('stops the server at once: no answer leaves, nobody is served, and the reason is told', async () => {
    const world = await World.serving();
    const [client, reader] = [await world.client(), await world.client()];
    world.medium.beforeSync = () => Promise.reject(new Error('the disk is gone'));

    client.send(OpCode.create, create('/a'));
    const reason = await world.run(world.server.failed);
    await world.run(client.closed());
    await world.run(reader.closed());

    expect(reason.message).toContain('the disk is gone');
    expect(client.frames).toEqual([]);
    expect(world.server.view.isServing).toBe(false);
    await expect(world.dial()).rejects.toThrow('REFUSED');
  });

  it('leaves a server that can still be closed, once the disk lets it', async () => {
    const world = await World.serving();
    const client = await world.client();
    world.medium.beforeSync = () => Promise.reject(new Error('the disk is gone'));
    client.send(OpCode.create, create('/a'));
    await world.run(world.server.failed);

    await world.run(world.server.close());
    world.medium.beforeSync = () => {};
    await world.start();

    const again = await world.client();
    expect((await world.run(again.request(OpCode.exists, exists('/a')))).err).toBe(-101);
  });

  it('while the server is closing ends the closing', async () => {
    const world = await World.serving();
    const client = await world.client();
    const { promise, reject } = Promise.withResolvers<void>();
    world.medium.beforeSync = () => promise;
    client.send(OpCode.create, create('/a'));
    await world.pass(10);

    const closing = world.server.close();
    await world.pass(10);
    reject(new Error('the disk is gone'));

    await world.run(Promise.all([closing, world.server.failed]));
    expect(client.frames).toEqual([]);
  });
});

describe('starting the server', () => {
  it('fails where the port is taken, and lets go of the storage', async () => {
    const world = await World.serving();
    const other = new World();
    const busy = world.network.transport('server');

    await expect(other.start({}, { transport: busy, runtime: world.runtime })).rejects.toThrow(
      'ADDRESS_IN_USE',
    );
    await other.start();

    expect(other.server.view.isServing).toBe(true);
  });

  it('fails where it is told to ask for an authentication that is not there', async () => {
    const world = new World();

    await expect(world.start({ enforceAuth: { enabled: true, schemes: ['kerberos'] } })).rejects.toThrow(
      'kerberos',
    );
  });
});

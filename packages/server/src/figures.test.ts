import type { JuteWriter } from '@corral/jute';
import { AuthPacket, OpCode, Xid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { addWatch, create, exists, getChildren, getData, remove, setData, sync } from '../test/requests.ts';
import { ascii } from '../test/test-client.ts';
import { World } from '../test/world.ts';

/** What `mntr` shows of the names asked for. */
function figures(world: World, ...names: readonly string[]): Record<string, number | undefined> {
  const samples = new Map(Array.from(world.server.view.metrics(), ({ name, value }) => [name, value]));
  return Object.fromEntries(names.map((name) => [name, samples.get(name)]));
}

async function ask(world: World, word: string): Promise<string> {
  const asking = await world.dial({ framed: false });
  asking.sendRaw(ascii(word));
  await world.run(asking.closed());
  return asking.text;
}

const words = { fourLetterWordWhitelist: ['*'] };

describe('packets (all figures here are those of Apache 3.9.5, asked the same)', () => {
  it('count from the ConnectRequest and its answer on', async () => {
    const world = await World.serving();
    const client = await world.client();

    expect([world.server.view.packetsReceived, world.server.view.packetsSent]).toEqual([1, 1]);

    await world.run(client.request(OpCode.ping, null, Xid.ping));
    expect([world.server.view.packetsReceived, world.server.view.packetsSent]).toEqual([2, 2]);
  });

  it('count a word before it is answered, and its answer only afterwards', async () => {
    const world = await World.serving(words);
    await world.client();

    expect(await ask(world, 'cons')).toMatch(/\(queued=0,recved=1,sent=0\)\n/);
    expect(await ask(world, 'srvr')).toContain('Received: 3\nSent: 2\n');
    expect(world.server.view.packetsSent).toBe(3);
  });

  it('of a session taken over count the same', async () => {
    const world = await World.serving();
    const { sessionId, passwd } = (await world.client()).session!;

    const again = await world.dial();
    await world.run(again.handshake({ sessionId, password: passwd }));

    const [connection] = [...world.server.view.connections()];
    expect([connection!.packetsReceived, connection!.packetsSent]).toEqual([1, 1]);
    expect(figures(world, 'connection_request_count', 'connection_revalidate_count')).toEqual({
      connection_request_count: 2,
      connection_revalidate_count: 1,
    });
  });
});

describe('sizes', () => {
  const SIZES = ['last_client_response_size', 'min_client_response_size', 'max_client_response_size'];

  it('are those of frames without their length; ConnectResponses have none, pings only that', async () => {
    const world = await World.serving();
    const client = await world.client();
    expect(figures(world, ...SIZES, 'response_bytes')).toEqual({
      last_client_response_size: -1,
      min_client_response_size: -1,
      max_client_response_size: -1,
      response_bytes: 0,
    });

    await world.run(client.request(OpCode.ping, null, Xid.ping));
    expect(figures(world, ...SIZES, 'response_bytes')).toEqual({
      last_client_response_size: 16,
      min_client_response_size: 16,
      max_client_response_size: 16,
      response_bytes: 0,
    });

    const { frame } = await world.run(client.request(OpCode.exists, exists('/')));
    expect(figures(world, ...SIZES, 'response_bytes')).toEqual({
      last_client_response_size: frame.length,
      min_client_response_size: 16,
      max_client_response_size: frame.length,
      response_bytes: frame.length,
    });
  });

  it('of events count apart, those of answers to authentication not at all', async () => {
    const world = await World.serving();
    const [client, writer] = [await world.client(), await world.client()];
    await world.run(client.request(OpCode.auth, new AuthPacket(0, 'digest', ascii('u:p')), Xid.auth));
    await world.run(client.request(OpCode.exists, exists('/a', true)));
    const before = figures(world, 'response_bytes')['response_bytes']!;

    await world.run(writer.request(OpCode.create, create('/a')));
    const event = await world.run(client.frame());

    expect(figures(world, 'watch_bytes')['watch_bytes']).toBe(event.length);
    expect(before).toBe(16);
    expect(figures(world, 'last_client_response_size')['last_client_response_size']).toBe(16 + 4 + 2);
  });
});

describe('watches', () => {
  it('are counted, and how many each change met, as Apache does: in its two tables', async () => {
    const world = await World.serving();
    const [a, b] = [await world.client(), await world.client()];
    await world.run(a.request(OpCode.create, create('/m')));
    await world.run(a.request(OpCode.getChildren, getChildren('/m', true)));
    for (const client of [a, b]) await world.run(client.request(OpCode.exists, exists('/m/x', true)));
    expect(figures(world, 'watch_count')).toEqual({ watch_count: 3 });

    const written = async (type: number, body: Parameters<typeof a.send>[1]): Promise<void> => {
      a.send(type, body);
      await world.pass(10);
    };
    await written(OpCode.create, create('/m/x'));
    for (const client of [a, b]) client.send(OpCode.getData, getData('/m/x', true));
    a.send(OpCode.getChildren, getChildren('/m/x', true));
    await written(OpCode.setData, setData('/m/x', 'hello'));
    b.send(OpCode.addWatch, addWatch('/', 1));
    await written(OpCode.delete, remove('/m/x'));

    const parts = ['created', 'changed', 'children', 'deleted'].flatMap((name) => [
      `cnt_node_${name}_watch_count`,
      `sum_node_${name}_watch_count`,
    ]);
    expect(Object.values(figures(world, ...parts))).toEqual([1, 2, 1, 2, 1, 1, 2, 2]);
  });
});

describe('writes', () => {
  it('are timed from their preparation to the medium, and to those who see them', async () => {
    const world = await World.serving();
    const client = await world.client();
    const syncs = world.holdSyncs();
    for (let i = 0; i < 3; i++) client.send(OpCode.create, create(`/a${i}`));
    await world.pass(40);
    syncs.release();
    for (let i = 0; i < 3; i++) await world.run(client.reply());
    await world.run(client.request(OpCode.closeSession));

    // createSession, three creates, closeSession.
    const names = [
      'prep_process_time',
      'proposal_process_time',
      'sync_processor_queue_size',
      'sync_processor_queue_time_ms',
      'sync_processor_queue_and_flush_time_ms',
      'propagation_latency',
      'updatelatency',
    ];
    expect(Object.values(figures(world, ...names.map((name) => `cnt_${name}`)))).toEqual(names.map(() => 5));
    expect(
      figures(
        world,
        'prep_processor_request_queued',
        'sync_processor_request_queued',
        'cnt_close_session_prep_time',
        'max_sync_processor_queue_and_flush_time_ms',
        'max_sync_processor_queue_flush_time_ms',
        'max_propagation_latency',
      ),
    ).toEqual({
      prep_processor_request_queued: 5,
      sync_processor_request_queued: 5,
      cnt_close_session_prep_time: 1,
      max_sync_processor_queue_and_flush_time_ms: 40,
      max_sync_processor_queue_flush_time_ms: 40,
      max_propagation_latency: 40,
    });
  });

  it('whose connection has ended are stale when they are answered', async () => {
    const world = await World.serving();
    const client = await world.client();
    const syncs = world.holdSyncs();
    for (let i = 0; i < 3; i++) client.send(OpCode.create, create(`/a${i}`));
    await world.pass(10);

    client.destroy();
    await world.pass(10);
    syncs.release();
    await world.pass(10);

    expect(figures(world, 'stale_replies')).toEqual({ stale_replies: 3 });
  });
});

describe('quotas', () => {
  it('are shown by the first name of their paths', async () => {
    const world = await World.serving();
    const client = await world.client();
    const made = async (path: string, data = ''): Promise<void> => {
      expect((await world.run(client.request(OpCode.create, create(path, data)))).err).toBe(0);
    };
    await made('/ns');
    for (const path of ['/zookeeper/quota/ns', '/zookeeper/quota/ns/x', '/ns/x']) await made(path);
    await made('/zookeeper/quota/ns/zookeeper_limits', 'count=10,bytes=100=;byteHardLimit=70');
    await made('/zookeeper/quota/ns/zookeeper_stats', 'count=0,bytes=0');
    await made('/zookeeper/quota/ns/x/zookeeper_limits', 'count=5,bytes=-1');
    await made('/zookeeper/quota/ns/x/zookeeper_stats', 'count=0,bytes=0');
    await made('/ns/x/y', '12345');

    const kinds = ['count_limit', 'bytes_limit', 'count_usage', 'bytes_usage'];
    expect(Object.values(figures(world, ...kinds.map((kind) => `ns_quota_${kind}_per_namespace`)))).toEqual([
      15, 69, 4, 5,
    ]);
  });
});

describe('connections', () => {
  it('that their clients close are dropped, those that say goodbye or ask for a word are not', async () => {
    const world = await World.serving(words);
    const polite = await world.client();
    await world.run(polite.request(OpCode.closeSession));
    await world.run(polite.closed());
    await ask(world, 'ruok');
    expect(figures(world, 'connection_drop_count')).toEqual({ connection_drop_count: 0 });

    const [probe, client] = [await world.dial(), await world.client()];
    probe.end();
    client.end();
    await world.pass(10);

    expect(figures(world, 'connection_drop_count')).toEqual({ connection_drop_count: 2 });
  });

  it('that ask are counted, also where they are sent away', async () => {
    const world = await World.serving();
    const { sessionId } = (await world.client()).session!;
    const later = await world.dial();
    await expect(world.run(later.handshake({ lastZxid: 2 ** 40 }))).rejects.toThrow('closed');
    const guessing = await world.dial();
    await world.run(guessing.handshake({ sessionId, password: new Uint8Array(16) }));

    expect(figures(world, 'connection_request_count', 'connection_revalidate_count')).toEqual({
      connection_request_count: 3,
      connection_revalidate_count: 1,
    });
  });

  it('may ask whether this is their ensemble', async () => {
    const world = await World.serving({ ensembleAuthName: 'ours' });
    const client = await world.client();
    const name = async (text: string): Promise<void> => {
      client.send(OpCode.auth, new AuthPacket(0, 'ensemble', ascii(text)), Xid.auth);
      await world.pass(10);
    };
    await name('ours');
    await name('');
    await name('theirs');

    expect(client.isClosed).toBe(true);
    expect(figures(world, 'ensemble_auth_success', 'ensemble_auth_skip', 'ensemble_auth_fail')).toEqual({
      ensemble_auth_success: 1,
      ensemble_auth_skip: 1,
      ensemble_auth_fail: 1,
    });
  });
});

describe('the server itself', () => {
  it('notes its pauses', async () => {
    const world = await World.serving({ tickTime: 1000 });

    world.runtime.clock.stall(5000);
    await world.pass(1000);

    const { cnt_jvm_pause_time_ms: count, max_jvm_pause_time_ms: longest } = figures(
      world,
      'cnt_jvm_pause_time_ms',
      'max_jvm_pause_time_ms',
    );
    expect(count).toBe(1);
    expect(longest).toBeGreaterThan(4000);
  });

  it('notes that it could not go on', async () => {
    const world = await World.serving();
    const client = await world.client();
    world.medium.beforeSync = () => Promise.reject(new Error('the disk is gone'));

    client.send(OpCode.create, create('/a'));
    await world.run(world.server.failed);

    expect(figures(world, 'unrecoverable_error_count')).toEqual({ unrecoverable_error_count: 1 });
  });

  it('forgets figures on srst, not what is there', async () => {
    const world = await World.serving({ fourLetterWordWhitelist: ['*'] });
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/e', '', 1)));
    await world.run(client.request(OpCode.sync, sync('/')));

    await ask(world, 'srst');

    expect(
      figures(world, 'cnt_updatelatency', 'response_bytes', 'packets_received', 'ephemerals_count'),
    ).toEqual({ cnt_updatelatency: 0, response_bytes: 0, packets_received: 0, ephemerals_count: 1 });
  });
});

describe('a word about very many watches', () => {
  /** setWatches with `count` data watches on nodes that are there not (exist watches). */
  const watchesOf = (count: number) => ({
    write(w: JuteWriter): void {
      w.writeLongNumber(0);
      w.writeStrings([]);
      w.writeStrings(Array.from({ length: count }, (_, i) => `/watched/${i}`));
      w.writeStrings([]);
    },
  });

  it.each(['wchc', 'wchp'])(
    '%s is made while it is sent: what has gone by then is not in it',
    async (word) => {
      const world = await World.serving({ ...words, juteMaxBuffer: 1 << 24 });
      const client = await world.client();
      await world.run(client.request(OpCode.setWatches, watchesOf(50_000)));
      expect(await ask(world, 'wchs')).toBe('1 connections watching 50000 paths\nTotal watches:50000\n');
      const asking = await world.dial({ framed: false });
      asking.pause();
      asking.sendRaw(ascii(word));
      await world.pass(100);

      client.destroy();
      await world.pass(100);
      asking.resume();
      await world.run(asking.closed());

      const listed = asking.text.match(/\/watched\//g)?.length ?? 0;
      expect(listed).toBeGreaterThan(1000);
      expect(listed).toBeLessThan(49_000);
      expect(await ask(world, 'wchs')).toBe('0 connections watching 0 paths\nTotal watches:0\n');
    },
  );
});

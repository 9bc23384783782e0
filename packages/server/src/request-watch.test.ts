import { OpCode } from '@corral/protocol';
import type { DiagnosticChannel, Diagnostics, MetricFamily } from '@corral/runtime';
import { describe, expect, it } from 'vitest';
import { create, exists, getData, setData } from '../test/requests.ts';
import { World } from '../test/world.ts';
import type { ConnectionView } from './four-letter-words/index.ts';
import type { RequestMessage } from './request-watch.ts';

describe('who sends most', () => {
  it('is told exactly, where requests are few', async () => {
    const world = await World.serving();
    const [busy, calm] = [await world.client(), await world.client()];
    const [{ remoteHost, remotePort }] = [...world.server.view.connections()] as [ConnectionView];
    await world.run(busy.request(OpCode.create, create('/hot')));
    for (let i = 0; i < 80; i++) await world.run(busy.request(OpCode.getData, getData('/hot')));
    for (let i = 0; i < 20; i++) await world.run(calm.request(OpCode.exists, exists(`/cold/${i}`)));

    const { sampledOneOf, requestCount, clients, paths, operations } = world.server.view.top(1);

    expect([sampledOneOf, requestCount]).toEqual([1, 101]);
    expect(clients).toMatchObject([{ key: `${remoteHost}:${remotePort}`, count: 81 }]);
    expect(paths).toMatchObject([{ key: '/hot', count: 81 }]);
    const bytesOfOne = 8 + 4 + 4 + 1;
    expect(operations).toEqual([{ key: 'getData', count: 80, bytes: 80 * bytesOfOne, overcount: 0 }]);
  });

  it('is told by one request of so many, for all of them, where they are many', async () => {
    const world = await World.serving();
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/hot')));
    for (let i = 0; i < 4000; i++) client.send(OpCode.getData, getData(i % 4 === 0 ? `/cold/${i}` : '/hot'));
    for (let i = 0; i < 4000; i++) await world.run(client.reply());

    const { sampledOneOf, requestCount, paths } = world.server.view.top(1);

    expect(sampledOneOf).toBeGreaterThan(1);
    expect(Math.abs(requestCount - 4001)).toBeLessThan(400);
    expect(paths[0]!.key).toBe('/hot');
    expect(Math.abs(paths[0]!.count - 3000)).toBeLessThan(400);
  });

  it('is told exactly again when they have become few', async () => {
    const world = await World.serving();
    const client = await world.client();
    for (let i = 0; i < 4000; i++) client.send(OpCode.exists, exists('/'));
    for (let i = 0; i < 4000; i++) await world.run(client.reply());
    for (let second = 0; second < 20; second++) {
      await world.pass(1001);
      for (let i = 0; i < 40; i++) await world.run(client.request(OpCode.exists, exists('/')));
    }

    expect(world.server.view.top(1).sampledOneOf).toBe(1);
  });

  it('is told of the last minute', async () => {
    const world = await World.serving({ slowRequestMs: 1000 });
    const client = await world.client();
    await world.run(client.request(OpCode.exists, exists('/early')));
    await world.pass(40_000);
    const later = await world.client();
    await world.run(later.request(OpCode.exists, exists('/later')));

    await world.pass(25_000);

    expect(world.server.view.top(9).paths.map(({ key }) => key)).toEqual(['/later']);
  });

  it('names what has no path by its operation alone, and cuts a long one', async () => {
    const world = await World.serving({ slowRequestMs: 1000 });
    const client = await world.client();
    await world.run(client.request(OpCode.exists, exists(`/${'x'.repeat(5000)}`)));
    await world.run(client.request(OpCode.whoAmI));

    const { paths, operations } = world.server.view.top(9);

    expect(paths.map(({ key }) => key.length)).toEqual([256]);
    expect(operations.map(({ key }) => key)).toEqual(['exists', 'whoAmI']);
  });
});

describe('slow requests', () => {
  it('are lines of the log, with who asked what, where and how long it took', async () => {
    const world = await World.serving({ slowRequestMs: 100 });
    const client = await world.client();
    const syncs = world.holdSyncs();
    client.send(OpCode.create, create('/slow', 'x'));
    client.send(OpCode.getData, getData('/slow'));
    await world.pass(150);
    syncs.release();
    for (let i = 0; i < 2; i++) await world.run(client.reply());

    expect(world.lines('slow request').map(({ level, fields }) => [level, fields])).toEqual([
      [
        'warn',
        expect.objectContaining({ operation: 'create', path: '/slow', latencyMs: 150, outcome: 'OK' }),
      ],
      ['warn', expect.objectContaining({ operation: 'getData', path: '/slow', latencyMs: 150 })],
    ]);
  });

  it('are not looked for unless one says how slow', async () => {
    const world = await World.serving();
    const client = await world.client();
    const syncs = world.holdSyncs();
    client.send(OpCode.create, create('/slow'));
    await world.pass(5000);
    syncs.release();
    await world.run(client.reply());

    expect(world.lines('slow request')).toEqual([]);
  });

  it('are twenty lines a second at most; the next one tells of the others', async () => {
    const world = await World.serving({ slowRequestMs: 0 });
    const client = await world.client();
    for (let i = 0; i < 30; i++) await world.run(client.request(OpCode.exists, exists('/')));
    expect(world.lines('slow request')).toHaveLength(20);

    await world.pass(1000);
    await world.run(client.request(OpCode.exists, exists('/')));

    expect(world.lines('slow request').at(-1)!.fields).toMatchObject({ unlogged: 10 });
  });
});

describe('refused requests', () => {
  it('are fifty lines a second at most, and counted all the same', async () => {
    const world = await World.serving();
    const client = await world.client();
    for (let i = 0; i < 60; i++)
      await world.run(client.request(OpCode.create, create('/zookeeper/config/no', '', 1)));
    const refused = world.lines('request refused').length;

    expect(refused).toBeLessThanOrEqual(50);
    expect(world.metrics.counter('requests_refused').value).toBe(60);
  });
});

describe('whoever listens', () => {
  it('hears of every request when it is answered, in order, with its outcome', async () => {
    const channel = new ListenedTo();
    const world = await World.serving({}, { diagnostics: channel });
    const client = await world.client();
    channel.hasSubscribers = true;
    await world.run(client.request(OpCode.create, create('/a', 'x')));
    await world.run(client.request(OpCode.create, create('/a')));
    await world.run(client.request(OpCode.getData, getData('/a')));
    await world.run(client.request(OpCode.setData, setData('/b', 'x')));

    expect(channel.name).toBe('corral:server:request');
    expect(channel.messages.map(({ operation, path, outcome }) => [operation, path, outcome])).toEqual([
      ['create', '/a', 'OK'],
      ['create', '/a', 'NODEEXISTS'],
      ['getData', '/a', 'OK'],
      ['setData', '/b', 'NONODE'],
    ]);
    expect(channel.messages[0]).toMatchObject({
      client: expect.stringContaining(':'),
      sessionId: expect.stringMatching(/^(0x)?[0-9a-f]+$/),
      size: expect.any(Number),
      latencyMs: expect.any(Number),
    });
  });

  it('hears of reads that waited for a write, too, and of nothing once it is gone', async () => {
    const channel = new ListenedTo();
    const world = await World.serving({}, { diagnostics: channel });
    const client = await world.client();
    channel.hasSubscribers = true;
    client.send(OpCode.create, create('/a', 'x'));
    client.send(OpCode.exists, exists('/missing'));
    for (let i = 0; i < 2; i++) await world.run(client.reply());
    channel.hasSubscribers = false;
    await world.run(client.request(OpCode.exists, exists('/')));

    expect(channel.messages.map(({ path, outcome }) => [path, outcome])).toEqual([
      ['/a', 'OK'],
      ['/missing', 'NONODE'],
    ]);
  });
});

describe('figures by operation', () => {
  it('count all that was answered, and time it', async () => {
    const world = await World.serving();
    const client = await world.client();
    for (let i = 0; i < 10; i++) await world.run(client.request(OpCode.create, create(`/n${i}`)));
    for (let i = 0; i < 640; i++) await world.run(client.request(OpCode.exists, exists('/')));

    expect(valueOf(world, 'corral_requests_total', 'create')).toBe(10);
    expect(valueOf(world, 'corral_requests_total', 'exists')).toBe(640);
    expect(valueOf(world, 'corral_request_latency_seconds', 'create')).toBe(10);
    expect(valueOf(world, 'corral_request_latency_seconds', 'exists')).toBe(640);
  });

  it('are for Prometheus: mntr shows none of them', async () => {
    const world = await World.serving();
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/a')));

    const names = Array.from(world.server.view.families(), ({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['corral_log_queue_length', 'corral_log_sync_seconds']));
    expect(valueOf(world, 'corral_log_sync_seconds')).toBe(2);
  });
});

describe('memory', () => {
  it('is told by its parts, and grows with what is in them', async () => {
    const world = await World.serving({ juteMaxBuffer: 1 << 22 });
    const parts = ['tree', 'watches', 'sessions', 'connections', 'unsent'];
    const memory = () => parts.map((part) => valueOf(world, 'corral_memory_bytes', part)!);
    const before = memory();
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/large', 'x'.repeat(2_000_000))));
    await world.run(client.request(OpCode.exists, exists('/none', true)));

    const [tree, watches, sessions, connections, unsent] = memory().map((bytes, i) => bytes - before[i]!);

    expect(tree).toBeGreaterThanOrEqual(2_000_000);
    expect([watches! > 0, sessions! > 0, connections! > 0, unsent]).toEqual([true, true, true, 0]);
  });
});

class ListenedTo implements Diagnostics, DiagnosticChannel {
  name = '';
  hasSubscribers = false;
  readonly messages: RequestMessage[] = [];

  channel(name: string): DiagnosticChannel {
    this.name = name;
    return this;
  }

  publish(message: object): void {
    this.messages.push(message as RequestMessage);
  }
}

/** Of a histogram, how many it has counted. */
function valueOf(world: World, name: string, label?: string): number | undefined {
  for (const family of world.server.view.families())
    if (family.name === name && labelOf(family) === label)
      return 'value' in family ? family.value : family.count;
  return undefined;
}

function labelOf(family: MetricFamily): string | undefined {
  return family.kind === 'summary' ? undefined : family.label?.value;
}

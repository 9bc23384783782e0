import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { nodeDiagnostics } from '@corral/runtime/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { World } from '../test/world.ts';
import {
  type ConnectMessage,
  diagnosticsObserver,
  type RequestMessage,
  type SessionMessage,
  type WatchMessage,
} from './index.ts';

describe('the channels of a client', () => {
  it('tell of states, servers and events', async () => {
    const world = await World.serving();
    const heard: unknown[] = [];
    for (const name of ['zookeeper:session', 'zookeeper:connect', 'zookeeper:watch']) {
      const listener = (message: unknown): void => void heard.push(message);
      subscribe(name, listener);
      onTestFinished(() => void unsubscribe(name, listener));
    }
    const zk = await world.client({ observer: diagnosticsObserver('server:2181', nodeDiagnostics) });

    await world.run(zk.once.exists('/a'));
    await world.run(zk.create('/a', ''));
    world.cut();
    await world.run(zk.sync());

    const hosts = 'server:2181';
    const reset = expect.stringContaining('RESET') as string;
    expect(heard).toEqual([
      { hosts, state: 'connected', previous: 'connecting', reason: undefined } satisfies SessionMessage,
      { hosts, server: 'server:2181', failure: undefined } satisfies ConnectMessage,
      { hosts, eventType: 1, path: '/a' } satisfies WatchMessage,
      { hosts, server: 'server:2181', failure: reset } satisfies ConnectMessage,
      { hosts, state: 'suspended', previous: 'connected', reason: reset } satisfies SessionMessage,
      { hosts, state: 'connected', previous: 'suspended', reason: reset } satisfies SessionMessage,
      { hosts, server: 'server:2181', failure: undefined } satisfies ConnectMessage,
    ]);
  });

  it('trace each request from its call to its outcome, with one message', async () => {
    const world = await World.serving();
    const zk = await world.client({ observer: diagnosticsObserver('server:2181', nodeDiagnostics) });
    const channel = tracingChannel<object, RequestMessage>('zookeeper:request');
    const phases: string[] = [];
    const messages = new Set<RequestMessage>();
    const note = (phase: string) => (message: unknown) => {
      messages.add(message as RequestMessage);
      phases.push(`${phase} ${(message as RequestMessage).op}`);
    };
    const subscribers = {
      start: note('start'),
      end: note('end'),
      asyncStart: note('asyncStart'),
      asyncEnd: note('asyncEnd'),
      error: note('error'),
    };
    channel.subscribe(subscribers);
    onTestFinished(() => channel.unsubscribe(subscribers));

    await world.failure(zk.get('/none'));
    await world.run(zk.create('/a', ''));

    expect(phases).toEqual([
      'start getData',
      'end getData',
      'error getData',
      'asyncStart getData',
      'asyncEnd getData',
      'start create2',
      'end create2',
      'asyncStart create2',
      'asyncEnd create2',
    ]);
    const [get, create] = messages;
    expect(messages.size).toBe(2);
    expect(get).toMatchObject({ hosts: 'server:2181', path: '/none', error: { name: 'NoNodeError' } });
    expect(create?.xid).toBe(get!.xid + 1);
  });
});

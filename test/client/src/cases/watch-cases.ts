import { type Client, type SessionState, utf8, type WatchEvent } from '@corral/client';
import assert from 'node:assert/strict';
import type { ClientCase } from './case.ts';

/** Watches, and what becomes of them when the connection is lost. */
export const watchCases: readonly ClientCase[] = [
  {
    title: 'a watch tells what happens to a node, in order',
    async run(stage) {
      const zk = await stage.client();
      const watch = zk.watch('/a');
      await watch.ready;
      await zk.create('/a', '');
      await zk.set('/a', 'x');
      await zk.create('/a/b', '');
      await zk.delete('/a/b');
      await zk.delete('/a');
      assert.deepEqual(await take(watch, 5), [
        'created /a',
        'changed /a',
        'childrenChanged /a',
        'childrenChanged /a',
        'deleted /a',
      ]);
    },
  },
  {
    title: 'a recursive watch tells of everything below it',
    async run(stage) {
      const zk = await stage.client();
      const other = await stage.client();
      const watch = zk.watch('/', { recursive: true });
      await watch.ready;
      await other.create('/a/b', '', { parents: true });
      await other.set('/a/b', 'x');
      await other.delete('/a', { recursive: true });
      assert.deepEqual(await take(watch, 5), [
        'created /a',
        'created /a/b',
        'changed /a/b',
        'deleted /a/b',
        'deleted /a',
      ]);
    },
  },
  {
    title: 'an event is told before the result of a later read',
    async run(stage) {
      const zk = await stage.client();
      const order: string[] = [];
      await zk.create('/a', 'x');
      await zk.subscribe('/a', ({ type }) => void order.push(type));
      await Promise.all([
        zk.set('/a', 'y').then(() => order.push('set')),
        zk.get('/a', utf8).then(({ data }) => order.push(data)),
      ]);
      assert.deepEqual(order, ['changed', 'set', 'y']);
    },
  },
  {
    title: 'a watch that is left is told nothing more, and another of the same node stays',
    async run(stage) {
      const zk = await stage.client();
      await zk.create('/a', '');
      const events: string[] = [];
      const gone = await zk.subscribe('/a', () => void events.push('gone'));
      const stays = zk.watch('/a');
      await stays.ready;
      await gone.close();
      await zk.set('/a', 'x');
      assert.deepEqual(await take(stays, 1), ['changed /a']);
      await zk.sync();
      assert.deepEqual(events, []);
      await stays.close();
      await zk.set('/a', 'y');
      assert.deepEqual(await stays.next(), { done: true, value: undefined });
    },
  },
  {
    title: 'a watch stands again after the connection was lost, and says that events may have been missed',
    async run(stage) {
      const { zk, wire } = await stage.brittle();
      const other = await stage.client();
      const watch = zk.watch('/', { recursive: true });
      await watch.ready;
      wire.cut();
      await zk.sync();
      assert.deepEqual(await take(watch, 1), ['resync /']);
      await other.create('/a', '');
      assert.deepEqual(await take(watch, 1), ['created /a']);
    },
  },
  {
    title: 'a one-shot watch tells what happened while the connection was lost',
    async run(stage) {
      const { zk, wire } = await stage.brittle();
      const other = await stage.client();
      await zk.create('/a', 'x');
      await zk.create('/p', '');
      const { changed } = await zk.once.get('/a');
      const absent = await zk.once.exists('/b');
      const children = await zk.once.children('/p');
      const back = suspension(zk);
      wire.cut();
      await back;
      await Promise.all([other.delete('/a'), other.create('/b', ''), other.create('/p/c', '')]);
      const events = await Promise.all([changed, absent.changed, children.changed]);
      assert.deepEqual(events.map(text), ['deleted /a', 'created /b', 'childrenChanged /p']);
    },
  },
  {
    title: 'ten thousand watches are set again after the connection was lost',
    async run(stage) {
      const { zk, wire } = await stage.brittle({ sessionTimeout: 20_000 });
      const other = await stage.client();
      const paths = Array.from({ length: 10_000 }, (_, i) => `/a-node-with-quite-a-long-name-${i}`);
      const seen = await Promise.all(paths.map((path) => zk.once.exists(path)));
      wire.cut();
      await zk.sync();
      const last = paths.length - 1;
      await Promise.all([other.create(paths[0]!, ''), other.create(paths[last]!, '')]);
      const events = await Promise.all([seen[0]!.changed, seen[last]!.changed]);
      assert.deepEqual(events.map(text), [`created ${paths[0]}`, `created ${paths[last]}`]);
    },
  },
];

/** Resolves when the client has noticed that its connection is gone. */
function suspension(zk: Client): Promise<void> {
  return new Promise((resolve) => {
    const stop = zk.onState((state: SessionState) => {
      if (state !== 'suspended') return;
      stop();
      resolve();
    });
  });
}

async function take(watch: AsyncIterator<WatchEvent>, count: number): Promise<string[]> {
  const events: string[] = [];
  while (events.length < count) {
    const next = await watch.next();
    if (next.done) break;
    events.push(text(next.value));
  }
  return events;
}

function text({ type, path }: WatchEvent): string {
  return `${type} ${path}`;
}

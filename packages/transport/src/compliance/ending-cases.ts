import assert from 'node:assert/strict';
import { isEqual, KIB, MIB, pattern, send } from './bytes.ts';
import type { TransportCase } from './case.ts';
import { End } from './end.ts';
import { dialing, pair, quiet } from './pair.ts';

/** The ways a connection ends. */
export const endingCases: readonly TransportCase[] = [
  {
    name: 'end sends what is unsent first, and both sides close without an error',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const { near, far } = both;
      const bytes = pattern(8 * MIB, 1);
      far.pause();
      near.write(bytes);
      near.end();
      await quiet(subject);
      assert.equal(far.closes, 0, 'closed before all was read');
      far.resume();
      assert.equal(await both.until(far.closed), undefined);
      assert.equal(await both.until(near.closed), undefined);
      assert.ok(isEqual(far.received(), bytes));
      await both.finish();
    },
  },
  {
    name: 'after end nothing more is delivered and nothing more is sent',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const { near, far } = both;
      near.write(pattern(10, 2));
      near.end();
      assert.equal(near.write(pattern(10, 3)), true);
      far.write(pattern(100 * KIB, 4));
      await both.until(Promise.all([near.closed, far.closed]));
      assert.equal(near.receivedBytes, 0);
      assert.equal(far.receivedBytes, 10);
      await both.finish();
    },
  },
  {
    name: 'an end that was paused away is told after resume',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const { near, far } = both;
      far.pause();
      near.write(pattern(10, 5));
      near.end();
      far.resume();
      await both.until(far.closed);
      assert.equal(far.receivedBytes, 10);
      await both.finish();
    },
  },
  {
    name: 'both sides may end at the same time',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      both.near.end();
      both.far.end();
      assert.deepEqual(await both.until(Promise.all([both.near.closed, both.far.closed])), [
        undefined,
        undefined,
      ]);
      await both.finish();
    },
  },
  {
    name: 'destroy closes in a later turn, without an error, and the other side hears of it',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      both.near.destroy();
      assert.equal(both.near.closes, 0);
      assert.equal(await both.until(both.near.closed), undefined);
      await both.until(both.far.closed);
      await both.finish();
    },
  },
  {
    name: 'destroy does not wait for what nobody reads, also after end',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const { near, far } = both;
      far.pause();
      near.write(pattern(32 * MIB, 6));
      near.end();
      near.destroy();
      await both.until(near.closed);
      assert.equal(near.connection.unsent, 0);
      far.resume();
      await both.until(far.closed);
      assert.ok(far.receivedBytes < 32 * MIB);
      await both.finish();
    },
  },
  {
    name: 'a writer learns that the other side was destroyed, and may go on writing into the void',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const { near, far } = both;
      far.destroy();
      const bytes = pattern(KIB, 7);
      while (near.closes === 0) {
        near.write(bytes);
        await quiet(subject);
      }
      assert.equal(near.write(bytes), true);
      await both.finish();
    },
  },
  {
    name: 'after onClose every member is harmless',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const { near } = both;
      near.end();
      await both.until(near.closed);
      near.pause();
      near.resume();
      near.end();
      near.destroy();
      assert.equal(near.write(pattern(10, 8)), true);
      assert.equal(near.connection.unsent, 0);
      await both.finish();
    },
  },
  {
    name: 'every member may be called out of onData and onDrain',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const { near, far } = both;
      far.onBytes = () => {
        far.pause();
        far.write(pattern(5, 9));
        far.resume();
        far.end();
        far.destroy();
      };
      await send(both, near, pattern(5, 10));
      await both.until(Promise.all([near.closed, far.closed]));
      await both.finish();
    },
  },
  {
    name: 'a connection may be answered and ended while it is accepted',
    requires: [],
    async run(subject) {
      const ends: End[] = [];
      const listener = await subject.until(
        subject.transport.listen({ host: subject.host, port: 0 }, (connection) => {
          connection.write(pattern(20, 11));
          connection.end();
          const end = new End(connection);
          ends.push(end);
          return end;
        }),
      );
      const near = await subject.until(dialing(subject, listener));
      assert.equal(await subject.until(near.closed), undefined);
      assert.ok(isEqual(near.received(), pattern(20, 11)));
      assert.equal(ends.length, 1);
      assert.equal(await subject.until(ends[0]!.closed), undefined);
      await subject.until(listener.close());
    },
  },
  {
    name: 'a peer that ends its direction after its question still gets the whole answer',
    requires: ['half-close'],
    async run(subject) {
      const answer = pattern(4 * MIB, 12);
      const question = pattern(10, 13);
      const closed = Promise.withResolvers<unknown>();
      let asked = 0;
      const listener = await subject.until(
        subject.transport.listen({ host: subject.host, port: 0 }, (connection) => ({
          onData: (chunk) => {
            asked += chunk.length;
            if (asked === question.length) connection.write(answer);
          },
          onDrain: () => {},
          onClose: closed.resolve,
        })),
      );
      assert.ok(subject.askAndEnd !== undefined);
      const received = await subject.until(subject.askAndEnd(listener.address, question));
      assert.ok(isEqual(received, answer));
      assert.equal(await subject.until(closed.promise), undefined);
      await subject.until(listener.close());
    },
  },
];

import assert from 'node:assert/strict';
import { fill, isEqual, KIB, MIB, pattern, send } from './bytes.ts';
import type { TransportCase } from './case.ts';
import { pair, quiet } from './pair.ts';

/** Order, ownership and flow. */
export const bytesCases: readonly TransportCase[] = [
  {
    name: 'what is written arrives whole and in order, both ways at once',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const { near, far } = both;
      const there = pattern(500 * KIB, 1);
      const back = pattern(300 * KIB, 2);
      const sizes = [1, 2, 3, 5, 100, 1000, 4096, 65_535, 65_536, 65_537];
      for (let at = 0, returned = 0, turn = 0; at < there.length || returned < back.length; turn++) {
        const size = sizes[turn % sizes.length]!;
        near.write(there.subarray(at, at + size));
        far.write(back.subarray(returned, returned + size));
        at += size;
        returned += size;
      }
      await both.until(far.heard(() => far.receivedBytes >= there.length));
      await both.until(near.heard(() => near.receivedBytes >= back.length));
      assert.ok(isEqual(far.received(), there));
      assert.ok(isEqual(near.received(), back));
      await both.finish();
    },
  },
  {
    name: 'writes of one byte arrive in order',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const bytes = pattern(2000, 3);
      for (let at = 0; at < bytes.length; at++) both.near.write(bytes.subarray(at, at + 1));
      await both.until(both.far.heard(() => both.far.receivedBytes >= bytes.length));
      assert.ok(isEqual(both.far.received(), bytes));
      await both.finish();
    },
  },
  {
    name: 'an empty write sends nothing and is done with at once',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      assert.equal(both.near.write(new Uint8Array(0)), true);
      await quiet(subject);
      assert.equal(both.far.receivedBytes, 0);
      await both.finish();
    },
  },
  {
    name: 'one write of 16 MiB arrives',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const bytes = pattern(16 * MIB, 4);
      await send(both, both.near, bytes);
      await both.until(both.far.heard(() => both.far.receivedBytes >= bytes.length));
      assert.ok(isEqual(both.far.received(), bytes));
      await both.finish();
    },
  },
  {
    name: 'when write says true the bytes may be overwritten at once',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const rounds = 400;
      const expected = new Uint8Array(rounds * 3000);
      const reused = new Uint8Array(3000);
      for (let round = 0; round < rounds; round++) {
        fill(reused, round);
        expected.set(reused, round * reused.length);
        await send(both, both.near, reused);
        reused.fill(0xee);
      }
      await both.until(both.far.heard(() => both.far.receivedBytes >= expected.length));
      assert.ok(isEqual(both.far.received(), expected));
      await both.finish();
    },
  },
  {
    name: 'when write says false the bytes may be overwritten after onDrain, and nothing is unsent then',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const { near, far } = both;
      far.pause();
      const sent: Uint8Array[] = [];
      let isTaken = true;
      for (let i = 0; isTaken; i++) {
        assert.ok(i < 64, 'a reader that is paused for 64 MiB is not felt');
        const bytes = pattern(MIB, i);
        sent.push(bytes);
        isTaken = near.write(bytes);
      }
      assert.ok(near.connection.unsent > 0);
      const expected = sent.map((bytes) => bytes.slice());
      far.resume();
      await both.until(near.heard(() => near.drains > 0));
      assert.equal(near.connection.unsent, 0);
      for (const bytes of sent) bytes.fill(0xee);
      await both.until(far.heard(() => far.receivedBytes >= sent.length * MIB));
      const received = far.received();
      for (const [i, bytes] of expected.entries()) {
        assert.ok(isEqual(received.subarray(i * MIB, (i + 1) * MIB), bytes), `MiB ${i}`);
      }
      await both.finish();
    },
  },
  {
    name: '64 MiB that nobody reads are counted as unsent, then arrive in order with one onDrain',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const { near, far } = both;
      const block = pattern(MIB, 5);
      far.keeps = false;
      let isInOrder = true;
      far.onBytes = (chunk) => {
        const start = (far.receivedBytes - chunk.length) % MIB;
        const head = Math.min(chunk.length, MIB - start);
        isInOrder &&= isEqual(chunk.subarray(0, head), block.subarray(start, start + head));
        isInOrder &&= isEqual(chunk.subarray(head), block.subarray(0, chunk.length - head));
      };
      far.pause();
      for (let i = 0; i < 64; i++) near.write(block);
      assert.ok(near.connection.unsent >= 32 * MIB, `only ${near.connection.unsent} bytes unsent`);
      await quiet(subject);
      assert.equal(far.receivedBytes, 0, 'data while paused');
      assert.equal(near.drains, 0);
      far.resume();
      await both.until(far.heard(() => far.receivedBytes >= 64 * MIB));
      await both.until(near.heard(() => near.drains > 0));
      await quiet(subject);
      assert.ok(isInOrder);
      assert.equal(near.drains, 1);
      assert.equal(near.connection.unsent, 0);
      await both.finish();
    },
  },
  {
    name: 'a pause out of onData holds for the very next chunk',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const { near, far } = both;
      let isPaused = false;
      let wasHeld = true;
      far.onBytes = () => {
        wasHeld &&= !isPaused;
        isPaused = true;
        far.pause();
      };
      const bytes = pattern(200 * KIB, 6);
      near.write(bytes);
      for (let left = bytes.length; left > 0; left = bytes.length - far.receivedBytes) {
        const before = far.receivedBytes;
        isPaused = false;
        far.resume();
        await both.until(far.heard(() => far.receivedBytes > before));
      }
      assert.ok(wasHeld, 'data while paused');
      assert.ok(isEqual(far.received(), bytes));
      await both.finish();
    },
  },
  {
    name: 'pause and resume in one turn lose nothing',
    requires: [],
    async run(subject) {
      const both = await pair(subject);
      const { near, far } = both;
      far.onBytes = () => {
        far.pause();
        far.resume();
      };
      const bytes = pattern(200 * KIB, 7);
      near.write(bytes);
      await both.until(far.heard(() => far.receivedBytes >= bytes.length));
      assert.ok(isEqual(far.received(), bytes));
      await both.finish();
    },
  },
  {
    name: 'bytes of fifty connections do not mix',
    requires: [],
    async run(subject) {
      const pairs = [];
      for (let i = 0; i < 50; i++) pairs.push(await pair(subject));
      const parts = pairs.map((_, i) => pattern(20 * KIB, 100 + i));
      for (let at = 0; at < 20 * KIB; at += 5 * KIB) {
        for (const [i, both] of pairs.entries()) both.near.write(parts[i]!.subarray(at, at + 5 * KIB));
      }
      for (const [i, both] of pairs.entries()) {
        await both.until(both.far.heard(() => both.far.receivedBytes >= 20 * KIB));
        assert.ok(isEqual(both.far.received(), parts[i]!));
      }
      for (const both of pairs) {
        both.near.destroy();
        both.far.destroy();
        await both.until(Promise.all([both.near.closed, both.far.closed, both.listener.close()]));
      }
    },
  },
];

import assert from 'node:assert/strict';
import { TransportError } from '../error.ts';
import type { ConnectionHandler, DialSignal } from '../transport.ts';
import { isEqual, pattern } from './bytes.ts';
import type { TransportCase, TransportSubject } from './case.ts';
import { dialing, listening, pair, quiet, TIMEOUT_MS } from './pair.ts';

/** Listening and dialing. */
export const portCases: readonly TransportCase[] = [
  {
    name: 'the two ends know each other by address',
    requires: ['addresses'],
    async run(subject) {
      const both = await pair(subject);
      const near = both.near.connection;
      const far = both.far.connection;
      assert.deepEqual(near.local, far.remote);
      assert.deepEqual(near.remote, far.local);
      assert.equal(near.remote.port, both.listener.address.port);
      for (const { host } of [near.local, near.remote]) assert.match(host, /^[0-9a-f.:]+$/);
      await both.finish();
    },
  },
  {
    name: 'a listener that is closed frees its port and leaves its connections alone',
    requires: ['refusal'],
    async run(subject) {
      const both = await pair(subject);
      const { near, far, listener } = both;
      await both.until(listener.close());
      await fails(subject, dialing(subject, listener), 'REFUSED');
      const again = await subject.until(
        subject.transport.listen({ host: subject.host, port: listener.address.port }, refuse),
      );
      assert.equal(again.address.port, listener.address.port);
      await subject.until(again.close());
      near.write(pattern(10, 1));
      await both.until(far.heard(() => far.receivedBytes === 10));
      far.write(pattern(20, 2));
      await both.until(near.heard(() => near.receivedBytes === 20));
      await both.finish();
    },
  },
  {
    name: 'a dial to a port where nobody listens is REFUSED',
    requires: ['refusal'],
    async run(subject) {
      const listener = await subject.until(subject.transport.listen({ host: subject.host, port: 0 }, refuse));
      await subject.until(listener.close());
      await fails(subject, dialing(subject, listener), 'REFUSED');
    },
  },
  {
    name: 'a port that is taken is ADDRESS_IN_USE',
    requires: ['exclusive-ports'],
    async run(subject) {
      const listener = await subject.until(subject.transport.listen({ host: subject.host, port: 0 }, refuse));
      const second = subject.transport.listen({ host: subject.host, port: listener.address.port }, refuse);
      await fails(subject, second, 'ADDRESS_IN_USE');
      await subject.until(listener.close());
    },
  },
  {
    name: 'an address of another machine is ADDRESS_UNAVAILABLE',
    requires: ['exclusive-ports'],
    async run(subject) {
      await fails(
        subject,
        subject.transport.listen({ host: '192.0.2.1', port: 0 }, refuse),
        'ADDRESS_UNAVAILABLE',
      );
    },
  },
  {
    name: 'an accept that throws turns one connection away, and no other',
    requires: [],
    async run(subject) {
      let isWelcome = false;
      const listener = await subject.until(
        subject.transport.listen({ host: subject.host, port: 0 }, (connection) => {
          if (!isWelcome) throw new Error('not now');
          return echo((bytes) => connection.write(bytes));
        }),
      );
      const first = await subject.until(dialing(subject, listener));
      await subject.until(first.closed);
      isWelcome = true;
      const second = await subject.until(dialing(subject, listener));
      second.write(pattern(10, 3));
      await subject.until(second.heard(() => second.receivedBytes === 10));
      assert.ok(isEqual(second.received(), pattern(10, 3)));
      second.destroy();
      await subject.until(Promise.all([second.closed, listener.close()]));
    },
  },
  {
    name: 'an open that throws fails the dial with that error and ends the connection',
    requires: [],
    async run(subject) {
      const [accepted, listener] = await listening(subject);
      const target = { host: subject.host, port: listener.address.port, timeoutMs: TIMEOUT_MS };
      const fault = new Error('changed my mind');
      const dial = subject.transport.connect(target, () => {
        throw fault;
      });
      await assert.rejects(subject.until(dial), fault);
      const far = await subject.until(accepted);
      await subject.until(Promise.all([far.closed, listener.close()]));
      far.check();
    },
  },
  {
    name: 'a dial whose signal aborts is rejected with its reason, and nothing comes of it',
    requires: [],
    async run(subject) {
      let arrived = 0;
      const listener = await subject.until(
        subject.transport.listen({ host: subject.host, port: 0 }, () => {
          arrived++;
          return echo(() => {});
        }),
      );
      const target = { host: subject.host, port: listener.address.port, timeoutMs: TIMEOUT_MS };
      const reason = new Error('not any more');
      const early = new Abortable();
      early.abort(reason);
      await assert.rejects(
        subject.until(subject.transport.connect({ ...target, signal: early }, refuse)),
        reason,
      );
      assert.equal(arrived, 0, 'a dial that was never wanted arrived');
      const signal = new Abortable();
      const dial = subject.transport.connect({ ...target, signal }, refuse);
      signal.abort(reason);
      await assert.rejects(subject.until(dial), reason);
      assert.equal(signal.listeners.size, 0, 'it still listens to the signal');
      await quiet(subject);
      await subject.until(listener.close());
    },
  },
  {
    name: 'a signal that aborts when the connection stands means nothing any more',
    requires: [],
    async run(subject) {
      const [accepted, listener] = await listening(subject);
      const signal = new Abortable();
      const target = { host: subject.host, port: listener.address.port, timeoutMs: TIMEOUT_MS, signal };
      const dial = subject.transport.connect(target, (connection) =>
        echo((bytes) => connection.write(bytes)),
      );
      const near = await subject.until(dial);
      assert.equal(signal.listeners.size, 0, 'it still listens to the signal');
      signal.abort(new Error('too late'));
      const far = await subject.until(accepted);
      far.write(pattern(10, 4));
      await subject.until(far.heard(() => far.receivedBytes === 10));
      near.destroy();
      await subject.until(Promise.all([far.closed, listener.close()]));
    },
  },
];

/** A signal, where no platform is known that has one. */
class Abortable implements DialSignal {
  readonly listeners = new Set<() => void>();
  aborted = false;
  reason: unknown = undefined;

  addEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.delete(listener);
  }

  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.listeners) listener();
  }
}

async function fails(
  subject: TransportSubject,
  promise: Promise<unknown>,
  code: TransportError['code'],
): Promise<void> {
  await assert.rejects(subject.until(promise), (error) => {
    assert.ok(error instanceof TransportError, String(error));
    assert.equal(error.code, code);
    return true;
  });
}

function refuse(): ConnectionHandler {
  throw new Error('nobody was to come');
}

function echo(write: (bytes: Uint8Array) => void): ConnectionHandler {
  return { onData: (chunk) => write(chunk.slice()), onDrain: () => {}, onClose: () => {} };
}

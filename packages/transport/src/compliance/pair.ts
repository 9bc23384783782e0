import assert from 'node:assert/strict';
import type { Connection, Listener } from '../transport.ts';
import type { TransportSubject } from './case.ts';
import { End } from './end.ts';

/** Two ends that are connected, and the listener of the far one. */
export class Pair {
  readonly near: End;
  readonly far: End;
  readonly listener: Listener;
  readonly #subject: TransportSubject;

  constructor(subject: TransportSubject, near: End, far: End, listener: Listener) {
    this.#subject = subject;
    this.near = near;
    this.far = far;
    this.listener = listener;
  }

  /** Waits on behalf of the case. */
  until<T>(promise: Promise<T>): Promise<T> {
    return this.#subject.until(promise);
  }

  /** Both ends over and done, once each, and nothing more to come. */
  async finish(): Promise<void> {
    const { near, far } = this;
    near.destroy();
    far.destroy();
    await this.until(Promise.all([near.closed, far.closed, this.listener.close()]));
    await quiet(this.#subject);
    near.check();
    far.check();
    assert.equal(near.closes, 1);
    assert.equal(far.closes, 1);
  }
}

export async function pair(subject: TransportSubject): Promise<Pair> {
  const [accepted, listener] = await listening(subject);
  const near = await subject.until(dialing(subject, listener));
  return new Pair(subject, near, await subject.until(accepted), listener);
}

/** A listener, and the end of the first connection that it accepts. */
export async function listening(
  subject: TransportSubject,
): Promise<[accepted: Promise<End>, listener: Listener]> {
  const { promise, resolve } = Promise.withResolvers<End>();
  const listener = await subject.until(
    subject.transport.listen({ host: subject.host, port: 0 }, (connection) => {
      const end = new End(connection);
      resolve(end);
      return end;
    }),
  );
  return [promise, listener];
}

export async function dialing(subject: TransportSubject, listener: Listener): Promise<End> {
  let end: End | undefined;
  const target = { host: subject.host, port: listener.address.port, timeoutMs: TIMEOUT_MS };
  const connection: Connection = await subject.transport.connect(target, (opened) => (end = new End(opened)));
  assert.ok(end !== undefined, 'open was not called before connect resolved');
  assert.equal(end.connection, connection);
  return end;
}

/**
 * Waits without a clock until whatever was under way has arrived: other bytes go there and back a good many times.
 * For saying that something does not happen.
 */
export async function quiet(subject: TransportSubject): Promise<void> {
  const [accepted, listener] = await listening(subject);
  const near = await subject.until(dialing(subject, listener));
  const far = await subject.until(accepted);
  for (let round = 1; round <= QUIET_ROUNDS; round++) {
    near.write(BYTE);
    await subject.until(far.heard(() => far.receivedBytes === round));
    far.write(BYTE);
    await subject.until(near.heard(() => near.receivedBytes === round));
  }
  near.destroy();
  far.destroy();
  await subject.until(Promise.all([near.closed, far.closed, listener.close()]));
}

export const TIMEOUT_MS = 10_000;
const QUIET_ROUNDS = 10;
const BYTE = Uint8Array.of(1);

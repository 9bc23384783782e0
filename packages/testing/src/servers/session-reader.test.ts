import { describe, expect, it } from 'vitest';
import { SessionReader } from './session-reader.ts';

const SESSION = 0x0123_4567_89ab_cdefn;

describe('what session a connection is of', () => {
  it('is known by the request that goes on with it, however it is cut', () => {
    const reader = new SessionReader();

    for (const byte of request(SESSION)) reader.fromClient(Uint8Array.of(byte));
    reader.fromServer(response(7n));

    expect(reader.id).toBe(SESSION);
  });

  it('is known by the response to a request for a new one', () => {
    const reader = new SessionReader();

    reader.fromClient(request(0n));
    expect(reader.id).toBe(0n);
    reader.fromServer(response(-SESSION));
    reader.fromServer(response(7n));

    expect(reader.id).toBe(-SESSION);
  });

  it('is not known of one that asks with a four-letter word', () => {
    const reader = new SessionReader();

    reader.fromClient(new TextEncoder().encode('ruok'));
    reader.fromServer(response(7n));

    expect(reader.id).toBe(0n);
  });
});

/** Length, protocol version, last zxid seen, timeout, session, password. */
function request(session: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(48));
  view.setInt32(0, 44);
  view.setInt32(16, 10_000);
  view.setBigInt64(20, session);
  view.setInt32(28, 16);
  return new Uint8Array(view.buffer);
}

/** Length, protocol version, timeout, session, password. */
function response(session: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(40));
  view.setInt32(0, 36);
  view.setInt32(8, 10_000);
  view.setBigInt64(12, session);
  view.setInt32(20, 16);
  return new Uint8Array(view.buffer);
}

import { describe, expect, it } from 'vitest';
import { SessionMachine, type SessionMachineOptions, type SessionOutput } from './session-machine.ts';

describe('the machine of a session', () => {
  it('dials at once, introduces itself, and serves when it is accepted', () => {
    const { machine } = started();

    expect(texts(machine.step(0, { kind: 'dialing' }))).toEqual([]);
    expect(texts(machine.step(5, { kind: 'opened' }))).toEqual(['introduce']);
    expect(texts(machine.step(9, accepted()))).toEqual([
      'state connecting -> connected',
      'serve new session',
    ]);
    expect([machine.sessionId, machine.timeoutMs, machine.isServing]).toEqual([7n, 9000, true]);
  });

  it('pings after a third of the timeout without a word of its own', () => {
    const machine = serving();
    machine.heard(2000);
    machine.spoke(2000);

    expect(machine.wakeAt).toBe(5000);
    expect(texts(machine.step(4999, { kind: 'tick' }))).toEqual([]);
    expect(texts(machine.step(5000, { kind: 'tick' }))).toEqual(['ping']);
    expect(machine.wakeAt).toBe(8000);
  });

  it('gives up on a server that is silent for two thirds of the timeout', () => {
    const machine = serving();
    machine.spoke(5999);

    expect(texts(machine.step(6000, { kind: 'tick' }))).toEqual([
      'hangUp TIMEOUT: nothing heard for 6000 ms',
      'state connected -> suspended',
      'dial after 99',
    ]);
  });

  it('counts a session as over when nobody was reached for four thirds of its timeout', () => {
    const machine = serving();
    machine.step(3000, { kind: 'disconnected', reason: 'RESET' });
    machine.step(3100, { kind: 'dialing' });

    expect(machine.wakeAt).toBe(7600);
    expect(texts(machine.step(11_999, { kind: 'tick' })).at(-1)).toMatch(/^dial/);
    expect(texts(machine.step(12_000, { kind: 'tick' }))).toEqual([
      'hangUp the session must have expired',
      'state suspended -> expired',
      'lost for ever',
    ]);
    expect([machine.sessionId, machine.wakeAt]).toEqual([0n, Number.POSITIVE_INFINITY]);
  });

  it('begins another session when it is told to', () => {
    const machine = serving({ onExpired: 'newSession' });
    machine.step(3000, { kind: 'disconnected', reason: 'RESET' });
    machine.step(3100, { kind: 'dialing' });
    machine.step(3200, { kind: 'opened' });

    expect(texts(machine.step(3300, { kind: 'refused' }))).toEqual([
      'hangUp the server does not know the session',
      'state suspended -> expired',
      'lost',
      'state expired -> connecting',
      'dial after 99',
    ]);
    expect(machine.sessionIdToOffer).toBe(0n);
  });

  it('doubles the window of its back-off with every round through all servers', () => {
    const { machine } = started({ serverCount: () => 2 });
    const delays: (string | undefined)[] = [];
    for (let i = 0; i < 9; i++) {
      machine.step(i * 10, { kind: 'dialing' });
      delays.push(texts(machine.step(i * 10, { kind: 'disconnected', reason: 'REFUSED' })).at(-1));
    }

    expect(delays).toEqual(
      [99, 199, 199, 399, 399, 799, 799, 1599, 1599].map((delay) => `dial after ${delay}`),
    );
  });

  it('tells those who wait when no server was reached for the connect timeout, again and again', () => {
    const { machine } = started();
    machine.step(0, { kind: 'dialing' });
    machine.step(10, { kind: 'disconnected', reason: 'REFUSED' });

    expect(machine.wakeAt).toBe(5000);
    expect(texts(machine.step(5000, { kind: 'tick' }))).toEqual(['giveUp']);
    expect(machine.wakeAt).toBe(10_000);
  });

  it('gives up on a server that takes the connection and does not answer', () => {
    const { machine } = started({ serverCount: () => 3 });
    machine.step(0, { kind: 'dialing' });
    machine.step(10, { kind: 'opened' });

    expect(machine.wakeAt).toBe(3000);
    expect(texts(machine.step(3000, { kind: 'tick' }))).toEqual([
      'hangUp TIMEOUT: no answer to the handshake in time',
      'dial after 99',
    ]);
  });

  it('offers the session of a read-only server to nobody', () => {
    const { machine } = started();
    machine.step(0, { kind: 'dialing' });
    machine.step(1, { kind: 'opened' });
    machine.step(2, accepted({ isReadOnly: true }));

    expect([machine.state, machine.sessionId, machine.sessionIdToOffer]).toEqual([
      'connectedReadOnly',
      7n,
      0n,
    ]);
    expect(texts(machine.step(50, { kind: 'betterServer' }))).toEqual([
      'hangUp a server that serves writes was found',
      'state connectedReadOnly -> suspended',
      'dial after 0',
    ]);
  });

  it('says goodbye, and waits for the end only so long', () => {
    const machine = serving();

    expect(texts(machine.step(100, { kind: 'close' }))).toEqual(['sayGoodbye']);
    expect(texts(machine.step(100, { kind: 'close' }))).toEqual([]);
    expect(machine.wakeAt).toBe(2100);
    expect(texts(machine.step(2100, { kind: 'tick' }))).toEqual([
      'hangUp the server did not say goodbye',
      'state connected -> closed',
    ]);
    expect(texts(machine.step(2200, { kind: 'start' }))).toEqual([]);
  });

  it('ends for good when an identity is refused', () => {
    const machine = serving();

    expect(texts(machine.step(1, { kind: 'authRefused' }))).toEqual([
      'hangUp an identity was refused',
      'state connected -> authFailed',
    ]);
    expect(texts(machine.step(2, { kind: 'disconnected', reason: 'RESET' }))).toEqual([]);
  });
});

function started(options: Partial<SessionMachineOptions> = {}): { machine: SessionMachine } {
  const machine = new SessionMachine({
    timeoutMs: 9000,
    connectTimeoutMs: 5000,
    onExpired: 'fail',
    serverCount: () => 2,
    // The longest of all delays.
    below: (bound) => Math.max(0, bound - 2),
    ...options,
  });
  expect(texts(machine.step(0, { kind: 'start' }))).toEqual(['dial after 0']);
  return { machine };
}

function serving(options: Partial<SessionMachineOptions> = {}): SessionMachine {
  const { machine } = started(options);
  machine.step(0, { kind: 'dialing' });
  machine.step(0, { kind: 'opened' });
  machine.step(0, accepted());
  return machine;
}

function accepted(more: { isReadOnly?: boolean } = {}) {
  return {
    kind: 'accepted',
    sessionId: 7n,
    password: new Uint8Array(16),
    timeoutMs: 9000,
    isReadOnly: false,
    ...more,
  } as const;
}

function texts(outputs: readonly SessionOutput[]): string[] {
  return outputs.map((output) => {
    switch (output.kind) {
      case 'state':
        return `state ${output.previous} -> ${output.state}`;
      case 'dial':
        return `dial after ${output.afterMs}`;
      case 'hangUp':
        return `hangUp ${output.reason}`;
      case 'serve':
        return `serve ${output.isNewSession ? 'new session' : 'the same session'}`;
      case 'sessionLost':
        return output.isFinal ? 'lost for ever' : 'lost';
      default:
        return output.kind;
    }
  });
}

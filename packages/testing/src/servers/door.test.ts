import { SimulatedRuntime } from '@corral/runtime/simulated';
import type { Connection, ConnectionHandler } from '@corral/transport';
import { type MemoryNetwork, memoryNetwork } from '@corral/transport/memory';
import { beforeEach, describe, expect, it } from 'vitest';
import { Door } from './door.ts';

const SESSION = 77n;

describe('a door', () => {
  const { clock, random } = new SimulatedRuntime({ seed: 1 });
  let network: MemoryNetwork;
  let door: Door;
  let server: End[];

  beforeEach(async () => {
    network = memoryNetwork({ clock, random });
    door = new Door(clock, new Set());
    server = [];
    await door.open(network.transport('server'), { host: 'server', port: 1 });
    door.enter((connection) => {
      const end = new End();
      end.connection = connection;
      server.push(end);
      return end;
    });
  });

  const dial = async (): Promise<End> => {
    const end = new End();
    const where = { host: 'server', port: 1, timeoutMs: 1000 };
    const dialled = network.transport('client').connect(where, (connection) => {
      end.connection = connection;
      return end;
    });
    await clock.until(dialled);
    clock.runUntilIdle();
    return end;
  };

  it('lets nobody in while nothing passes, and then those who still want to', async () => {
    door.partition([]);
    const client = await dial();
    client.write('hello');
    clock.runUntilIdle();
    expect(server).toEqual([]);

    door.heal();
    clock.runUntilIdle();

    expect(server.map(({ said }) => said)).toEqual(['hello']);
  });

  it('keeps in order what either side says in a partition, and just after it', async () => {
    const client = await dial();
    const buffer = new Uint8Array(1);
    door.partition([]);

    for (const letter of 'abc') {
      client.write(letter);
      // The server may use its bytes for other things as soon as it is told so.
      buffer[0] = letter.charCodeAt(0);
      expect(server[0]!.connection.write(buffer)).toBe(true);
    }
    clock.runUntilIdle();
    expect([client.said, server[0]!.said]).toEqual(['', '']);
    expect(server[0]!.connection.unsent).toBe(3);
    door.heal();
    server[0]!.write('d');
    client.write('d');
    clock.runUntilIdle();

    expect([client.said, server[0]!.said]).toEqual(['abcd', 'abcd']);
  });

  it('keeps from the server that a client has gone, until that can be known', async () => {
    const client = await dial();
    door.partition([]);

    client.write('bye');
    client.connection.destroy();
    clock.runUntilIdle();
    expect([server[0]!.said, server[0]!.isOver]).toEqual(['', false]);
    door.heal();
    clock.runUntilIdle();

    expect(server[0]!.isOver).toBe(true);
  });

  it('keeps from the server that a connection has broken, until that can be known', async () => {
    const client = await dial();
    door.partition([]);

    expect(door.cut([])).toBe(1);
    clock.runUntilIdle();
    expect([client.isOver, server[0]!.isOver]).toEqual([true, false]);
    door.heal();
    clock.runUntilIdle();

    expect(server[0]!.isOver).toBe(true);
  });

  it('keeps from a client that the server has ended it, and tells the server that it is over', async () => {
    const client = await dial();
    door.partition([]);

    server[0]!.write('bye');
    server[0]!.connection.end();
    clock.runUntilIdle();
    expect([client.said, client.isOver, server[0]!.isOver]).toEqual(['', false, true]);
    door.heal();
    clock.runUntilIdle();

    expect([client.said, client.isOver]).toEqual(['bye', true]);
  });

  it('tells clients of the death of the server at once, and behind a partition when that is over', async () => {
    const client = await dial();
    door.leave();
    clock.runUntilIdle();
    expect([client.isOver, server[0]!.isOver]).toEqual([true, false]);

    door.enter(() => new End());
    const other = await dial();
    door.partition([]);
    door.leave();
    clock.runUntilIdle();
    expect(other.isOver).toBe(false);
    door.heal();
    clock.runUntilIdle();

    expect(other.isOver).toBe(true);
  });

  it('holds who comes with a session that is cut off, and nobody else', async () => {
    door.partition([SESSION]);
    const [cutOff, other] = [await dial(), await dial()];

    cutOff.connection.write(requestFor(SESSION));
    other.connection.write(requestFor(5n));
    clock.runUntilIdle();
    expect(server.map(({ bytes }) => bytes)).toEqual([0, REQUEST_BYTES]);
    door.heal();
    clock.runUntilIdle();

    expect(server.map(({ bytes }) => bytes)).toEqual([REQUEST_BYTES, REQUEST_BYTES]);
  });

  it('gives the server no more than it wants to read when a partition is over', async () => {
    door.partition([SESSION]);
    const client = await dial();
    client.connection.write(requestFor(SESSION));
    clock.runUntilIdle();

    server[0]!.connection.pause();
    door.heal();
    clock.runUntilIdle();
    expect(server[0]!.bytes).toBe(0);
    server[0]!.connection.resume();
    clock.runUntilIdle();

    expect(server[0]!.bytes).toBe(REQUEST_BYTES);
  });

  it('turns away who comes while there is no server', async () => {
    door.leave();
    const client = await dial();

    expect(client.isOver).toBe(true);
  });
});

/** One end of a connection, and what it has heard. */
class End implements ConnectionHandler {
  connection!: Connection;
  said = '';
  bytes = 0;
  isOver = false;

  onData(chunk: Uint8Array): void {
    this.said += new TextDecoder().decode(chunk);
    this.bytes += chunk.length;
  }

  onDrain(): void {}

  onClose(): void {
    this.isOver = true;
  }

  write(text: string): void {
    this.connection.write(new TextEncoder().encode(text));
  }
}

/** The beginning of a ConnectRequest: length, protocol version, last zxid seen, timeout, session. */
function requestFor(session: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(REQUEST_BYTES));
  view.setBigInt64(20, session);
  return new Uint8Array(view.buffer);
}

const REQUEST_BYTES = 28;

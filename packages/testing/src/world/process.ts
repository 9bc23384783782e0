import type { Clock, Timer } from '@corral/runtime';
import type { Connection, ConnectionHandler, Transport, TransportError } from '@corral/transport';
import type { Trace } from '../trace.ts';

/** What the processes of one machine keep between them. */
export interface Machine {
  readonly name: string;
  /** What its wall clock is wrong by, in milliseconds. */
  wallOffsetMs: number;
  /** How fast its clocks run: 1 is right. */
  readonly rate: number;
}

/**
 * A process on a simulated machine, from its start to its death: after that nothing of it is called again, nothing it
 * does has an effect, and what it awaits never comes. While it is stopped, what falls due waits.
 */
export class SimulatedProcess {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly #trace: Trace;
  readonly #name: string;
  #isDead = false;
  #isStopped = false;
  #waiting: (() => void)[] = [];

  constructor(machine: Machine, world: Clock, transport: Transport, trace: Trace) {
    this.#trace = trace;
    this.#name = machine.name;
    const { rate } = machine;
    const born = world.monotonic();
    this.clock = {
      now: () => Math.floor(world.now() + machine.wallOffsetMs),
      monotonic: () => (world.monotonic() - born) * rate,
      after: (ms, callback) => world.after(ms / rate, () => this.run(callback)),
      every: (ms, callback) => this.#every(world, ms / rate, callback),
      defer: (callback) => world.defer(() => this.run(callback)),
    };
    this.transport = {
      listen: (options, accept) =>
        this.#isDead
          ? never()
          : this.eventually(transport.listen(options, (connection) => this.#watched(connection, accept))),
      connect: (options, open) =>
        this.#isDead
          ? never()
          : this.eventually(transport.connect(options, (connection) => this.#watched(connection, open))),
    };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  kill(): void {
    this.#isDead = true;
    this.#waiting = [];
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** What waited runs at once, in order. */
  go(): void {
    this.#isStopped = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const task of waiting) this.run(task);
  }

  run(task: () => void): void {
    if (this.#isDead) return;
    if (this.#isStopped) this.#waiting.push(task);
    else task();
  }

  /** The outcome of something outside as this process learns it: not while it is stopped, and never once it is dead. */
  eventually<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => this.run(() => resolve(value)),
        (error: unknown) => this.run(() => reject(error)),
      );
    });
  }

  /** A stopped process finds one call waiting, however long it was stopped. */
  #every(world: Clock, ms: number, callback: () => void): Timer {
    let isWaiting = false;
    return world.every(ms, () => {
      if (isWaiting) return;
      isWaiting = true;
      this.run(() => {
        isWaiting = false;
        callback();
      });
    });
  }

  #watched(connection: Connection, open: (connection: Connection) => ConnectionHandler): ConnectionHandler {
    const handler = open(connection);
    const who = `${connection.remote.host}:${connection.remote.port}>${this.#name}:${connection.local.port}`;
    return new WatchedHandler(handler, this.#trace, who);
  }
}

/** What arrives is part of the trace. */
class WatchedHandler implements ConnectionHandler {
  readonly #handler: ConnectionHandler;
  readonly #trace: Trace;
  readonly #who: string;

  constructor(handler: ConnectionHandler, trace: Trace, who: string) {
    this.#handler = handler;
    this.#trace = trace;
    this.#who = who;
  }

  onData(chunk: Uint8Array): void {
    this.#trace.bytes('data', this.#who, chunk);
    this.#handler.onData(chunk);
  }

  onDrain(): void {
    this.#handler.onDrain();
  }

  onClose(error?: TransportError): void {
    this.#trace.note(error === undefined ? 'closed' : 'reset', this.#who);
    this.#handler.onClose(error);
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}

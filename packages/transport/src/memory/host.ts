import type { Clock } from '@corral/runtime';
import type { Connection, ConnectionHandler } from '../transport.ts';

/** A machine on the network: its address, its open ports, and whether its process runs. */
export class Host {
  readonly name: string;
  readonly ip: string;
  readonly listeners: Map<number, OpenPort[]> = new Map();
  readonly #clock: Clock;
  #isStalled = false;
  #waiting: (() => void)[] = [];
  #lastPort = EPHEMERAL_PORT_MIN - 1;

  constructor(name: string, ip: string, clock: Clock) {
    this.name = name;
    this.ip = ip;
    this.#clock = clock;
  }

  get isStalled(): boolean {
    return this.#isStalled;
  }

  /** Runs something in the process of this host, in a later turn; when it is stalled, after that. */
  run(task: () => void): void {
    this.#clock.defer(() => {
      if (this.#isStalled) this.#waiting.push(task);
      else task();
    });
  }

  stall(): void {
    this.#isStalled = true;
  }

  unstall(): void {
    this.#isStalled = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const task of waiting) this.run(task);
  }

  /** A port for a caller or for a listener that asked for 0; none is given again soon. */
  freePort(): number {
    do this.#lastPort = this.#lastPort >= PORT_MAX ? EPHEMERAL_PORT_MIN : this.#lastPort + 1;
    while (this.listeners.has(this.#lastPort));
    return this.#lastPort;
  }

  /** The address a listener may bind to, as it is reported; undefined when it is not one of this host. */
  bindable(host: string): string | undefined {
    if (host === this.name || host === this.ip) return this.ip;
    if (isLoopback(host)) return LOOPBACK;
    return isAny(host) ? host : undefined;
  }

  listenerFor(ip: string, port: number): OpenPort | undefined {
    return this.listeners.get(port)?.find((open) => open.ip === ip || isAny(open.ip));
  }
}

export interface OpenPort {
  readonly ip: string;
  readonly port: number;
  readonly accept: (connection: Connection) => ConnectionHandler;
}

export function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

export function isLoopback(host: string): boolean {
  return host === LOOPBACK || host === 'localhost';
}

export const LOOPBACK = '127.0.0.1';
const EPHEMERAL_PORT_MIN = 32_768;
const PORT_MAX = 65_535;

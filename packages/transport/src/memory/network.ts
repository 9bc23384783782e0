import type { Clock, Random, Timer } from '@corral/runtime';
import { TransportError } from '../error.ts';
import type {
  Connection,
  ConnectionHandler,
  ConnectOptions,
  Listener,
  ListenOptions,
  Transport,
} from '../transport.ts';
import { MemoryConnection } from './connection.ts';
import type { NetworkFaults } from './faults.ts';
import { Host, isAny, isLoopback, LOOPBACK, type OpenPort } from './host.ts';
import { Link, linkName } from './link.ts';
import { Pipe } from './pipe.ts';

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults?: NetworkFaults;
}

/** A network of hosts in memory. On a simulated clock and random source the same script gives the same run. */
export function memoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  return new MemoryNetwork(options);
}

/**
 * Hosts have names and one address each (10.0.0.1, 10.0.0.2, ...) besides their loopback. Cuts, stalls, resets and
 * power cuts take effect at once and on what stands already.
 */
export class MemoryNetwork {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #faults: NetworkFaults;
  readonly #hosts = new Map<string, Host>();
  readonly #cuts = new Set<string>();
  readonly #delays = new Map<string, number>();
  readonly #connections = new Set<MemoryConnection>();
  readonly #dials = new Set<Dial>();

  constructor(options: MemoryNetworkOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#faults = options.faults ?? {};
  }

  /** The transport of a program on this host. The host exists from its first mention on. */
  transport(host: string): Transport {
    const self = this.#host(host);
    return {
      listen: (options, accept) => this.#listen(self, options, accept),
      connect: (options, open) => this.#connect(self, options, open),
    };
  }

  /** Nothing gets from one to the other, either way. What is under way waits, as TCP would send it again. */
  partition(a: string, b: string): void {
    this.partitionOneWay(a, b);
    this.partitionOneWay(b, a);
  }

  partitionOneWay(from: string, to: string): void {
    this.#cuts.add(linkName(this.#host(from), this.#host(to)));
  }

  /** What is sent from one to the other from now on takes up to `ms` longer, each piece of each connection by itself. */
  delay(from: string, to: string, ms: number): void {
    this.#delays.set(linkName(this.#host(from), this.#host(to)), ms);
  }

  /** Ends every partition and delay; what waited goes on. */
  heal(): void {
    this.#cuts.clear();
    this.#delays.clear();
    this.#kick();
  }

  /** The process of this host stands still: its system takes connections and bytes, but nothing is called. */
  stall(host: string): void {
    this.#host(host).stall();
  }

  unstall(host: string): void {
    this.#host(host).unstall();
    this.#kick();
  }

  /** Every connection between the two ends at both of them with `RESET`. */
  reset(a: string, b: string): void {
    const [left, right] = [this.#host(a), this.#host(b)];
    for (const connection of this.#connections) {
      const { host, peer } = connection;
      if ((host === left && peer === right) || (host === right && peer === left)) connection.onReset();
    }
  }

  /**
   * The host loses its connections and listeners without a word; its handlers are never called again. The other
   * sides stand half-open until they send something and get a reset. The host may listen and dial anew at once.
   */
  cutPower(host: string): void {
    const self = this.#host(host);
    self.listeners.clear();
    for (const dial of this.#dials) if (dial.from === self) this.#dials.delete(dial);
    for (const connection of this.#connections) if (connection.host === self) connection.vanish();
  }

  #host(name: string): Host {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      const index = this.#hosts.size + 1;
      host = new Host(name, `10.0.${index >> 8}.${index & 255}`, this.#clock);
      this.#hosts.set(name, host);
    }
    return host;
  }

  #kick(): void {
    for (const connection of this.#connections) connection.kick();
    for (const dial of this.#dials) this.#arrive(dial);
  }

  async #listen(
    self: Host,
    options: ListenOptions,
    accept: (connection: Connection) => ConnectionHandler,
  ): Promise<Listener> {
    const ip = self.bindable(options.host);
    const where = `${options.host}:${options.port}`;
    if (ip === undefined) throw new TransportError('ADDRESS_UNAVAILABLE', `listen on ${where}`);
    const port = options.port === 0 ? self.freePort() : options.port;
    const others = self.listeners.get(port) ?? [];
    if (others.some((other) => other.ip === ip || isAny(other.ip) || isAny(ip))) {
      throw new TransportError('ADDRESS_IN_USE', `listen on ${where}`);
    }
    const open: OpenPort = { ip, port, accept };
    self.listeners.set(port, [...others, open]);
    return {
      address: { host: ip, port },
      close: async () => {
        const left = (self.listeners.get(port) ?? []).filter((other) => other !== open);
        if (left.length > 0) self.listeners.set(port, left);
        else self.listeners.delete(port);
      },
    };
  }

  #connect(
    self: Host,
    options: ConnectOptions,
    open: (connection: Connection) => ConnectionHandler,
  ): Promise<Connection> {
    const { signal } = options;
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const where = `connect to ${options.host}:${options.port}`;
    const target = this.#resolve(self, options.host);
    if (target === undefined) return Promise.reject(new TransportError('NAME_NOT_FOUND', where));
    const isLocal = isLoopback(options.host);
    const dial: Dial = {
      from: self,
      to: target,
      localIp: isLocal ? LOOPBACK : self.ip,
      remoteIp: isLocal ? LOOPBACK : target.ip,
      port: options.port,
      isTravelling: false,
      isTakenBack: false,
      open,
      resolve: (connection) => {
        signal?.removeEventListener('abort', takeBack);
        resolve(connection);
      },
      reject: (error) => {
        signal?.removeEventListener('abort', takeBack);
        reject(error);
      },
      timer: this.#clock.after(options.timeoutMs, () => {
        if (this.#dials.delete(dial)) dial.reject(new TransportError('TIMEOUT', where));
      }),
    };
    const takeBack = (): void => {
      dial.isTakenBack = true;
      dial.timer.cancel();
      this.#dials.delete(dial);
      dial.reject(signal?.reason);
    };
    signal?.addEventListener('abort', takeBack);
    this.#dials.add(dial);
    this.#arrive(dial);
    return promise;
  }

  #resolve(self: Host, name: string): Host | undefined {
    if (isLoopback(name)) return self;
    return this.#hosts.get(name) ?? [...this.#hosts.values()].find((host) => host.ip === name);
  }

  /** The first packet goes over, and the answer comes back; a partition either way leaves the dial waiting. */
  #arrive(dial: Dial): void {
    if (dial.isTravelling) return;
    dial.isTravelling = true;
    const there = this.#link(dial.from, dial.to);
    const back = this.#link(dial.to, dial.from);
    there.at(there.arrival(), () => {
      dial.isTravelling = false;
      if (!this.#dials.has(dial) || there.isCut || back.isCut) return;
      this.#dials.delete(dial);
      dial.timer.cancel();
      const listener = dial.to.listenerFor(dial.remoteIp, dial.port);
      if (listener === undefined) {
        const refusal = new TransportError('REFUSED', `connect to ${dial.remoteIp}:${dial.port}`);
        back.at(back.arrival(), () => dial.from.run(() => dial.reject(refusal)));
      } else {
        this.#establish(dial, listener, there, back);
      }
    });
  }

  #establish(dial: Dial, listener: OpenPort, there: Link, back: Link): void {
    const request = new Pipe(there);
    const response = new Pipe(back);
    const near = { host: dial.localIp, port: dial.from.freePort() };
    const far = { host: dial.remoteIp, port: dial.port };
    const caller = this.#end({
      local: near,
      remote: far,
      host: dial.from,
      out: request,
      in: response,
      clock: this.#clock,
    });
    const called = this.#end({
      local: far,
      remote: near,
      host: dial.to,
      out: response,
      in: request,
      clock: this.#clock,
    });
    request.writer = response.reader = caller;
    request.reader = response.writer = called;
    dial.to.run(() => {
      if (called.isGone) return;
      try {
        called.start(listener.accept(called));
      } catch {
        called.destroy();
      }
    });
    back.at(back.arrival(), () => dial.from.run(() => this.#open(dial, caller)));
  }

  #open(dial: Dial, caller: MemoryConnection): void {
    if (dial.isTakenBack) return caller.destroy();
    if (caller.isGone)
      return dial.reject(new TransportError('RESET', `connect to ${dial.remoteIp}:${dial.port}`));
    try {
      caller.start(dial.open(caller));
      dial.resolve(caller);
    } catch (error) {
      caller.destroy();
      dial.reject(error);
    }
  }

  #end(ends: ConstructorParameters<typeof MemoryConnection>[0]): MemoryConnection {
    const connection = new MemoryConnection(ends, (gone) => this.#connections.delete(gone));
    this.#connections.add(connection);
    return connection;
  }

  #link(from: Host, to: Host): Link {
    return new Link(this.#clock, this.#random, this.#faults, this.#cuts, this.#delays, from, to);
  }
}

interface Dial {
  readonly from: Host;
  readonly to: Host;
  readonly localIp: string;
  readonly remoteIp: string;
  readonly port: number;
  /** Its first packet is under way. */
  isTravelling: boolean;
  /** Its signal has aborted: nobody wants the connection any more. */
  isTakenBack: boolean;
  readonly open: (connection: Connection) => ConnectionHandler;
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: Timer;
}

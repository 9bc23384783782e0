import type { HostAndPort } from '@corral/protocol';
import type { Random } from '@corral/runtime';

/**
 * The servers in the order in which they are tried: shuffled once, then round and round, so that a thousand clients
 * do not all begin with the first one. Names stay names: the transport resolves them at every dial.
 */
export class ServerList {
  readonly #random: Random;
  #servers: HostAndPort[];
  #next = 0;

  constructor(servers: readonly HostAndPort[], random: Random) {
    this.#random = random;
    this.#servers = shuffled(servers, random);
  }

  get size(): number {
    return this.#servers.length;
  }

  next(): HostAndPort {
    const server = this.#servers[this.#next % this.#servers.length]!;
    this.#next = (this.#next + 1) % this.#servers.length;
    return server;
  }

  /** The next dial goes to this one. */
  prefer(server: HostAndPort): void {
    const index = this.#servers.findIndex(({ host, port }) => host === server.host && port === server.port);
    if (index >= 0) this.#next = index;
  }

  /** Another list from now on. @returns whether `current` is in it */
  replace(servers: readonly HostAndPort[], current: HostAndPort | undefined): boolean {
    this.#servers = shuffled(servers, this.#random);
    this.#next = 0;
    return servers.some(({ host, port }) => host === current?.host && port === current.port);
  }
}

function shuffled(servers: readonly HostAndPort[], random: Random): HostAndPort[] {
  const list = [...servers];
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}

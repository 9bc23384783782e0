import type { HostAndPort } from '@corral/protocol';
import type { Random } from '@corral/runtime';
import { moveAfterChange } from './rebalancing.ts';

/** A server as it is known: by an address, and in an SRV record by its rank. */
export interface ServerAddress extends HostAndPort {
  /** Those of the lowest number are tried first. Default 0. */
  readonly priority?: number;
  /** How often it is to be the first among its priority. Default 0, all the same. */
  readonly weight?: number;
}

/**
 * The servers in the order in which they are tried: shuffled once, then round and round, so that a thousand clients
 * do not all begin with the first one. Names stay names: the transport resolves them at every dial.
 */
export class ServerList {
  readonly #random: Random;
  #servers: HostAndPort[];
  #next = 0;

  constructor(servers: readonly ServerAddress[], random: Random) {
    this.#random = random;
    this.#servers = inOrder(servers, random);
  }

  get size(): number {
    return this.#servers.length;
  }

  /** All have had their turn, or there is none. */
  get isRoundOver(): boolean {
    return this.#next === 0;
  }

  next(): HostAndPort {
    const server = this.#servers[this.#next % this.#servers.length]!;
    this.#next = (this.#next + 1) % this.#servers.length;
    return server;
  }

  /** The next dial goes to this one. */
  prefer(server: HostAndPort): void {
    const index = this.#servers.findIndex((other) => isSame(other, server));
    if (index >= 0) this.#next = index;
  }

  /** As if all had had their turn. */
  beginAnew(): void {
    this.#next = 0;
  }

  /** Another list from now on; in the order in which it comes out. */
  replace(servers: readonly ServerAddress[]): void {
    this.#servers = inOrder(servers, this.#random);
    this.#next = 0;
  }

  /**
   * Another list from now on, of the same ensemble: so many clients leave their server, and for such others, that in the
   * end each server has as many as any other.
   *
   * @returns whether `current` is to be left
   */
  rebalance(servers: readonly HostAndPort[], current: HostAndPort | undefined): boolean {
    const old = this.#servers;
    const fresh = servers.filter((server) => !old.some((other) => isSame(other, server)));
    const kept = servers.filter((server) => old.some((other) => isSame(other, server)));
    const isCurrentKept = current !== undefined && servers.some((server) => isSame(server, current));
    const move = moveAfterChange(old.length, kept.length, fresh.length, isCurrentKept, this.#random);
    const [first, second] = move === 'toKept' ? [kept, fresh] : [fresh, kept];
    this.#servers = [...inOrder(first, this.#random), ...inOrder(second, this.#random)];
    this.#next = 0;
    return move !== 'stay' && current !== undefined;
  }
}

/** By priority, and among equals by chance, as their weights say (RFC 2782). */
function inOrder(servers: readonly ServerAddress[], random: Random): HostAndPort[] {
  const left = [...servers];
  const ordered: HostAndPort[] = [];
  while (left.length > 0) {
    const lowest = Math.min(...left.map(({ priority = 0 }) => priority));
    const candidates = left.filter(({ priority = 0 }) => priority === lowest);
    const chosen = pick(candidates, random);
    ordered.push({ host: chosen.host, port: chosen.port });
    left.splice(left.indexOf(chosen), 1);
  }
  return ordered;
}

function pick(candidates: readonly ServerAddress[], random: Random): ServerAddress {
  // One that weighs nothing has a small chance still.
  const weights = candidates.map(({ weight = 0 }) => weight * 100 + 1);
  let at = random.below(weights.reduce((sum, weight) => sum + weight, 0));
  for (const [i, weight] of weights.entries()) {
    if (at < weight) return candidates[i]!;
    at -= weight;
  }
  return candidates.at(-1)!;
}

function isSame(a: HostAndPort, b: HostAndPort): boolean {
  return a.host === b.host && a.port === b.port;
}

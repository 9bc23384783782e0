import type { Client } from '@corral/client';
import type { Cache } from './cache.ts';
import { type ProviderStrategy, roundRobin } from './provider-strategy.ts';
import type { ServiceInstance } from './service-instance.ts';

export interface ProviderOptions<P> {
  /** Default `roundRobin()`. */
  readonly strategy?: ProviderStrategy;
  /** Which instances come into question. Default: those that are enabled. */
  readonly filter?: (instance: ServiceInstance<P>) => boolean;
  /** An instance of which so many errors were noted is left out for a while. Default: 2, for 30 seconds (DownInstancePolicy). */
  readonly down?: { readonly errors: number; readonly forMs: number };
}

/** Curator's ServiceProvider: what is there, kept in memory, one at a time. */
export class ServiceProvider<P> implements AsyncDisposable {
  readonly #client: Client;
  readonly #cache: Cache<ServiceInstance<P>>;
  readonly #strategy: ProviderStrategy;
  readonly #filter: (instance: ServiceInstance<P>) => boolean;
  readonly #down: { readonly errors: number; readonly forMs: number };
  readonly #errors = new Map<string, { count: number; readonly since: number }>();

  constructor(client: Client, cache: Cache<ServiceInstance<P>>, options: ProviderOptions<P>) {
    this.#client = client;
    this.#cache = cache;
    this.#strategy = options.strategy ?? roundRobin();
    this.#filter = options.filter ?? isEnabled;
    this.#down = options.down ?? { errors: 2, forMs: 30_000 };
  }

  /** All that come into question, in the order of their ids. */
  instances(): ServiceInstance<P>[] {
    const all = Array.from(this.#cache.nodes(), ({ data }) => data).filter(
      (instance) => this.#filter(instance) && !this.#isDown(instance.id),
    );
    return all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Undefined when there is none. */
  pick(): ServiceInstance<P> | undefined {
    const instances = this.instances();
    if (instances.length === 0) return undefined;
    return this.#strategy.pick(instances, (bound) => this.#client.random.below(bound));
  }

  /** It did not answer: after some such errors it is left out for a while. */
  noteError({ id }: ServiceInstance<P>): void {
    const now = this.#client.clock.monotonic();
    for (const [other, { since }] of this.#errors)
      if (now - since >= this.#down.forMs) this.#errors.delete(other);
    const noted = this.#errors.get(id);
    if (noted === undefined) this.#errors.set(id, { count: 1, since: now });
    else noted.count++;
  }

  /** Calls when instances have come, gone, or changed. @returns how to stop */
  onChange(listener: () => void): () => void {
    return this.#cache.onChange(listener);
  }

  close(): Promise<void> {
    return this.#cache.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #isDown(id: string): boolean {
    const noted = this.#errors.get(id);
    if (noted === undefined || noted.count < this.#down.errors) return false;
    return this.#client.clock.monotonic() - noted.since < this.#down.forMs;
  }
}

function isEnabled(instance: ServiceInstance): boolean {
  return instance.enabled;
}

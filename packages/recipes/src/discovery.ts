import { type Client, NoNodeError, type Op } from '@corral/client';
import { type Cache, childrenCache } from './cache.ts';
import { checkPath } from './mutex.ts';
import { ensureFolder } from './folder.ts';
import { joinPath, parentOf } from './node-path.ts';
import { uuid } from './own-node.ts';
import { type PersistentNode, persistentNode } from './persistent-node.ts';
import { type ProviderStrategy, randomly } from './provider-strategy.ts';
import {
  anyPayload,
  instanceCodec,
  instanceJson,
  type PayloadCodec,
  type ServiceInstance,
  type ServiceType,
} from './service-instance.ts';
import { type ProviderOptions, ServiceProvider } from './service-provider.ts';
import type { WaitOptions } from './wait.ts';

/** What an instance says of itself. What is left out gets a value. */
export type ServiceInstanceInput<P> = Partial<Omit<ServiceInstance<P>, 'name' | 'serviceType'>> & {
  readonly name: string;
  readonly serviceType?: Exclude<ServiceType, 'DYNAMIC_SEQUENTIAL'>;
};

export interface DiscoveryOptions<P> {
  readonly payloads?: PayloadCodec<P>;
  /** An instance could not be read, and is left out. */
  readonly onError?: (error: unknown, path: string) => void;
}

/** Curator's ServiceDiscovery, in its layout and its JSON: services of Java are found here, and those of here there. */
export function discovery(client: Client, basePath: string): Discovery<unknown>;
export function discovery<P>(
  client: Client,
  basePath: string,
  options: DiscoveryOptions<P> & { readonly payloads: PayloadCodec<P> },
): Discovery<P>;
export function discovery<P>(
  client: Client,
  basePath: string,
  options: DiscoveryOptions<P> = {},
): Discovery<P> {
  return new Discovery(client, basePath, options);
}

export class Discovery<P> {
  readonly basePath: string;
  readonly #client: Client;
  readonly #payloads: PayloadCodec<P>;
  readonly #codec: ReturnType<typeof instanceCodec<P>>;
  readonly #onError: ((error: unknown, path: string) => void) | undefined;

  constructor(client: Client, basePath: string, options: DiscoveryOptions<P>) {
    checkPath(client, basePath);
    this.basePath = basePath;
    this.#client = client;
    this.#payloads = options.payloads ?? (anyPayload as PayloadCodec<P>);
    this.#codec = instanceCodec(this.#payloads);
    this.#onError = options.onError;
  }

  /** Resolves when it is registered. It stays so, also in the next session, until it is closed. */
  async register(input: ServiceInstanceInput<P>, options: WaitOptions = {}): Promise<Registration<P>> {
    const instance = this.#complete(input);
    const path = this.#pathOf(instance);
    const mode = instance.serviceType === 'DYNAMIC' ? 'ephemeral' : 'persistent';
    const node = persistentNode(this.#client, path, { data: this.#codec.encode(instance), mode });
    try {
      await node.ready(options);
    } catch (error) {
      node.close().catch(doNothing);
      throw error;
    }
    return new Registration(node, instance, (changed) => this.#codec.encode(changed));
  }

  /** Registers an instance that stays until it is removed: nobody keeps it (`STATIC`, `PERMANENT`). */
  async put(
    input: ServiceInstanceInput<P> & { readonly serviceType: 'STATIC' | 'PERMANENT' },
    op: Op = {},
  ): Promise<ServiceInstance<P>> {
    const instance = this.#complete(input);
    const path = this.#pathOf(instance);
    for (;;) {
      try {
        const { stat } = await this.#client.create(path, this.#codec.encode(instance), {
          ...op,
          orSet: true,
        });
        if (stat.ephemeralOwner === 0n) return instance;
        // Of a session, with which it would go.
        await this.remove(instance.name, instance.id, op);
      } catch (error) {
        if (!(error instanceof NoNodeError)) throw error;
        await ensureFolder(this.#client, parentOf(path), op);
      }
    }
  }

  /** Removes an instance, whoever has registered it: one that is kept comes again. */
  async remove(name: string, id: string, op: Op = {}): Promise<void> {
    await this.#client.delete(this.#pathOf({ name, id }), { ...op, ifExists: true });
  }

  /** Removes `STATIC` instances that were registered so long ago (Curator's InstanceCleanup). @returns how many */
  async removeStale(name: string, olderThanMs: number, op: Op = {}): Promise<number> {
    const now = this.#client.clock.now();
    const stale = (await this.instances(name, op)).filter(
      ({ serviceType, registrationTimeUTC }) =>
        serviceType === 'STATIC' && now - registrationTimeUTC > olderThanMs,
    );
    for (const { id } of stale) await this.remove(name, id, op);
    return stale.length;
  }

  async names(op: Op = {}): Promise<string[]> {
    return this.#children(this.basePath, op);
  }

  /** All instances of a service, read now. */
  async instances(name: string, op: Op = {}): Promise<ServiceInstance<P>[]> {
    const folder = this.#folderOf(name);
    const paths = (await this.#children(folder, op)).map((id) => joinPath(folder, id));
    const instances = await Promise.all(paths.map((path) => this.#read(path, op)));
    return instances.filter((instance) => instance !== undefined);
  }

  async instance(name: string, id: string, op: Op = {}): Promise<ServiceInstance<P> | undefined> {
    return this.#read(this.#pathOf({ name, id }), op);
  }

  /** One of those that may be used, read now; whoever asks often has a `provider`. */
  async any(
    name: string,
    strategy: ProviderStrategy = randomly(),
    op: Op = {},
  ): Promise<ServiceInstance<P> | undefined> {
    const instances = (await this.instances(name, op)).filter(({ enabled }) => enabled);
    if (instances.length === 0) return undefined;
    return strategy.pick(instances, (bound) => this.#client.random.below(bound));
  }

  /** Curator's ServiceCache: all instances of a service, in memory and followed. Resolves when they were read once. */
  cache(name: string, options: WaitOptions = {}): Promise<Cache<ServiceInstance<P>>> {
    return childrenCache(this.#client, this.#folderOf(name), {
      ...options,
      codec: this.#codec,
      onError: (error, path) => this.#onError?.(error, path),
    });
  }

  /** The same, of which one at a time is picked. */
  async provider(name: string, options: ProviderOptions<P> & WaitOptions = {}): Promise<ServiceProvider<P>> {
    const { strategy: _strategy, filter: _filter, down: _down, ...wait } = options;
    return new ServiceProvider(this.#client, await this.cache(name, wait), options);
  }

  /** As it stands in the node of an instance. */
  toJson(instance: ServiceInstance<P>): string {
    return instanceJson(instance, this.#payloads);
  }

  /** @throws DataError where it is none, and what the codec of payloads throws */
  async fromJson(data: Uint8Array, path: string): Promise<ServiceInstance<P>> {
    return this.#codec.decode(data, path);
  }

  /** @throws RangeError where they are no names of nodes */
  #pathOf({ name, id }: Pick<ServiceInstance<P>, 'name' | 'id'>): string {
    return joinPath(this.#folderOf(name), checkName(id));
  }

  #folderOf(name: string): string {
    return joinPath(this.basePath, checkName(name));
  }

  async #read(path: string, op: Op): Promise<ServiceInstance<P> | undefined> {
    const got = await this.#client.tryGet(path, op);
    if (got === null) return undefined;
    try {
      return await this.#codec.decode(got.data, path);
    } catch (error) {
      this.#onError?.(error, path);
      return undefined;
    }
  }

  async #children(path: string, op: Op): Promise<string[]> {
    try {
      return (await this.#client.children(path, op)).names;
    } catch (error) {
      if (error instanceof NoNodeError) return [];
      throw error;
    }
  }

  #complete(input: ServiceInstanceInput<P>): ServiceInstance<P> {
    return {
      id: uuid(this.#client),
      address: null,
      port: null,
      sslPort: null,
      payload: null,
      registrationTimeUTC: this.#client.clock.now(),
      serviceType: 'DYNAMIC',
      uriSpec: null,
      enabled: true,
      ...input,
    };
  }
}

/** An instance that is kept registered. */
export class Registration<P> implements AsyncDisposable {
  #instance: ServiceInstance<P>;
  readonly #node: PersistentNode;
  readonly #encode: (instance: ServiceInstance<P>) => Uint8Array;

  constructor(
    node: PersistentNode,
    instance: ServiceInstance<P>,
    encode: (instance: ServiceInstance<P>) => Uint8Array,
  ) {
    this.#node = node;
    this.#instance = instance;
    this.#encode = encode;
  }

  get instance(): ServiceInstance<P> {
    return this.#instance;
  }

  /** Says something else of itself; its name and id stay. */
  async update(change: Partial<Omit<ServiceInstance<P>, 'name' | 'id' | 'serviceType'>>): Promise<void> {
    this.#instance = { ...this.#instance, ...change };
    await this.#node.setData(this.#encode(this.#instance));
  }

  /** Unregisters it. */
  close(): Promise<void> {
    return this.#node.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function checkName(name: string): string {
  if (typeof name !== 'string' || name === '' || name.includes('/'))
    throw new RangeError(`"${name}" is no name of a node`);
  return name;
}

function doNothing(): void {}

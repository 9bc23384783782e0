import { type Client, NoNodeError, type Op } from '@corral/client';
import { type Cache, childrenCache } from './cache.ts';
import { checkPath } from './mutex.ts';
import { joinPath } from './node-path.ts';
import { uuid } from './own-node.ts';
import { type PersistentNode, persistentNode } from './persistent-node.ts';
import {
  anyPayload,
  instanceCodec,
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
  readonly #codec: ReturnType<typeof instanceCodec<P>>;
  readonly #onError: ((error: unknown, path: string) => void) | undefined;

  constructor(client: Client, basePath: string, options: DiscoveryOptions<P>) {
    checkPath(client, basePath);
    this.basePath = basePath;
    this.#client = client;
    this.#codec = instanceCodec(options.payloads ?? (anyPayload as PayloadCodec<P>));
    this.#onError = options.onError;
  }

  /** Resolves when it is registered. It stays so, also in the next session, until it is closed. */
  async register(input: ServiceInstanceInput<P>, options: WaitOptions = {}): Promise<Registration<P>> {
    const instance = this.#complete(input);
    for (const name of [instance.name, instance.id])
      if (typeof name !== 'string' || name === '' || name.includes('/'))
        throw new RangeError(`"${name}" is no name of a node`);
    const path = joinPath(joinPath(this.basePath, instance.name), instance.id);
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

  async names(op: Op = {}): Promise<string[]> {
    return this.#children(this.basePath, op);
  }

  /** All instances of a service, read now. */
  async instances(name: string, op: Op = {}): Promise<ServiceInstance<P>[]> {
    const folder = joinPath(this.basePath, name);
    const paths = (await this.#children(folder, op)).map((id) => joinPath(folder, id));
    const instances = await Promise.all(paths.map((path) => this.#read(path, op)));
    return instances.filter((instance) => instance !== undefined);
  }

  async instance(name: string, id: string, op: Op = {}): Promise<ServiceInstance<P> | undefined> {
    return this.#read(joinPath(joinPath(this.basePath, name), id), op);
  }

  /** Curator's ServiceCache: all instances of a service, in memory and followed. Resolves when they were read once. */
  cache(name: string, options: WaitOptions = {}): Promise<Cache<ServiceInstance<P>>> {
    return childrenCache(this.#client, joinPath(this.basePath, name), {
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

function doNothing(): void {}

import {
  type Client,
  type Codec,
  type Created,
  type CreateOptions,
  type Got,
  NoNodeError,
  type Op,
  type Stat,
} from '@corral/client';
import { type Cache, childrenCache } from './cache.ts';
import { checkPath } from './mutex.ts';
import { joinPath } from './node-path.ts';
import type { WaitOptions } from './wait.ts';

/** The names of a template's variables: of `/users/{id}/orders/{order}` they are `id` and `order`. */
export type Variables<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Variables<Rest>
  : never;

export type Values<Path extends string> = Readonly<Record<Variables<Path>, string>>;

/**
 * Curator's ModeledFramework, in small: nodes of one kind at paths of one shape, `/users/{id}`. Each variable stands for one name.
 *
 * ```
 * const users = model(zk, '/users/{id}', json(User));
 * await users.create({ id: 'ann' }, { name: 'Ann' });
 * ```
 */
export function model<const Path extends string, T>(
  client: Client,
  path: Path,
  codec: Codec<T>,
): Model<Path, T> {
  return new Model(client, path, codec);
}

export class Model<Path extends string, T> {
  readonly path: Path;
  readonly #client: Client;
  readonly #codec: Codec<T>;

  constructor(client: Client, path: Path, codec: Codec<T>) {
    checkPath(client, path);
    this.path = path;
    this.#client = client;
    this.#codec = codec;
  }

  /** @throws RangeError for a value that is no name of a node */
  pathOf(values: Values<Path>): string {
    return fill(this.path, values);
  }

  /** With the nodes above, where they are missing. */
  create(
    values: Values<Path>,
    value: T,
    options: Omit<CreateOptions, 'sequential' | 'protect'> = {},
  ): Promise<Created> {
    return this.#client.create(this.pathOf(values), this.#codec.encode(value), { parents: true, ...options });
  }

  get(values: Values<Path>, op: Op = {}): Promise<Got<T>> {
    return this.#client.get(this.pathOf(values), this.#codec, op);
  }

  /** Null for one that is not there. */
  tryGet(values: Values<Path>, op: Op = {}): Promise<Got<T> | null> {
    return this.#client.tryGet(this.pathOf(values), this.#codec, op);
  }

  set(values: Values<Path>, value: T, options: Op & { readonly version?: number } = {}): Promise<Stat> {
    return this.#client.set(this.pathOf(values), this.#codec.encode(value), options);
  }

  /** Reads, changes and writes what was read; from the beginning when somebody else was faster. */
  update(values: Values<Path>, change: (value: T) => T | Promise<T>, op: Op = {}): Promise<Got<T>> {
    return this.#client.node(this.pathOf(values), this.#codec).update(change, op);
  }

  delete(values: Values<Path>, options: Op & { readonly version?: number } = {}): Promise<void> {
    return this.#client.delete(this.pathOf(values), options);
  }

  /** Those of whom all variables but the last are given, by the last; who goes meanwhile is left out. */
  async list(values: Partial<Values<Path>>, op: Op = {}): Promise<Map<string, Got<T>>> {
    const folder = this.#folderOf(values);
    let names: readonly string[] = [];
    try {
      ({ names } = await this.#client.children(folder, op));
    } catch (error) {
      if (!(error instanceof NoNodeError)) throw error;
    }
    const got = await Promise.all(
      names.map((name) => this.#client.tryGet(joinPath(folder, name), this.#codec, op)),
    );
    return new Map(
      names.flatMap((name, i) => {
        const node = got[i];
        return node === null || node === undefined ? [] : [[name, node] as const];
      }),
    );
  }

  /** The same, kept in memory and followed. */
  cache(values: Partial<Values<Path>>, options: WaitOptions = {}): Promise<Cache<T>> {
    return childrenCache(this.#client, this.#folderOf(values), { ...options, codec: this.#codec });
  }

  #folderOf(values: Partial<Values<Path>>): string {
    const end = this.path.lastIndexOf('/');
    if (!/^\{[^{}]+\}$/.test(this.path.slice(end + 1)))
      throw new RangeError(`the last name of ${this.path} is no variable`);
    return fill(this.path.slice(0, end) || '/', values);
  }
}

function fill(path: string, values: Readonly<Record<string, string | undefined>>): string {
  return path.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined || value === '' || value === '.' || value === '..' || value.includes('/'))
      throw new RangeError(`${name}: "${value}" is no name of a node`);
    return value;
  });
}

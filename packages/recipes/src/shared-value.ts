import { type Client, type Codec, NoNodeError, type Op, type Seen } from '@corral/client';
import { checkPath } from './mutex.ts';
import { int32 } from './number-codec.ts';
import { createOnce, ensureFolder } from './folder.ts';
import { parentOf } from './node-path.ts';
import { strictSet } from './strict-set.ts';

/** A value, and which one it is. */
export interface Versioned<T> {
  readonly value: T;
  readonly version: number;
}

/** Curator's SharedValue: one value that all see, changed by who knows the last one. */
export function sharedValue<T>(client: Client, path: string, codec: Codec<T>, initial: T): SharedValue<T> {
  return new SharedValue(client, path, codec, initial);
}

/** Curator's SharedCount: four bytes. */
export function sharedCount(client: Client, path: string, initial = 0): SharedValue<number> {
  return new SharedValue(client, path, int32, initial);
}

export class SharedValue<T> {
  readonly path: string;
  readonly #client: Client;
  readonly #codec: Codec<T>;
  readonly #initial: Uint8Array;

  constructor(client: Client, path: string, codec: Codec<T>, initial: T) {
    checkPath(client, path);
    this.path = path;
    this.#client = client;
    this.#codec = codec;
    this.#initial = codec.encode(initial);
  }

  async get(op: Op = {}): Promise<T> {
    return (await this.read(op)).value;
  }

  /** Where there is no node it is made, with the initial value. */
  async read(op: Op = {}): Promise<Versioned<T>> {
    const { data, stat } = await this.#orMade(() => this.#client.get(this.path, this.#codec, op), op);
    return { value: data, version: stat.version };
  }

  /** The value, and its first change after that. */
  async once(op: Op = {}): Promise<Seen<T>> {
    const { value, ...seen } = await this.#orMade(
      () => this.#client.once.get(this.path, this.#codec, op),
      op,
    );
    return { value: value.data, ...seen };
  }

  /** Whatever it was before. */
  async set(value: T, op: Op = {}): Promise<void> {
    const data = this.#codec.encode(value);
    await this.#orMade(() => this.#client.set(this.path, data, op), op);
  }

  /**
   * Null when it is not that version any more. `OutcomeUnknownError` when the connection was lost, and it cannot be told
   * whether this change or an equal one of another was made.
   */
  async trySet(version: number, value: T, op: Op = {}): Promise<Versioned<T> | null> {
    const stat = await strictSet(this.#client, this.path, this.#codec.encode(value), version, op);
    return stat === null ? null : { value, version: stat.version };
  }

  /** The value now and after each change; null while there is no node. */
  async *values(op: Op = {}): AsyncGenerator<T | null, undefined> {
    await this.read(op);
    for await (const got of this.#client.node(this.path, this.#codec).values(op)) yield got?.data ?? null;
    return undefined;
  }

  async #orMade<R>(attempt: () => Promise<R>, op: Op): Promise<R> {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof NoNodeError)) throw error;
        await ensureFolder(this.#client, parentOf(this.path), op);
        await createOnce(this.#client, this.path, this.#initial, op).catch(ignoreNoNode);
      }
    }
  }
}

/** The folder, a container, has gone again: from the beginning. */
function ignoreNoNode(error: unknown): void {
  if (!(error instanceof NoNodeError)) throw error;
}

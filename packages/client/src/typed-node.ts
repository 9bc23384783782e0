import type { Op } from './abort-signal.ts';
import type { Client } from './client.ts';
import type { Codec } from './codec.ts';
import { setVersion } from './deeds.ts';
import { BadVersionError } from './errors.ts';
import type { Got } from './results.ts';
import type { Stat } from './stat.ts';

/** A node whose data is written and read by a codec. */
export class TypedNode<T> {
  readonly path: string;
  readonly #client: Client;
  readonly #codec: Codec<T>;

  constructor(client: Client, path: string, codec: Codec<T>) {
    this.#client = client;
    this.path = path;
    this.#codec = codec;
  }

  get(op?: Op): Promise<Got<T>> {
    return this.#client.get(this.path, this.#codec, op);
  }

  set(value: T, options: Op & { readonly version?: number } = {}): Promise<Stat> {
    return this.#client.set(this.path, this.#codec.encode(value), options);
  }

  /**
   * Reads, changes and writes what was read; from the beginning when somebody else was faster. Where the connection is lost
   * before the reply it finds out what became of the write; `OutcomeUnknownError` where that cannot be told, because others
   * have written since, or the data are what ours would be and may be theirs.
   */
  async update(change: (value: T) => T | Promise<T>, op: Op = {}): Promise<Got<T>> {
    for (;;) {
      const { data, stat } = await this.get(op);
      const next = await change(data);
      try {
        const encoded = this.#codec.encode(next);
        const written = await setVersion(this.#client, this.path, encoded, stat.version, false, op);
        return { data: next, stat: written };
      } catch (error) {
        if (!(error instanceof BadVersionError)) throw error;
      }
    }
  }

  /** The value now and after each change; null while there is no node. Changes faster than its reader are one. */
  async *values(op: Op = {}): AsyncGenerator<Got<T> | null, undefined> {
    await using watch = this.#client.watch(this.path, op);
    await watch.ready;
    const first = await this.#client.tryGet(this.path, this.#codec, op);
    yield first;
    let shown = first?.stat.mzxid;
    for await (const { type } of watch) {
      if (type === 'childrenChanged') continue;
      const now = await this.#client.tryGet(this.path, this.#codec, op);
      if (now?.stat.mzxid === shown) continue;
      shown = now?.stat.mzxid;
      yield now;
    }
    return undefined;
  }
}

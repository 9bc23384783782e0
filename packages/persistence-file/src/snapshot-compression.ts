import { createGunzip, createGzip } from 'node:zlib';
import type { Transform } from 'node:stream';
import type { SnapshotCompression } from './file-names.ts';

/** Takes plain bytes, gives packed ones to `store`, in pieces of a good size for the disk. */
export interface Packer {
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
  drop(): Promise<void>;
}

type Store = (bytes: Uint8Array) => Promise<void>;

export function packer(compression: SnapshotCompression, store: Store): Packer {
  if (compression === '') return new Gatherer(store);
  if (compression === 'gz') return new Deflater(store);
  throw new RangeError('snappy');
}

/** Packed bytes in, plain bytes out. */
export interface Unpacker {
  /** `take` gets the pieces, each valid during the call. */
  write(bytes: Uint8Array, take: (plain: Uint8Array) => void): Promise<void>;
  end(take: (plain: Uint8Array) => void): Promise<void>;
  drop(): void;
}

export function unpacker(compression: SnapshotCompression): Unpacker {
  if (compression === '') return PLAIN;
  if (compression === 'gz') return new Inflater();
  throw new RangeError('snappy');
}

const PLAIN: Unpacker = {
  async write(bytes, take) {
    take(bytes);
  },
  async end() {},
  drop() {},
};

class Gatherer implements Packer {
  readonly #store: Store;
  readonly #bytes: Uint8Array = new Uint8Array(PIECE_BYTES);
  #length = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      const count = Math.min(bytes.length - at, PIECE_BYTES - this.#length);
      this.#bytes.set(bytes.subarray(at, at + count), this.#length);
      this.#length += count;
      at += count;
      if (this.#length === PIECE_BYTES) await this.#flush();
    }
  }

  end(): Promise<void> {
    return this.#flush();
  }

  async drop(): Promise<void> {}

  async #flush(): Promise<void> {
    const length = this.#length;
    this.#length = 0;
    if (length > 0) await this.#store(this.#bytes.subarray(0, length));
  }
}

class Deflater implements Packer {
  readonly #store: Gatherer;
  readonly #stream: Piped;

  constructor(store: Store) {
    this.#store = new Gatherer(store);
    this.#stream = new Piped(createGzip());
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#stream.write(bytes);
    for (const piece of this.#stream.taken()) await this.#store.write(piece);
  }

  async end(): Promise<void> {
    await this.#stream.end();
    for (const piece of this.#stream.taken()) await this.#store.write(piece);
    await this.#store.end();
  }

  async drop(): Promise<void> {
    this.#stream.drop();
  }
}

class Inflater implements Unpacker {
  readonly #stream: Piped = new Piped(createGunzip());

  async write(bytes: Uint8Array, take: (plain: Uint8Array) => void): Promise<void> {
    await this.#stream.write(bytes);
    for (const piece of this.#stream.taken()) take(piece);
  }

  async end(take: (plain: Uint8Array) => void): Promise<void> {
    await this.#stream.end();
    for (const piece of this.#stream.taken()) take(piece);
  }

  drop(): void {
    this.#stream.drop();
  }
}

/** A transform pushed along by hand: what one piece of input gave is taken before the next one goes in. */
class Piped {
  readonly #stream: Transform;
  #pieces: Uint8Array[] = [];
  #failure: Error | undefined;

  constructor(stream: Transform) {
    this.#stream = stream;
    stream.on('data', (piece: Uint8Array) => this.#pieces.push(piece));
    stream.on('error', (error) => (this.#failure = error));
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#settled((done) => this.#stream.write(bytes, done));
  }

  end(): Promise<void> {
    return this.#settled((done) => {
      this.#stream.once('end', () => done());
      this.#stream.end();
    });
  }

  taken(): Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  drop(): void {
    this.#stream.destroy();
  }

  #settled(start: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#stream.once('error', reject);
      start((error) => {
        this.#stream.removeListener('error', reject);
        if (error === null || error === undefined) resolve();
        else reject(error);
      });
    });
  }
}

const PIECE_BYTES = 1 << 18;

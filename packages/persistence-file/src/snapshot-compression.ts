import { createGunzip, createGzip } from 'node:zlib';
import type { Transform } from 'node:stream';
import { PersistenceError } from '@corral/persistence';
import type { SnapshotCompression } from './file-names.ts';
import { SNAPPY_BLOCK_BYTES, snappyCompress, snappyUncompress } from './snappy-block.ts';
import { SNAPPY_MAGIC } from './snapshot-format.ts';

/** Takes plain bytes, gives packed ones to `store`, in pieces of a good size for the disk. */
export interface Packer {
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
  drop(): Promise<void>;
}

type Store = (bytes: Uint8Array) => Promise<void>;

export function packer(compression: SnapshotCompression, store: Store): Packer {
  if (compression === '') return new Gatherer(store);
  return compression === 'gz' ? new Deflater(store) : new SnappyPacker(store);
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
  return compression === 'gz' ? new Inflater() : new SnappyUnpacker();
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
  readonly #bytes: Uint8Array;
  #length = 0;

  constructor(store: Store, pieceBytes: number = PIECE_BYTES) {
    this.#store = store;
    this.#bytes = new Uint8Array(pieceBytes);
  }

  async write(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      const count = Math.min(bytes.length - at, this.#bytes.length - this.#length);
      this.#bytes.set(bytes.subarray(at, at + count), this.#length);
      this.#length += count;
      at += count;
      if (this.#length === this.#bytes.length) await this.#flush();
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

/**
 * What is unpacked is handed on at once: gathered first, one piece of the file could become a thousand times as much
 * in memory. The first failure of `take` ends it.
 */
class Inflater implements Unpacker {
  #take: (plain: Uint8Array) => void = () => {};
  readonly #stream: Piped = new Piped(createGunzip(), (piece) => this.#take(piece));

  async write(bytes: Uint8Array, take: (plain: Uint8Array) => void): Promise<void> {
    this.#take = take;
    await this.#stream.write(bytes);
  }

  async end(take: (plain: Uint8Array) => void): Promise<void> {
    this.#take = take;
    await this.#stream.end();
  }

  drop(): void {
    this.#stream.drop();
  }
}

/** Java's SnappyOutputStream: a header, then blocks of 32 KiB, each packed by itself behind its packed length. */
class SnappyPacker implements Packer {
  readonly #store: Gatherer;
  readonly #blocks: Gatherer;
  #isBegun = false;

  constructor(store: Store) {
    this.#store = new Gatherer(store);
    this.#blocks = new Gatherer((block) => this.#pack(block), SNAPPY_BLOCK_BYTES);
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#blocks.write(bytes);
  }

  async end(): Promise<void> {
    await this.#blocks.end();
    await this.#store.end();
  }

  async drop(): Promise<void> {}

  async #pack(block: Uint8Array): Promise<void> {
    if (!this.#isBegun) await this.#store.write(SNAPPY_HEADER);
    this.#isBegun = true;
    const packed = snappyCompress(block);
    const head = new Uint8Array(4);
    new DataView(head.buffer).setInt32(0, packed.length);
    await this.#store.write(head);
    await this.#store.write(packed);
  }
}

class SnappyUnpacker implements Unpacker {
  /** What came in and is not a whole block yet. */
  #waiting: Uint8Array = new Uint8Array(0);
  #isBegun = false;

  async write(bytes: Uint8Array, take: (plain: Uint8Array) => void): Promise<void> {
    const input = new Uint8Array(this.#waiting.length + bytes.length);
    input.set(this.#waiting);
    input.set(bytes, this.#waiting.length);
    const view = new DataView(input.buffer);
    let at = this.#isBegun ? 0 : this.#begin(input);
    while (input.length - at >= 4 && this.#isBegun) {
      const length = view.getInt32(at);
      if (length < 0 || length > SNAPPY_PACKED_MAX) throw new RangeError(`a snappy block of ${length} bytes`);
      if (input.length - at - 4 < length) break;
      at += 4;
      take(snappyUncompress(input.subarray(at, at + length), SNAPPY_PLAIN_MAX));
      at += length;
    }
    this.#waiting = input.slice(at);
  }

  async end(): Promise<void> {
    if (this.#waiting.length > 0) throw new RangeError('the last snappy block is not whole');
  }

  drop(): void {}

  #begin(input: Uint8Array): number {
    if (input.length < SNAPPY_HEADER.length) return 0;
    const isKnown = SNAPPY_HEADER.every((byte, i) => input[i] === byte);
    if (!isKnown) throw new RangeError('not the header of a snappy stream');
    this.#isBegun = true;
    return SNAPPY_HEADER.length;
  }
}

/** "\x82SNAPPY\0", int version 1, int oldest compatible version 1. */
const SNAPPY_HEADER = Uint8Array.of(...SNAPPY_MAGIC, 0, 0, 0, 1, 0, 0, 0, 1);
/** Java writes blocks of 32 KiB; more is taken than that, but a claim is not believed without bound. */
const SNAPPY_PLAIN_MAX = 1 << 24;
const SNAPPY_PACKED_MAX: number = SNAPPY_PLAIN_MAX + (SNAPPY_PLAIN_MAX >> 2);

/** A transform pushed along by hand: what one piece of input gave is taken before the next one goes in. */
class Piped {
  readonly #stream: Transform;
  #pieces: Uint8Array[] = [];
  #failure: Error | undefined;
  /** Also before `end`: unpacking ends where what was packed does, whatever lies behind it. */
  #hasEnded = false;

  /** @param take gets what comes out, where it is not to be kept for `taken`; the stream fails with what it throws */
  constructor(
    stream: Transform,
    take: (piece: Uint8Array) => void = (piece) => void this.#pieces.push(piece),
  ) {
    this.#stream = stream;
    stream.on('data', (piece: Uint8Array) => {
      if (this.#failure !== undefined) return;
      try {
        take(piece);
      } catch (cause) {
        this.#failure = cause as Error;
        stream.destroy(this.#failure);
      }
    });
    stream.on('error', (error) => (this.#failure ??= error));
    stream.on('end', () => (this.#hasEnded = true));
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#settled((done) => this.#stream.write(bytes, done));
  }

  end(): Promise<void> {
    return this.#settled(() => this.#stream.end());
  }

  taken(): Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** Who waits for a write or the end is told: without an error Node would leave them waiting. */
  drop(): void {
    this.#stream.destroy(new PersistenceError('CLOSED', 'the snapshot was given up'));
  }

  /** Node answers no write behind the end of what was packed; its bytes say nothing. */
  #settled(start: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      if (this.#hasEnded) return resolve();
      const done = (error?: Error | null): void => {
        this.#stream.off('error', reject).off('end', done);
        if (error === null || error === undefined) resolve();
        else reject(error);
      };
      this.#stream.once('error', reject).once('end', done);
      start(done);
    });
  }
}

const PIECE_BYTES = 1 << 18;

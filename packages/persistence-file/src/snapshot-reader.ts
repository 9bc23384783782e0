import {
  PersistenceError,
  readFully,
  type DiskFile,
  type SnapshotBody,
  type SnapshotTrailer,
} from '@corral/persistence';
import { adler32, ADLER32_INITIAL } from './adler32.ts';
import type { SnapshotCompression, SnapshotName } from './file-names.ts';
import { type Unpacker, unpacker } from './snapshot-compression.ts';
import {
  decodeSections,
  GZIP_MAGIC,
  SEAL_BYTES,
  SEAL_END,
  SNAPPY_MAGIC,
  SNAPSHOT_HEADER,
  TRAILER_BYTES_MAX,
} from './snapshot-format.ts';
import type { Settings } from './settings.ts';

/** Feeds the body of a snapshot file to `body` and checks everything else. */
export async function readSnapshot(
  settings: Settings,
  file: DiskFile,
  path: string,
  size: number,
  name: SnapshotName,
  body: SnapshotBody,
): Promise<SnapshotTrailer> {
  const parser = new SnapshotParser(path, body, settings.snapshotBytesMax);
  const stream = unpacker(name.compression);
  const take = (plain: Uint8Array): void => parser.push(plain);
  const piece = new Uint8Array(Math.min(PIECE_BYTES, size + 1));
  try {
    for (let at = 0; ;) {
      const count = await readFully(file, piece, at);
      if (count > 0) await unpack(path, () => stream.write(piece.subarray(0, count), take));
      at += count;
      if (count < piece.length) break;
    }
    await unpack(path, () => stream.end(take));
    return parser.end();
  } finally {
    stream.drop();
  }
}

/**
 * The same of a snapshot that comes as a stream, packed as its first bytes say.
 *
 * @param bytesMax unpacked
 * @throws PersistenceError `DAMAGED`; and what `pieces` or `body` throw
 */
export async function readSnapshotStream(
  pieces: AsyncIterable<Uint8Array>,
  body: SnapshotBody,
  bytesMax: number,
): Promise<SnapshotTrailer> {
  const parser = new SnapshotParser(STREAM, body, bytesMax);
  const take = (plain: Uint8Array): void => parser.push(plain);
  let stream: Unpacker | undefined;
  let first: Uint8Array = new Uint8Array(0);
  try {
    for await (const piece of pieces) {
      let next = piece;
      if (stream === undefined) {
        next = first = joined(first, piece);
        if (first.length < SNAPPY_MAGIC.length) continue;
        stream = unpacker(compressionOf(first));
      }
      await unpack(STREAM, () => stream!.write(next, take));
    }
    if (stream === undefined)
      throw new PersistenceError('DAMAGED', 'not the header of a snapshot', { file: STREAM, offset: 0 });
    await unpack(STREAM, () => stream!.end(take));
    return parser.end();
  } finally {
    stream?.drop();
  }
}

function compressionOf(first: Uint8Array): SnapshotCompression {
  if (GZIP_MAGIC.every((byte, i) => first[i] === byte)) return 'gz';
  return SNAPPY_MAGIC.every((byte, i) => first[i] === byte) ? 'snappy' : '';
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

async function unpack(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof PersistenceError) throw cause;
    throw new PersistenceError('DAMAGED', 'the compressed bytes cannot be read', { file: path, cause });
  }
}

/** Header, body, seals and sections, in whatever pieces they come. */
class SnapshotParser {
  readonly #path: string;
  readonly #body: SnapshotBody;
  readonly #bytesMax: number;
  #header = 0;
  /** Bytes taken so far, and the sum of those of header and body. */
  #offset = 0;
  #checksum: number = ADLER32_INITIAL;
  readonly #rest: Uint8Array = new Uint8Array(SEAL_BYTES + TRAILER_BYTES_MAX);
  #restLength = 0;

  constructor(path: string, body: SnapshotBody, bytesMax: number) {
    this.#path = path;
    this.#body = body;
    this.#bytesMax = bytesMax;
  }

  push(piece: Uint8Array): void {
    if (this.#offset + piece.length > this.#bytesMax) throw this.#damage(`more than ${this.#bytesMax} bytes`);
    let at = this.#pushHeader(piece);
    if (!this.#body.ended && at < piece.length) at += this.#pushBody(at === 0 ? piece : piece.subarray(at));
    if (at < piece.length) this.#pushRest(piece.subarray(at));
  }

  end(): SnapshotTrailer {
    if (!this.#body.ended) throw this.#damage('the snapshot ends within its body');
    const rest = this.#rest.subarray(0, this.#restLength);
    this.#checkSeal(rest, 0, 0);
    const sections = decoded(rest.subarray(SEAL_BYTES));
    if (sections === undefined) throw this.#damage('what follows the body makes no sense');
    let summedTo = 0;
    for (const { end } of sections.sections) {
      this.#checkSeal(rest, SEAL_BYTES + end, summedTo);
      summedTo = SEAL_BYTES + end;
    }
    return sections.trailer;
  }

  #pushHeader(piece: Uint8Array): number {
    let at = 0;
    while (this.#header < SNAPSHOT_HEADER.length && at < piece.length) {
      if (piece[at] !== SNAPSHOT_HEADER[this.#header]) throw this.#damage('not the header of a snapshot');
      at++;
      this.#header++;
      this.#offset++;
    }
    this.#checksum = adler32(piece, 0, at, this.#checksum);
    return at;
  }

  #pushBody(bytes: Uint8Array): number {
    let count: number;
    try {
      count = this.#body.push(bytes);
    } catch (cause) {
      throw this.#damage('the body makes no sense', cause);
    }
    this.#checksum = adler32(bytes, 0, count, this.#checksum);
    this.#offset += count;
    return count;
  }

  #pushRest(bytes: Uint8Array): void {
    if (bytes.length > this.#rest.length - this.#restLength) throw this.#damage('too much follows the body');
    this.#rest.set(bytes, this.#restLength);
    this.#restLength += bytes.length;
    this.#offset += bytes.length;
  }

  /** The seal at `at` sums up everything before it; `summedTo` is how far the sum has come in `rest`. */
  #checkSeal(rest: Uint8Array, at: number, summedTo: number): void {
    this.#checksum = adler32(rest, summedTo, at, this.#checksum);
    const seal = rest.subarray(at, at + SEAL_BYTES);
    if (seal.length < SEAL_BYTES) throw this.#damage('the snapshot ends within a seal');
    const view = new DataView(seal.buffer, seal.byteOffset, SEAL_BYTES);
    const isSealed = view.getInt32(0) === 0 && view.getUint32(4) === this.#checksum;
    if (!isSealed || !SEAL_END.every((byte, i) => seal[8 + i] === byte)) {
      throw this.#damage('the checksum does not match');
    }
  }

  #damage(message: string, cause?: unknown): PersistenceError {
    return new PersistenceError('DAMAGED', message, { file: this.#path, offset: this.#offset, cause });
  }
}

function decoded(bytes: Uint8Array): ReturnType<typeof decodeSections> {
  try {
    return decodeSections(bytes);
  } catch {
    return undefined;
  }
}

const PIECE_BYTES = 1 << 18;
/** In the place of a file's name. */
const STREAM = 'stream';

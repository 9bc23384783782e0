import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { runSync } from './shell.ts';

/** Compiles `shim.c` into the folder, and gives the library. */
export function compileShim(folder: string): string {
  const library = join(folder, 'shim.so');
  runSync('gcc', '-O2', '-shared', '-fPIC', '-o', library, join(import.meta.dirname, 'shim.c'), '-ldl');
  return library;
}

/** What the shim of one member does now; it goes on over the member's restarts. */
export class Shim {
  readonly environment: Readonly<Record<string, string>>;
  readonly #path: string;
  readonly #block = Buffer.alloc(24);

  constructor(library: string, path: string) {
    this.#path = path;
    writeFileSync(path, this.#block);
    this.environment = { LD_PRELOAD: library, CHAOS_CONTROL: path };
  }

  /** The wall clock is off by so much from now on. */
  setClock(offsetMs: number): void {
    this.#block.writeBigInt64LE(BigInt(offsetMs), 0);
    this.#write(0, 8);
  }

  /** The next syncs fail with EIO, so many. */
  failSyncs(count: number): void {
    this.#block.writeInt32LE(count, 8);
    this.#write(8, 4);
  }

  /** Each sync takes so much longer. */
  delaySyncs(ms: number): void {
    this.#block.writeInt32LE(ms, 16);
    this.#write(16, 4);
  }

  /** How many have failed so far. */
  get syncsFailed(): number {
    const file = openSync(this.#path, 'r');
    const read = Buffer.alloc(4);
    readSync(file, read, 0, 4, 12);
    closeSync(file);
    return read.readInt32LE();
  }

  /** In place: the file is mapped. */
  #write(at: number, length: number): void {
    const file = openSync(this.#path, 'r+');
    writeSync(file, this.#block, at, length, at);
    closeSync(file);
  }
}

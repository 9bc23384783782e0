import { JuteReader } from '@corral/jute';

/** What runs call by other names: session ids, and times, of which only their being sound is kept. */
export interface Names {
  session(id: bigint): string;
  time(ms: bigint): string;
}

/** One frame as text: everything in it, except that each zxid stands as `#` and its value beside the text. */
export interface Line {
  readonly text: string;
  readonly zxids: readonly bigint[];
}

/** Takes a frame apart into a {@link Line}. What is left of the frame after the last field is shown as hex. */
export class LineReader {
  readonly #read: JuteReader;
  readonly #names: Names;
  readonly #words: string[] = [];
  readonly #zxids: bigint[] = [];

  constructor(frame: Uint8Array, names: Names) {
    this.#read = new JuteReader(frame, 1 << 30);
    this.#names = names;
  }

  get remaining(): number {
    return this.#read.remaining;
  }

  word(word: string): void {
    this.#words.push(word);
  }

  int(name: string): number {
    const value = this.#read.readInt();
    this.word(`${name}=${value}`);
    return value;
  }

  bool(name: string): boolean {
    const byte = this.#read.bytes[this.#read.offset];
    const value = this.#read.readBool();
    this.word(`${name}=${byte}`);
    return value;
  }

  zxid(name: string): void {
    this.#zxids.push(this.#read.readLong());
    this.word(`${name}=#`);
  }

  time(name: string): void {
    this.word(`${name}=${this.#names.time(this.#read.readLong())}`);
  }

  session(name: string): void {
    this.word(`${name}=${this.#names.session(this.#read.readLong())}`);
  }

  text(name: string): void {
    this.word(`${name}=${textOf(this.#string())}`);
  }

  /** A buffer: as text where it is text, else as hex. */
  data(name: string): void {
    this.word(`${name}=${dataOf(this.#read.readBuffer())}`);
  }

  /** A vector, each element written by `element`; sorted, where its order is a hash table's. */
  vector(name: string, sorted: boolean, element: () => void): void {
    const count = this.#read.readInt();
    if (count < 0) return this.word(`${name}=null(${count})`);
    const from = this.#words.length;
    for (let i = 0; i < count; i++) {
      const start = this.#words.length;
      element();
      this.#words.push(this.#words.splice(start).join(','));
    }
    const elements = this.#words.splice(from);
    if (sorted) elements.sort();
    this.word(`${name}=[${elements.join(' ')}]`);
  }

  stat(name: string): void {
    this.word(`${name}(`);
    this.zxid('czxid');
    this.zxid('mzxid');
    this.time('ctime');
    this.time('mtime');
    this.int('version');
    this.int('cversion');
    this.int('aversion');
    this.session('ephemeralOwner');
    this.int('dataLength');
    this.int('numChildren');
    this.zxid('pzxid');
    this.word(')');
  }

  /** The line; `fault` is what stopped the taking apart. */
  done(fault?: string): Line {
    if (fault !== undefined) this.word(`!${fault}`);
    const left = this.#read.remaining;
    if (left > 0) {
      const bytes = this.#read.bytes.subarray(this.#read.offset, this.#read.end);
      this.word(`+${bytes.toHex()}`);
    }
    return { text: this.#words.join(' '), zxids: this.#zxids };
  }

  #string(): string | null {
    return this.#read.readString();
  }
}

function textOf(text: string | null): string {
  return text === null ? 'null' : JSON.stringify(text);
}

function dataOf(bytes: Uint8Array | null): string {
  if (bytes === null) return 'null';
  try {
    return textOf(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return `0x${bytes.toHex()}`;
  }
}

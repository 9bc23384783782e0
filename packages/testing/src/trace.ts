/**
 * Everything that happens, as one number and as its last lines. Two runs are the same if and only if their hashes are
 * (but for one chance in 2^64): each step goes in with its time, its actors and its bytes.
 */
export class Trace {
  /** Steps so far. */
  steps = 0;
  readonly #now: () => number;
  /** Of bytes that passed. */
  readonly #passed: TraceLine[] = Array.from({ length: LINES_KEPT }, () => new TraceLine());
  #chunks = 0;
  /** All others. */
  readonly #told: TraceLine[] = Array.from({ length: LINES_KEPT }, () => new TraceLine());
  #tellings = 0;
  #high = 0x9e37_79b9 | 0;
  #low = 0x85eb_ca6b | 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param a and `b` are numbers that tell more, 0 where there is nothing to tell */
  note(what: string, who: string, a = 0, b = 0): void {
    this.#step(this.#told[this.#tellings++ % LINES_KEPT]!, what, who, a, b);
  }

  /** As `note`, of what happens all the time and is no part of the story. */
  often(what: string, who: string, a = 0): void {
    this.#step(this.#passed[this.#chunks++ % LINES_KEPT]!, what, who, a, 0);
  }

  #step(line: TraceLine, what: string, who: string, a: number, b: number): void {
    const time = this.#now();
    line.step = this.steps++;
    line.time = time;
    line.what = what;
    line.who = who;
    line.a = a;
    line.b = b;
    this.#mixNumber(time);
    this.#mixText(what);
    this.#mixText(who);
    this.#mixNumber(a);
    this.#mixNumber(b);
  }

  /** As `note`, with bytes that passed. */
  bytes(what: string, who: string, bytes: Uint8Array): void {
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < bytes.length; i++) {
      low = Math.imul(low ^ bytes[i]!, 0x0100_0193);
      high = (Math.imul(high, 31) + low) | 0;
    }
    this.#low = low;
    this.#high = high;
    this.often(what, who, bytes.length);
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    return hex(this.#high) + hex(this.#low);
  }

  /** The newest lines, oldest first. */
  last(count: number = LINES_KEPT): string[] {
    return textsOf([...this.#passed, ...this.#told]).slice(-Math.min(count, LINES_KEPT));
  }

  /** The newest lines but for what happens all the time: what members and disks did, and the faults. */
  story(): string[] {
    return textsOf(this.#told);
  }

  #mixNumber(value: number): void {
    SCRATCH.setFloat64(0, value);
    this.#mixWord(SCRATCH.getInt32(0));
    this.#mixWord(SCRATCH.getInt32(4));
  }

  #mixText(text: string): void {
    for (let i = 0; i < text.length; i++) this.#low = Math.imul(this.#low ^ text.charCodeAt(i), 0x0100_0193);
    this.#mixWord(text.length);
  }

  #mixWord(word: number): void {
    this.#low = Math.imul(this.#low ^ word, 0x0100_0193);
    this.#high = Math.imul(rotate(this.#high) ^ this.#low, 0x85eb_ca6b);
  }
}

class TraceLine {
  step = -1;
  time = 0;
  what = '';
  who = '';
  a = 0;
  b = 0;
}

function textsOf(lines: readonly TraceLine[]): string[] {
  return lines
    .filter(({ step }) => step >= 0)
    .toSorted((a, b) => a.step - b.step)
    .map(({ step, time, who, what, a, b }) => {
      const numbers = [a, b].filter((n) => n !== 0).map((n) => (n > 0xffff_ffff ? `0x${n.toString(16)}` : n));
      return [`#${step}`, `${time.toFixed(3)} ms`, who, what, ...numbers].join(' ');
    });
}

function rotate(word: number): number {
  return (word << 13) | (word >>> 19);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

const LINES_KEPT = 256;
const SCRATCH = new DataView(new ArrayBuffer(8));

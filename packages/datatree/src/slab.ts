/**
 * Memory for names and data outside the JavaScript heap: pages of bytes, each cut into blocks of one size.
 *
 * A block is named by a ref, an unsigned 32-bit number that is never 0; its length is the caller's to remember.
 * Blocks of a size are taken from pages that have some left before a new page is made; a page whose blocks are
 * all free serves any other size, so memory follows the data when its sizes change. What is larger than the
 * largest block gets a page of its own.
 */
export class Slab {
  /** By page number; 0 is never used, so that no ref is 0. */
  readonly #pages: (Page | undefined)[] = [undefined];
  readonly #freePageNumbers: number[] = [];
  /** Empty pages of the ordinary size, kept for the next that is needed. */
  readonly #spares: Page[] = [];
  /** By size class: pages with a free block, the last one used first. */
  readonly #open: Page[][] = BLOCK_SIZES.map(() => []);
  #bytesInUse = 0;

  /** Bytes of all pages that exist. */
  get capacity(): number {
    return this.#bytesInUse;
  }

  /** Room for `length` bytes. A length of 0 takes none: the ref is 0. */
  allocate(length: number): number {
    if (length === 0) return 0;
    if (length > BLOCK_MAX) return this.#addPage(new Page(-1, length, 1)).take();
    const sizeClass = sizeClassOf(length);
    const open = this.#open[sizeClass]!;
    let page = open[open.length - 1];
    if (page === undefined) {
      page = this.#freshPage(sizeClass);
      page.openAt = open.length;
      open.push(page);
    }
    const ref = page.take();
    if (page.isFull) {
      open.pop();
      page.openAt = -1;
    }
    return ref;
  }

  free(ref: number): void {
    if (ref === 0) return;
    const page = this.#pages[ref >>> PAGE_SHIFT]!;
    const open = page.sizeClass < 0 ? undefined : this.#open[page.sizeClass]!;
    page.give(ref);
    if (open !== undefined && page.openAt < 0) {
      page.openAt = open.length;
      open.push(page);
    }
    if (page.live === 0) this.#retire(page, open);
  }

  /** The page that holds `ref`: its bytes begin at `offsetOf(ref)` there. Valid while the block is. */
  bytesOf(ref: number): Uint8Array {
    return this.#pages[ref >>> PAGE_SHIFT]!.bytes;
  }

  /** A block that holds a copy of `source[start, end)`. */
  store(source: Uint8Array, start: number, end: number): number {
    const ref = this.allocate(end - start);
    if (ref !== 0) this.write(ref, source, start, end);
    return ref;
  }

  /** Overwrites the block, which must be long enough. */
  write(ref: number, source: Uint8Array, start: number, end: number): void {
    const target = this.bytesOf(ref);
    const at = offsetOf(ref);
    if (end - start > COPY_BY_LOOP_MAX)
      target.set(start === 0 && end === source.length ? source : source.subarray(start, end), at);
    else for (let i = start, to = at; i < end; i++, to++) target[to] = source[i]!;
  }

  /** Whether a block of `length` bytes may hold `other` bytes as well, without waste: the same block serves. */
  static isSameSize(length: number, other: number): boolean {
    if (length === 0 || other === 0 || length > BLOCK_MAX || other > BLOCK_MAX) return length === other;
    return sizeClassOf(length) === sizeClassOf(other);
  }

  #freshPage(sizeClass: number): Page {
    const size = BLOCK_SIZES[sizeClass]!;
    const spare = this.#spares.pop();
    if (spare === undefined)
      return this.#addPage(new Page(sizeClass, PAGE_BYTES, Math.floor(PAGE_BYTES / size)));
    spare.reuse(sizeClass, size, Math.floor(PAGE_BYTES / size));
    return spare;
  }

  #addPage(page: Page): Page {
    const number = this.#freePageNumbers.pop() ?? this.#pages.length;
    if (number > PAGE_NUMBER_MAX) throw new RangeError('more than 32 GiB of node data');
    this.#pages[number] = page;
    page.number = number;
    this.#bytesInUse += page.bytes.length;
    return page;
  }

  #retire(page: Page, open: Page[] | undefined): void {
    if (open !== undefined) {
      // The place of the page is taken by the last one.
      const last = open.pop()!;
      if (last !== page) {
        open[page.openAt] = last;
        last.openAt = page.openAt;
      }
      page.openAt = -1;
      if (this.#spares.length < SPARE_PAGES_MAX) {
        this.#spares.push(page);
        return;
      }
    }
    this.#pages[page.number] = undefined;
    this.#freePageNumbers.push(page.number);
    this.#bytesInUse -= page.bytes.length;
  }
}

/** Where in its page a block begins. */
export function offsetOf(ref: number): number {
  return (ref & UNIT_MASK) << UNIT_SHIFT;
}

class Page {
  bytes: Uint8Array;
  /** The same memory, for the list of free blocks that runs through them. */
  words: Int32Array;
  number = 0;
  /** -1 where the page is one large block. */
  sizeClass: number;
  blockUnits: number;
  capacity: number;
  live = 0;
  /** Blocks that were ever handed out; those behind have never been touched, and cost no memory yet. */
  #used = 0;
  /** The unit at which the first free block begins, or -1. */
  #free = -1;
  /** Its place among the open pages of its size class, or -1 when it is full. */
  openAt = -1;

  constructor(sizeClass: number, length: number, capacity: number) {
    const buffer = new ArrayBuffer((length + UNIT_BYTES - 1) & -UNIT_BYTES);
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.sizeClass = sizeClass;
    this.blockUnits = sizeClass < 0 ? 0 : BLOCK_SIZES[sizeClass]! >>> UNIT_SHIFT;
    this.capacity = capacity;
  }

  get isFull(): boolean {
    return this.live === this.capacity;
  }

  reuse(sizeClass: number, size: number, capacity: number): void {
    this.sizeClass = sizeClass;
    this.blockUnits = size >>> UNIT_SHIFT;
    this.capacity = capacity;
    this.#used = 0;
    this.#free = -1;
  }

  take(): number {
    this.live++;
    let unit = this.#free;
    if (unit >= 0) this.#free = this.words[unit << (UNIT_SHIFT - 2)]!;
    else unit = this.#used++ * this.blockUnits;
    return this.number * UNITS_PER_PAGE + unit;
  }

  give(ref: number): void {
    const unit = ref & UNIT_MASK;
    this.live--;
    if (this.sizeClass < 0) return;
    this.words[unit << (UNIT_SHIFT - 2)] = this.#free;
    this.#free = unit;
  }
}

const UNIT_SHIFT = 3;
const UNIT_BYTES = 1 << UNIT_SHIFT;
const PAGE_SHIFT = 17;
const UNITS_PER_PAGE = 1 << PAGE_SHIFT;
const UNIT_MASK = UNITS_PER_PAGE - 1;
const PAGE_BYTES = UNITS_PER_PAGE * UNIT_BYTES;
const PAGE_NUMBER_MAX = 0x7fff;
const SPARE_PAGES_MAX = 4;
const COPY_BY_LOOP_MAX = 48;

const FINE_MAX = 512;
const FINE_CLASSES = FINE_MAX / UNIT_BYTES;
const BLOCK_MAX = 64 * 1024;
/** Every 8 bytes up to 512, then four sizes to each doubling: at most a fifth of a block is waste. */
const BLOCK_SIZES: readonly number[] = blockSizes();

function blockSizes(): number[] {
  const sizes: number[] = [];
  for (let size = 8; size <= FINE_MAX; size += UNIT_BYTES) sizes.push(size);
  for (let base = FINE_MAX; base < BLOCK_MAX; base *= 2) {
    for (let quarter = 1; quarter <= 4; quarter++) sizes.push(base + (base / 4) * quarter);
  }
  return sizes;
}

function sizeClassOf(length: number): number {
  if (length <= FINE_MAX) return (length - 1) >>> UNIT_SHIFT;
  const doubling = 31 - Math.clz32(length - 1);
  const quarter = (length - 1 - (1 << doubling)) >>> (doubling - 2);
  return FINE_CLASSES + (doubling - 9) * 4 + quarter;
}

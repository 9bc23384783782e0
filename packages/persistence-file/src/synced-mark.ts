import { zxidToHex, type Zxid } from '@corral/protocol';
import { readFully, type DiskFile } from '@corral/persistence';
import { adler32 } from './adler32.ts';
import { LOG_HEADER_BYTES } from './log-format.ts';
import { syncFile, type Settings } from './settings.ts';

/** A place in the log up to which everything has been synced: a file, by its first zxid, and a byte in it. */
export interface SyncedTo {
  readonly first: Zxid;
  readonly offset: number;
}

/**
 * Remembers, in the small file `corral.synced`, how far the log has been synced. Apache's format has no word for it,
 * and without one a tail that a crash tore and records that were whole once and are damaged now look the same.
 *
 * It is a lower bound, never more: written after each sync of the log and left to the kernel, so it is exact after
 * the death of a process and up to half a minute behind after a power cut. Only which file is the newest is synced
 * at once, before that file is made. Together with the bound on what is ever unsynced ({@link UNSYNCED_BYTES_MAX})
 * that tells a torn tail from damage.
 *
 * One line: twice "<first zxid> <offset>", of the newest file and of the one before it, and a checksum.
 */
export class SyncedMark {
  readonly #settings: Settings;
  #file: DiskFile | undefined;
  #current: SyncedTo | undefined;
  #previous: SyncedTo | undefined;
  /** What the file says of both. */
  #line: Uint8Array | undefined;

  constructor(settings: Settings, last: SyncedTo | undefined) {
    this.#settings = settings;
    this.#current = last;
  }

  /** Durably: the next file begins now. */
  async begin(first: Zxid): Promise<void> {
    this.#previous = this.#current;
    await this.#replace({ first, offset: LOG_HEADER_BYTES });
  }

  /** The newest file has been synced up to `offset`. */
  note(offset: number): void {
    if (this.#file === undefined || !this.#settings.forceSync) return;
    this.#current = { first: this.#current!.first, offset };
    const line = this.#line;
    if (line === undefined || !replaceOffset(line, offset))
      this.#line = encode(this.#current, this.#previous);
    // One write within one sector: whole, or not there.
    this.#file.writeNow(this.#line!, 0);
  }

  /** Durably: the log is about to be cut to `last`. */
  async cut(last: SyncedTo | undefined): Promise<void> {
    this.#previous = undefined;
    await this.#replace(last);
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    await syncFile(this.#settings, file);
    await file.close();
  }

  async #replace(current: SyncedTo | undefined): Promise<void> {
    this.#current = current;
    const path = `${this.#settings.logDirectory}/${MARK_NAME}`;
    this.#file ??= await this.#settings.disk.open(path, await this.#mode(path));
    this.#line = undefined;
    const isKnown = this.#settings.forceSync;
    this.#file.writeNow(encode(isKnown ? current : undefined, isKnown ? this.#previous : undefined), 0);
    await syncFile(this.#settings, this.#file);
  }

  /** Of a new one, the entry in the directory becomes durable with that of the log it speaks of. */
  async #mode(path: string): Promise<'create' | 'update'> {
    return (await this.#settings.disk.stat(path)) === undefined ? 'create' : 'update';
  }
}

/** What the file says, newest first; nothing where it is missing or was torn. */
export async function readSyncedMark(settings: Settings): Promise<SyncedTo[]> {
  const path = `${settings.logDirectory}/${MARK_NAME}`;
  if ((await settings.disk.stat(path)) === undefined) return [];
  const file = await settings.disk.open(path, 'read');
  try {
    const line = new Uint8Array(LINE_BYTES);
    return (await readFully(file, line, 0)) === LINE_BYTES ? decode(line) : [];
  } finally {
    await file.close();
  }
}

export const MARK_NAME = 'corral.synced';

/** No more than this, and one entry, is ever written to the log before it is synced. */
export const UNSYNCED_BYTES_MAX: number = 1 << 22;

/** Fixed, so that a shorter line leaves nothing of a longer one; far less than a sector. */
const LINE_BYTES = 96;

function encode(current: SyncedTo | undefined, previous: SyncedTo | undefined): Uint8Array {
  const said = [current, previous].map((to) =>
    to === undefined ? '- 0' : `${zxidToHex(to.first)} ${to.offset}`,
  );
  const text = said.join(' ').padEnd(LINE_BYTES - CHECKSUM_CHARS);
  const line = new Uint8Array(LINE_BYTES);
  for (let i = 0; i < text.length; i++) line[i] = text.charCodeAt(i);
  const sum = `${adler32(line, 0, text.length)
    .toString(16)
    .padStart(CHECKSUM_CHARS - 1, '0')}\n`;
  for (let i = 0; i < sum.length; i++) line[text.length + i] = sum.charCodeAt(i);
  return line;
}

/**
 * Another offset of the newest file in a line, with its checksum: a line is written after each sync. False where it
 * has more or fewer digits than the one before.
 */
function replaceOffset(line: Uint8Array, offset: number): boolean {
  const start = line.indexOf(SPACE) + 1;
  const end = line.indexOf(SPACE, start);
  if (offset >= 10 ** (end - start) || offset < 10 ** (end - start - 1)) return false;
  for (let at = end - 1, rest = offset; at >= start; at--, rest = Math.floor(rest / 10))
    line[at] = DIGITS[rest % 10]!;
  const length = LINE_BYTES - CHECKSUM_CHARS;
  for (let at = LINE_BYTES - 2, rest = adler32(line, 0, length); at >= length; at--, rest >>>= 4)
    line[at] = DIGITS[rest & 15]!;
  return true;
}

const CHECKSUM_CHARS = 9;
const SPACE = 0x20;
const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

function decode(line: Uint8Array): SyncedTo[] {
  const text = String.fromCharCode(...line);
  const length = LINE_BYTES - CHECKSUM_CHARS;
  if (Number.parseInt(text.slice(length), 16) !== adler32(line, 0, length)) return [];
  const words = text.slice(0, length).trim().split(' ');
  const found: SyncedTo[] = [];
  for (let i = 0; i + 1 < words.length; i += 2) {
    if (words[i] === '-') continue;
    found.push({ first: Number.parseInt(words[i]!, 16) as Zxid, offset: Number(words[i + 1]) });
  }
  return found;
}

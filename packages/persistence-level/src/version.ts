import { ByteCursor } from './byte-cursor.ts';

/**
 * What a MANIFEST adds up to: which files hold the data (LevelDB: VersionEdit). A MANIFEST is a record log of edits,
 * each a list of tagged fields.
 */
export class Version {
  /** Write-ahead logs of lower numbers are done with; 0 before the first opening. */
  logNumber = 0;
  /** How many operations there had been when the last edit was written. */
  lastSequence = 0;
  /** Whether every number has been told: the first edit of a MANIFEST alone tells none. */
  get isComplete(): boolean {
    return this.#told.has(TAG.logNumber) && this.#told.has(TAG.nextFile) && this.#told.has(TAG.lastSequence);
  }

  /** Live tables by their number. */
  readonly tables: Map<number, Table> = new Map();
  readonly #told: Set<number> = new Set();

  /** @throws RangeError where `edit` is none */
  apply(edit: Uint8Array): void {
    const fields = new ByteCursor(edit);
    while (!fields.isAtEnd) {
      const tag = fields.varint();
      this.#applyField(tag, fields);
      this.#told.add(tag);
    }
  }

  #applyField(tag: number, fields: ByteCursor): void {
    switch (tag) {
      case TAG.comparator:
        return void fields.slice();
      case TAG.logNumber:
        this.logNumber = fields.varint();
        return;
      case TAG.nextFile:
      case TAG.previousLogNumber:
        return void fields.varint();
      case TAG.lastSequence:
        this.lastSequence = fields.varint();
        return;
      case TAG.compactPointer:
        fields.varint();
        return void fields.slice();
      case TAG.deletedTable:
        fields.varint();
        this.tables.delete(fields.varint());
        return;
      case TAG.newTable: {
        fields.varint();
        const number = fields.varint();
        const size = fields.varint();
        this.tables.set(number, { size, smallest: userKey(fields), largest: userKey(fields) });
        return;
      }
      default:
        throw new RangeError(`a field with the unknown tag ${tag}`);
    }
  }
}

export interface Table {
  readonly size: number;
  /** The keys of all its records lie between these, both included. */
  readonly smallest: Uint8Array;
  readonly largest: Uint8Array;
}

/** LevelDB orders by a key with sequence and type behind it. */
function userKey(fields: ByteCursor): Uint8Array {
  const internalKey = fields.slice();
  if (internalKey.length < KEY_SUFFIX_BYTES) throw new RangeError('a key that is too short');
  return internalKey.subarray(0, -KEY_SUFFIX_BYTES);
}

const KEY_SUFFIX_BYTES = 8;

const TAG = {
  comparator: 1,
  logNumber: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedTable: 6,
  newTable: 7,
  previousLogNumber: 9,
} as const;

/**
 * The pieces that every record is made of, a hundred at a time. Figures are only worth something side by side, on one
 * machine.
 *
 *     npm run bench packages/jute
 */
import { test } from 'vitest';
import { JuteReader, JuteWriter } from '../src/index.ts';

const path = '/service/instances/i-000123';
const name = '/dienste/größe/ß-000123';
const zxid = 0x1_0000_0009;
const session = 0x1000010fb340000n;

const writer = new JuteWriter(1 << 14);
const reader = new JuteReader();

/** A hundred times, because one takes less than the clock can tell. */
function hundred(piece: () => void): () => void {
  return () => {
    writer.clear();
    for (let i = 0; i < 100; i++) piece();
  };
}

/** The same from what `write` has written. */
function hundredOf(write: () => void, read: () => unknown): () => void {
  hundred(write)();
  const bytes = writer.copy();
  return () => {
    reader.reset(bytes);
    for (let i = 0; i < 100; i++) read();
  };
}

const ascii = (): void => writer.writeString(path);
const beyondAscii = (): void => writer.writeString(name);
const long = (): void => writer.writeLong(session);
const longNumber = (): void => writer.writeLongNumber(zxid);
const int = (): void => writer.writeInt(7);

test('written', async ({ bench }) => {
  await bench.compare(
    bench('int', hundred(int)),
    bench('long as number', hundred(longNumber)),
    bench('long as bigint', hundred(long)),
    bench('path of 27 characters', hundred(ascii)),
    bench('path of 23 characters, three of them beyond ASCII', hundred(beyondAscii)),
  );
});

test('read', async ({ bench }) => {
  await bench.compare(
    bench(
      'int',
      hundredOf(int, () => reader.readInt()),
    ),
    bench(
      'long as number',
      hundredOf(longNumber, () => reader.readLongNumber()),
    ),
    bench(
      'long as bigint',
      hundredOf(long, () => reader.readLong()),
    ),
    bench(
      'path of 27 characters',
      hundredOf(ascii, () => reader.readString()),
    ),
    bench(
      'path of 23 characters, three of them beyond ASCII',
      hundredOf(beyondAscii, () => reader.readString()),
    ),
  );
});

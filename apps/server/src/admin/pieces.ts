import { Readable } from 'node:stream';

/** A body of text that is made while it is sent, for those who must not have it in memory as a whole. */
export function inPieces(text: Iterable<string>): ReadableStream {
  return Readable.toWeb(Readable.from(gathered(text))) as ReadableStream;
}

/** Pieces large enough to be worth a write; between two of them everybody else is served. */
async function* gathered(pieces: Iterable<string>): AsyncIterable<Uint8Array> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < PIECE_CHARS) continue;
    yield Buffer.from(text);
    text = '';
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield Buffer.from(text);
}

const PIECE_CHARS = 64 * 1024;

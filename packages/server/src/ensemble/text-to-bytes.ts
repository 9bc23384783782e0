import { JuteWriter } from '@corral/jute';

/** A text as UTF-8. */
export function textToBytes(text: string): Uint8Array {
  const w = new JuteWriter(text.length + LENGTH_BYTES);
  w.writeString(text);
  return w.bytes(LENGTH_BYTES);
}

/** What a jute string has in front of its text. */
const LENGTH_BYTES = 4;

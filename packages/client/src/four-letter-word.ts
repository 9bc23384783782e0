import { utf8Decode } from '@corral/jute';
import type { HostAndPort } from '@corral/protocol';
import type { Clock } from '@corral/runtime';
import type { DialingTransport } from '@corral/transport';
import { onAbort, type Signal } from './abort-signal.ts';

/**
 * Sends a four-letter word (`ruok`, `srvr`, `isro`, ...) on a connection of its own, and resolves with all that comes
 * back. Rejects where the server cannot be reached, or does not end within `timeoutMs`, and with the signal's reason.
 */
export function askForWord(
  transport: DialingTransport,
  clock: Clock,
  server: HostAndPort,
  word: string,
  timeoutMs: number,
  signal?: Signal,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const options = { ...server, timeoutMs, ...(signal !== undefined && { signal }) };
  transport
    .connect(options, (connection) => {
      const timer = clock.after(timeoutMs, () => {
        connection.destroy();
        reject(new Error(`no end to the answer to ${word} within ${timeoutMs} ms`));
      });
      const unlisten = onAbort(signal, () => {
        connection.destroy();
        reject(signal?.reason);
      });
      connection.write(Uint8Array.from(word, (letter) => letter.charCodeAt(0)));
      return {
        onData: (chunk) => {
          length += chunk.length;
          if (length > ANSWER_MAX) connection.destroy();
          else chunks.push(chunk.slice());
        },
        onDrain: doNothing,
        onClose: () => {
          timer.cancel();
          unlisten();
          resolve(textOf(chunks));
        },
      };
    })
    .catch(reject);
  return promise;
}

function textOf(chunks: readonly Uint8Array[]): string {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return utf8Decode(bytes, 0, bytes.length) ?? '';
}

function doNothing(): void {}

/** `wchp` of a large server is long. */
const ANSWER_MAX = 64 * 1024 * 1024;

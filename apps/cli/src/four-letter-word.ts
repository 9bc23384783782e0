import { connect } from 'node:net';
import type { ServerAddress } from '@corral/client';

/** `wchp` of a large server is long. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Asks any server with a four-letter word, without a session, and resolves with all it says up to its end.
 *
 * Rejects where it cannot be reached, says too much, does not end within `timeoutMs`, or when the signal aborts.
 */
export function askForWord(
  { host, port }: ServerAddress,
  word: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  let length = 0;
  const socket = connect({ host, port });
  const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  const abort = (): void => {
    socket.destroy(signal.reason as Error);
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  // The server ends the connection; some do not hear a word whose sender has.
  socket.once('connect', () => socket.write(word));
  socket.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > ANSWER_BYTES_MAX) socket.destroy(new Error(`says more than ${ANSWER_BYTES_MAX} bytes`));
    else chunks.push(chunk);
  });
  socket.once('error', reject);
  socket.once('close', () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    resolve(Buffer.concat(chunks).toString());
  });
  return promise;
}

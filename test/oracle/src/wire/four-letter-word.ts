import { connect } from 'node:net';

/** What the server says to a four-letter word until it closes; empty where it cannot be reached or falls silent. */
export function fourLetterWord(
  port: number,
  word: string,
  silenceMs = 5000,
  host = '127.0.0.1',
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const chunks: Buffer[] = [];
    socket.setTimeout(silenceMs, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    socket.write(word);
  });
}

import { connect, type Socket } from 'node:net';
/**
 * Says the pieces to a port of this machine, and hangs up; who is rude does not listen to an answer. Resolves when the other
 * side has closed, too, with how many bytes it said.
 */
export function sayTo(port: number, said: Iterable<Uint8Array>, isRude = false): Promise<number> {
  const chunks = [...said].slice(0, CHUNKS_MAX);
  return new Promise((resolve, reject) => {
    let heard = 0;
    const socket: Socket = connect({ host: '127.0.0.1', port });
    const patience = setTimeout(() => {
      socket.destroy();
      reject(new Error(`a connection was not closed ${PATIENCE_MS} ms after all was said`));
    }, PATIENCE_MS);
    socket.setNoDelay(true);
    socket.on('data', (bytes) => void (heard += bytes.length));
    // Whoever does not want to hear any more may reset.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(patience);
      resolve(heard);
    });
    socket.on('connect', () => {
      for (const chunk of chunks) socket.write(chunk);
      if (isRude) socket.destroySoon();
      else socket.end();
    });
  });
}

const CHUNKS_MAX = 200;
const PATIENCE_MS = 30_000;

import type { Address, Transport } from '@corral/transport';

/** What the server answers to a four-letter word; empty where nobody answers. */
export async function askFourLetterWord(
  transport: Transport,
  address: Address,
  word: string,
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const decoder = new TextDecoder();
  let text = '';
  try {
    const connection = await transport.connect({ ...address, timeoutMs: PATIENCE_MS }, () => ({
      onData: (chunk) => void (text += decoder.decode(chunk, { stream: true })),
      onDrain: () => {},
      onClose: () => resolve(text),
    }));
    connection.write(new TextEncoder().encode(word));
    const timer = setTimeout(() => connection.destroy(), PATIENCE_MS);
    const answer = await promise;
    clearTimeout(timer);
    return answer;
  } catch {
    return '';
  }
}

const PATIENCE_MS = 2000;

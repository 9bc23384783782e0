import type { ServerConfig } from '../config.ts';
import { mappedIpv4 } from './java-format.ts';
import { fourLetterWords, type FourLetterWord } from './words.ts';

/**
 * The word that a fresh connection's first four bytes spell, if they do. Read as a frame length, every word would
 * be more than 1.6 GB, so no frame is mistaken for one.
 *
 * @param first the four bytes as a big-endian int
 */
export function fourLetterWordOf(first: number): FourLetterWord | undefined {
  return byCode.get(first);
}

/**
 * Whether this server answers `word` to this caller. `srvr` is always answered: `zkServer.sh status` lives on it
 * (Java `FourLetterCommands.isEnabled`).
 *
 * @param remoteHost the caller's IP literal
 */
export function isAnswered(
  word: FourLetterWord,
  config: Pick<ServerConfig, 'fourLetterWordWhitelist' | 'fourLetterWordsOnLoopback'>,
  remoteHost: string,
): boolean {
  const list = config.fourLetterWordWhitelist;
  if (word.name === 'srvr' || list.includes('*') || list.includes(word.name)) return true;
  return word.reads && config.fourLetterWordsOnLoopback && isLoopback(remoteHost);
}

export function refusal(word: FourLetterWord): string {
  return `${word.name} is not executed because it is not in the whitelist.\n`;
}

function isLoopback(host: string): boolean {
  return host === '::1' || (mappedIpv4(host) ?? host).startsWith('127.');
}

const byCode = new Map(fourLetterWords.map((word) => [codeOf(word.name), word]));

function codeOf(name: string): number {
  let code = 0;
  for (let i = 0; i < 4; i++) code = (code << 8) | name.charCodeAt(i);
  return code;
}

import type { Words } from './command.ts';
import { millisecondsOf } from './command-line.ts';
import { CommandError, ExitCode } from './exit-code.ts';

/** A flag's whole number; undefined where it was not given. @throws CommandError where it is none */
export function numberOf(words: Words, flag: string, min: number, max: number): number | undefined {
  const text = words.value(flag);
  return text === undefined ? undefined : wholeNumber(flag, text, min, max);
}

/** A flag's version of data or ACL; -1, any, where it was not given. */
export function versionOf(words: Words): number {
  return numberOf(words, '-v', -0x8000_0000, 0x7fff_ffff) ?? -1;
}

/** A flag's time in milliseconds, 0 included; undefined where it was not given. */
export function durationOf(words: Words, flag: string): number | undefined {
  const text = words.value(flag);
  if (text === undefined) return undefined;
  return text === '0' ? 0 : millisecondsOf(flag, text);
}

export function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = /^[+-]?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new CommandError(ExitCode.usage, `${name} wants a whole number from ${min} to ${max}, not ${text}`);
}

import type { Command, Flag, Words } from './command.ts';
import { closest } from './closest.ts';
import { CommandError, ExitCode } from './exit-code.ts';

/** The words that a command takes. */
export type Syntax = Pick<Command, 'names' | 'usage' | 'flags' | 'operands'>;

/**
 * What was typed behind the name of a command. Flags may stand anywhere, as Apache's parser takes them; `-b3`, `-b=3` and
 * `--depth=3` are `-b 3` and `--depth 3`, `-sw` is `-s -w`; behind `--` all are operands.
 *
 * @throws CommandError with the usage, where a flag is unknown or an operand is missing or too many
 */
export function parseWords(command: Syntax, words: readonly string[]): Words {
  const flags = new Map<string, string[]>();
  const operands: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--') {
      operands.push(...words.slice(at + 1));
      break;
    }
    const taken = flagsOf(command, word);
    if (taken.length === 0) operands.push(word);
    for (const { flag, value } of taken) {
      const values = flags.get(flag.name) ?? [];
      const isSecond = values.length > 0 && flag.value !== undefined && flag.isRepeated !== true;
      if (isSecond) throw usage(command, `${flag.name} is given twice`);
      if (flag.value === undefined) values.push('');
      else if (value !== undefined) values.push(value);
      else if (at + 1 < words.length) values.push(words[++at]!);
      else throw usage(command, `${flag.name} wants a ${flag.value}`);
      flags.set(flag.name, values);
    }
  }
  checkOperands(command, operands);
  return new ParsedWords(flags, operands);
}

export function usageOf(command: Syntax): string {
  return `${command.names[0]} ${command.usage}`.trimEnd();
}

interface Taken {
  readonly flag: Flag;
  readonly value: string | undefined;
}

/** None where the word is an operand. */
function flagsOf(command: Syntax, word: string): readonly Taken[] {
  // A single dash is an operand, and so is a number.
  if (!/^-[^\d]/.test(word)) return [];
  const exact = command.flags.find(({ name }) => name === word);
  if (exact !== undefined) return [{ flag: exact, value: undefined }];
  const equals = word.indexOf('=');
  const named = command.flags.find(({ name }) => equals > 0 && name === word.slice(0, equals));
  if (named !== undefined) {
    if (named.value === undefined) throw usage(command, `${named.name} takes no value`);
    return [{ flag: named, value: word.slice(equals + 1) }];
  }
  return (word.startsWith('--') ? undefined : lettersOf(command, word)) ?? refuse(command, word);
}

/** `-sw` is `-s -w`, `-b3` is `-b 3`; undefined where a letter is no flag. */
function lettersOf(command: Syntax, word: string): readonly Taken[] | undefined {
  const taken: Taken[] = [];
  for (let at = 1; at < word.length; at++) {
    const flag = command.flags.find(({ name }) => name === `-${word[at]}`);
    if (flag === undefined) return undefined;
    const rest = word.slice(at + 1);
    if (flag.value !== undefined) return [...taken, { flag, value: rest === '' ? undefined : rest }];
    taken.push({ flag, value: undefined });
  }
  return taken;
}

function refuse(command: Syntax, word: string): never {
  const name = word.replace(/=.*/, '');
  const meant = closest(
    name,
    command.flags.map((flag) => flag.name),
  );
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  throw usage(command, `${name} is no option of ${command.names[0]}${hint}`);
}

function checkOperands(command: Syntax, operands: readonly string[]): void {
  const needed = command.operands.filter(({ isOptional }) => isOptional !== true);
  const missing = needed[operands.length];
  if (operands.length < needed.length) throw usage(command, `${missing!.name} is missing`);
  const hasRest = command.operands.some(({ isRest }) => isRest === true);
  if (!hasRest && operands.length > command.operands.length)
    throw usage(command, `${operands[command.operands.length]} is one word too many`);
}

function usage(command: Syntax, problem: string): CommandError {
  return new CommandError(ExitCode.usage, `${problem}\nusage: ${usageOf(command)}`);
}

class ParsedWords implements Words {
  readonly operands: readonly string[];
  readonly #flags: ReadonlyMap<string, readonly string[]>;

  constructor(flags: ReadonlyMap<string, readonly string[]>, operands: readonly string[]) {
    this.#flags = flags;
    this.operands = operands;
  }

  has(flag: string): boolean {
    return this.#flags.has(flag);
  }

  value(flag: string): string | undefined {
    return this.#flags.get(flag)?.[0];
  }

  values(flag: string): readonly string[] {
    return this.#flags.get(flag) ?? [];
  }
}

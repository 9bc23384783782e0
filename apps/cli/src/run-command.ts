import type { Client } from '@corral/client';
import { closest } from './closest.ts';
import type { Call, Command, Settings, Words } from './command.ts';
import { commands } from './commands/index.ts';
import { CommandError, ExitCode, NotConnectedError } from './exit-code.ts';
import { parseWords } from './parse-words.ts';

/** What a command works with, but for its words. */
export type CallContext = Omit<Call, 'words' | 'client' | 'out'> & {
  outFor(settings: Settings): Call['out'];
  /** The name of a context where everything that changes something is asked about. */
  readonly production?: string | undefined;
};

/** A command whose words have been read. */
export interface Prepared {
  readonly command: Command;
  readonly words: Words;
  readonly settings: Settings;
}

/**
 * Reads all words of a command, the name first.
 *
 * @throws CommandError where they make no sense: nobody has been asked anything by then
 */
export async function prepare(words: readonly string[], settings: Settings): Promise<Prepared> {
  const [name = '', ...rest] = words;
  const command = await commandNamed(name);
  if (asksForHelp(command, rest)) {
    const help = await commandNamed('help');
    return { command: help, words: parseWords(help, [name]), settings };
  }
  const taken = takeSettings(command, rest, settings);
  return { command, words: parseWords(command, taken.rest), settings: taken.settings };
}

/** Runs it. What it could not do is thrown. @returns the exit code */
export async function runPrepared(prepared: Prepared, context: CallContext): Promise<number> {
  const { command, words, settings } = prepared;
  if (context.connection.client === undefined && command.needsSession !== false)
    throw new NotConnectedError();
  const { production } = context;
  if (production !== undefined && settings.isInteractive && !settings.isDryRun) {
    const { confirmInProduction } = await import('./context/production.ts');
    await confirmInProduction(production, prepared, context.ask);
  }
  return (await command.run(new CommandCall(context, words, settings))) ?? ExitCode.done;
}

/** @throws CommandError with the name that may have been meant */
export async function commandNamed(name: string): Promise<Command> {
  const entry = commands.find(({ names }) => names.includes(name));
  if (entry !== undefined) return entry.load();
  const meant = closest(
    name,
    commands.flatMap(({ names }) => names),
  );
  const hint = meant === undefined ? "'help' tells all commands" : `did you mean ${meant}?`;
  throw new CommandError(ExitCode.usage, `Command not found: ${name}; ${hint}`);
}

/** `ls --help`, and `ls -?` as Apache's has it. */
function asksForHelp(command: Command, words: readonly string[]): boolean {
  const end = words.indexOf('--');
  const own = end < 0 ? words : words.slice(0, end);
  return own.some(
    (word) => word === '-?' || (word === '--help' && !command.flags.some(({ name }) => name === word)),
  );
}

/** `--json` and its like may stand behind the command, too, where they are no flags of its own. */
function takeSettings(
  command: Command,
  words: readonly string[],
  settings: Settings,
): { rest: readonly string[]; settings: Settings } {
  const end = words.indexOf('--');
  const isSetting = (word: string, index: number): boolean =>
    word in SETTINGS && (end < 0 || index < end) && !command.flags.some(({ name }) => name === word);
  const taken = words.filter(isSetting);
  if (taken.length === 0) return { rest: words, settings };
  return {
    rest: words.filter((word, index) => !isSetting(word, index)),
    settings: { ...settings, ...Object.fromEntries(taken.map((word) => [SETTINGS[word], true])) },
  };
}

const SETTINGS: Readonly<Record<string, keyof Settings>> = {
  '--json': 'isJson',
  '--quiet': 'isQuiet',
  '--dry-run': 'isDryRun',
};

class CommandCall implements Call {
  readonly words: Call['words'];
  readonly settings: Settings;
  readonly out: Call['out'];
  readonly signal: AbortSignal;
  readonly connection: Call['connection'];
  readonly shell: Call['shell'];
  readonly #context: CallContext;

  constructor(context: CallContext, words: Call['words'], settings: Settings) {
    this.#context = context;
    this.words = words;
    this.settings = settings;
    this.out = context.outFor(settings);
    this.signal = context.signal;
    this.connection = context.connection;
    this.shell = context.shell;
  }

  get client(): Client {
    const { client } = this.connection;
    if (client === undefined) throw new NotConnectedError();
    return client;
  }

  ask(question: string): Promise<string> {
    return this.#context.ask(question);
  }
}

import type { Client } from '@corral/client';
import { options, parseCommandLine } from '../command-line.ts';
import { Connection } from '../connection.ts';
import { type Completions, completeWords, contextNames, matching } from '../shell/completion.ts';
import { targetOf } from '../target.ts';

/** Whoever presses Tab does not wait longer for a server. */
const CONNECT_LIMIT_MS = 1500;

/**
 * Of a line of a user's shell, up to the cursor and with the name of this program: the word that is being typed, and then
 * each word that may stand in its place; with a blank at its end where it is whole. Words that a shell would take apart are
 * left out.
 */
export async function completeLine(line: string, environment: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const words = line.trimStart().split(/\s+/).slice(1);
  const word = words.at(-1) ?? '';
  try {
    const { candidates, typed } = await completionsOf(words, environment);
    const head = word.slice(0, word.length - typed.length);
    const whole = candidates.map((candidate) => `${head}${candidate}`);
    return [word, ...whole.filter((text) => !NEEDS_QUOTES.test(text))];
  } catch {
    // What stands before it makes no sense.
    return [word];
  }
}

const NEEDS_QUOTES = /[^\w@%+=:,./ -]|\s(?!$)/;

async function completionsOf(words: readonly string[], environment: NodeJS.ProcessEnv): Promise<Completions> {
  const typed = words.at(-1) ?? '';
  let at = 0;
  while (at < words.length - 1 && words[at]!.startsWith('-')) {
    const option = options.find(({ names }) => names.includes(words[at]!));
    at += option?.value === undefined ? 1 : 2;
  }
  // It is the value of an option.
  if (at >= words.length) {
    const isContext = words.at(-2) === '--context';
    return matching(typed, isContext ? await contextNames(environment) : []);
  }
  const names = options.flatMap((option) => option.names);
  if (at === words.length - 1 && typed.startsWith('-')) return matching(typed, names);
  await using asked = new Asked(words.slice(0, at), environment);
  return await completeWords(words.slice(at), { client: () => asked.client(), environment });
}

/** A session that begins when somebody asks for nodes. */
class Asked implements AsyncDisposable {
  readonly #options: readonly string[];
  readonly #environment: NodeJS.ProcessEnv;
  #connection: Connection | undefined = undefined;

  constructor(words: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#options = words;
    this.#environment = environment;
  }

  async client(): Promise<Client | undefined> {
    const target = await targetOf(parseCommandLine(this.#options), this.#environment);
    const { hosts, sessionTimeoutMs, isReadOnly } = target;
    this.#connection = new Connection(hosts, {
      sessionTimeoutMs,
      connectTimeoutMs: CONNECT_LIMIT_MS,
      isReadOnly,
      auth: target.auth(true),
      show() {},
    });
    await this.#connection.connect(hosts);
    return this.#connection.client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection?.close();
  }
}

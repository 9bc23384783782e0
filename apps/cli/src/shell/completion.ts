import type { Client } from '@corral/client';
import type { Command, Operand } from '../command.ts';
import { commands } from '../commands/index.ts';

/** Of a node with a million children nobody reads more. */
const SHOWN_MAX = 500;
/** A server that does not answer must not hold up who types. */
const ANSWER_LIMIT_MS = 2000;

/** What may stand in the place of `typed`, the end of the line; what is typed is their beginning. */
export interface Completions {
  readonly candidates: readonly string[];
  readonly typed: string;
}

/** Completes commands, their flags, and paths of nodes. */
export async function complete(line: string, client: Client | undefined): Promise<Completions> {
  const words = line.trimStart().split(/\s+/);
  const typed = words.at(-1) ?? '';
  if (words.length === 1) return matching(typed, commandNames());
  const entry = commands.find(({ names }) => names.includes(words[0]!));
  const command = await entry?.load();
  if (typed.startsWith('-')) return matching(typed, flagsOf(command));
  if (typed.startsWith('/')) return completePath(typed, client);
  const operand = command === undefined ? undefined : operandAt(command, words.slice(1, -1));
  if (operand?.kind === 'command') return matching(typed, commandNames());
  if (operand?.kind === 'path' && typed === '') return { candidates: ['/'], typed };
  if (operand?.kind === 'word' && operand.name.includes('|')) return matching(typed, operand.name.split('|'));
  return { candidates: [], typed };
}

async function completePath(path: string, client: Client | undefined): Promise<Completions> {
  const slash = path.lastIndexOf('/');
  const typed = path.slice(slash + 1);
  const isServed = client?.state === 'connected' || client?.state === 'connectedReadOnly';
  if (client === undefined || !isServed) return { candidates: [], typed };
  try {
    const parent = slash === 0 ? '/' : path.slice(0, slash);
    const { names } = await client.children(parent, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    const candidates = names.filter((name) => name.startsWith(typed)).toSorted();
    return { candidates: candidates.slice(0, SHOWN_MAX), typed };
  } catch {
    // No such node, not allowed, no answer: there is nothing to offer.
    return { candidates: [], typed };
  }
}

function matching(typed: string, words: readonly string[]): Completions {
  const candidates = words.filter((word) => word.startsWith(typed)).toSorted();
  return { candidates: candidates.map((word) => `${word} `), typed };
}

function commandNames(): readonly string[] {
  return commands.flatMap(({ names }) => names);
}

function flagsOf(command: Command | undefined): readonly string[] {
  return command === undefined
    ? []
    : [...command.flags.map(({ name }) => name), '--json', '--quiet', '--dry-run'];
}

/** Which operand comes behind these words. */
function operandAt(command: Command, words: readonly string[]): Operand | undefined {
  let count = 0;
  for (let at = 0; at < words.length; at++) {
    const flag = command.flags.find(({ name }) => name === words[at]);
    if (flag?.value !== undefined) at++;
    else if (flag === undefined) count++;
  }
  return command.operands[count] ?? command.operands.findLast(({ isRest }) => isRest === true);
}

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

/** Where nodes and contexts are looked up; no client where nobody can be asked. */
export interface World {
  client(): Client | undefined | Promise<Client | undefined>;
  readonly environment: NodeJS.ProcessEnv;
}

/** Completes commands, their flags, and paths of nodes. */
export function complete(line: string, world: World): Promise<Completions> {
  return completeWords(line.trimStart().split(/\s+/), world);
}

/** @param words the name of the command first; the last one is being typed */
export async function completeWords(words: readonly string[], world: World): Promise<Completions> {
  const typed = words.at(-1) ?? '';
  if (words.length === 1) return matching(typed, commandNames());
  const entry = commands.find(({ names }) => names.includes(words[0]!));
  const command = await entry?.load();
  if (typed.startsWith('-')) return matching(typed, flagsOf(command));
  const operand = command === undefined ? undefined : operandAt(command, words.slice(1, -1));
  if (operand?.kind === 'file') return completeFile(typed);
  if (typed.startsWith('/')) return completePath(typed, world);
  if (operand?.kind === 'command') return matching(typed, commandNames());
  if (operand?.kind === 'context') return matching(typed, await contextNames(world.environment));
  if (operand?.kind === 'path' && typed === '') return { candidates: ['/'], typed };
  if (operand?.kind === 'word' && operand.name.includes('|')) return matching(typed, operand.name.split('|'));
  return { candidates: [], typed };
}

async function completePath(path: string, world: World): Promise<Completions> {
  const slash = path.lastIndexOf('/');
  const typed = path.slice(slash + 1);
  try {
    const client = await world.client();
    if (client === undefined) return { candidates: [], typed };
    const parent = slash === 0 ? '/' : path.slice(0, slash);
    const { names } = await client.children(parent, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    const candidates = names.filter((name) => name.startsWith(typed)).toSorted();
    return { candidates: candidates.slice(0, SHOWN_MAX), typed };
  } catch {
    // No such node, not allowed, no answer: there is nothing to offer.
    return { candidates: [], typed };
  }
}

async function completeFile(path: string): Promise<Completions> {
  const slash = path.lastIndexOf('/');
  const typed = path.slice(slash + 1);
  const { readdir } = await import('node:fs/promises');
  try {
    const entries = await readdir(slash < 0 ? '.' : path.slice(0, slash + 1), { withFileTypes: true });
    const candidates = entries
      .filter(({ name }) => name.startsWith(typed) && (typed !== '' || !name.startsWith('.')))
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : `${entry.name} `))
      .toSorted();
    return { candidates: candidates.slice(0, SHOWN_MAX), typed };
  } catch {
    return { candidates: [], typed };
  }
}

export async function contextNames(environment: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const { ContextFile } = await import('../context/context-file.ts');
  try {
    return Object.keys(new ContextFile(environment).read().contexts);
  } catch {
    return [];
  }
}

export function matching(typed: string, words: readonly string[]): Completions {
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

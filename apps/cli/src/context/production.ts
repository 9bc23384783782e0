import type { Call } from '../command.ts';
import { CommandError, ExitCode } from '../exit-code.ts';
import type { Prepared } from '../run-command.ts';

/** Whoever sits there types the name of the context. @throws CommandError where it is another */
export async function confirmInProduction(
  context: string,
  { command, words }: Prepared,
  ask: Call['ask'],
): Promise<void> {
  if (isHarmless(command, words)) return;
  const line = [command.names[0], ...words.operands].join(' ').slice(0, QUESTION_UNITS_MAX);
  const answer = await ask(`${context} is production: ${line}\nType its name to go on: `);
  if (answer.trim() !== context) throw new CommandError(ExitCode.interrupted, 'nothing was done');
}

/** What is not known to be harmless is asked about: a new command, too. */
function isHarmless({ names, group }: Prepared['command'], { operands }: Prepared['words']): boolean {
  const [name] = names;
  const actions = HARMLESS_ACTIONS[name];
  if (actions !== undefined) return actions.includes(operands.find((word) => !word.startsWith('/')) ?? '');
  return HARMLESS_GROUPS.has(group) || HARMLESS.has(name);
}

const HARMLESS_GROUPS: ReadonlySet<string> = new Set([
  'look',
  'watch',
  'server',
  'health',
  'comfort',
  'shell',
]);

const HARMLESS: ReadonlySet<string> = new Set(
  `ls get stat getAcl addauth whoami sync getAllChildrenNumber getEphemerals addWatch removewatches listquota config
  version export diff explain`.split(/\s+/),
);

/** Of those of which a word, before the path or behind it, says what they do; '' where there is none. */
const HARMLESS_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  acl: ['show', 'explain'],
  barrier: ['', 'wait', 'status'],
  counter: [''],
  json: ['get'],
  queue: ['size'],
  service: ['list', 'watch'],
};

const QUESTION_UNITS_MAX = 200;

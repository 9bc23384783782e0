import type { Lease } from '@corral/recipes';
import type { Call, Command } from '../../command.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { hold } from './hold.ts';
import { participantNames, tellParticipants } from './participants.ts';
import { identityFlag, identityOf, type Recipes, timeoutFlag, waitOf, withRecipes } from './with-recipes.ts';

export const lock: Command = {
  names: ['lock'],
  group: 'recipes',
  usage: '[--shared|--exclusive] [--timeout time] [--list] path [-- program ...]',
  summary:
    'runs a program while it holds a lock, ends it where the lock is lost, and ends with its exit code; without one it holds the lock until Ctrl-C',
  example: 'lock /locks/report -- ./report.sh',
  flags: [
    { name: '--shared', summary: 'of a lock for reading and writing: many hold it at once' },
    { name: '--exclusive', summary: 'of a lock for reading and writing: one, while nobody shares it' },
    timeoutFlag,
    { name: '--list', summary: 'takes nothing, and tells who holds it and who waits' },
    { name: '--kazoo', summary: "names its node as Python's kazoo does, which sees no others" },
    identityFlag,
  ],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'program', kind: 'word', isOptional: true, isRest: true },
  ],
  async run(call) {
    const [path, ...program] = call.words.operands as [string, ...string[]];
    if (call.words.has('--list')) return tellParticipants(call, path);
    const isReadWrite = isOfTwoSides(call);
    if (isOnlyTold(call, `take the lock ${path}`)) return;
    await checkKind(call, path, isReadWrite);
    return withRecipes(async (recipes) =>
      hold(call, await acquire(call, recipes, path, isReadWrite), program),
    );
  },
};

function isOfTwoSides({ words }: Call): boolean {
  const [isShared, isExclusive] = [words.has('--shared'), words.has('--exclusive')];
  if (isShared && isExclusive) throw new CommandError(ExitCode.usage, 'a lock is shared or exclusive');
  return isShared || isExclusive;
}

/** A plain lock and one for reading and writing do not see each other: both would be held. */
async function checkKind({ client, signal }: Call, path: string, isReadWrite: boolean): Promise<void> {
  const names = await participantNames(client, path, signal);
  if (!isReadWrite && names.some((name) => OF_TWO_SIDES.test(name)))
    throw new CommandError(
      ExitCode.refused,
      `${path} is a lock for reading and writing: say --shared or --exclusive`,
    );
  if (isReadWrite && names.some((name) => PLAIN.test(name)))
    throw new CommandError(ExitCode.refused, `${path} is a plain lock: leave out --shared and --exclusive`);
}

async function acquire(call: Call, recipes: Recipes, path: string, isReadWrite: boolean): Promise<Lease> {
  const { client, words } = call;
  const naming = words.has('--kazoo') ? 'kazoo' : 'curator';
  const options = { data: await identityOf(call), naming } as const;
  const sides = isReadWrite ? recipes.readWriteLock(client, path, options) : undefined;
  const wanted = sides?.[words.has('--shared') ? 'read' : 'write'] ?? recipes.mutex(client, path, options);
  const wait = waitOf(call);
  if (wait.timeoutMs !== 0) return wanted.acquire(wait);
  const lease = await wanted.tryAcquire(wait);
  if (lease === null) throw new CommandError(ExitCode.timeout, `${path} is held, or waited for`);
  return lease;
}

const OF_TWO_SIDES = /__(READ|WRIT|rlock)__/;
const PLAIN = /[^_]lock-\d+$/;

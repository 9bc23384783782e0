import { joinPath } from '@corral/protocol';
import type { Command } from '../../command.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { wholeNumber } from '../../numbers.ts';
import { hold } from './hold.ts';
import { tellParticipants } from './participants.ts';
import { identityFlag, identityOf, timeoutFlag, waitOf, withRecipes } from './with-recipes.ts';

export const semaphore: Command = {
  names: ['semaphore'],
  group: 'recipes',
  usage: '[--timeout time] [--list] path permits [-- program ...]',
  summary: 'runs a program while it has one of so many permits, which all have to agree on',
  example: 'semaphore /jobs 3 -- ./job.sh',
  flags: [
    timeoutFlag,
    { name: '--list', summary: 'takes nothing, and tells who has a permit and who waits' },
    identityFlag,
  ],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'permits', kind: 'word' },
    { name: 'program', kind: 'word', isOptional: true, isRest: true },
  ],
  async run(call) {
    const { client, words } = call;
    const [path, text, ...program] = words.operands as [string, string, ...string[]];
    const permits = wholeNumber('permits', text, 1, Number.MAX_SAFE_INTEGER);
    if (words.has('--list')) return tellParticipants(call, joinPath(path, 'leases'), permits);
    if (isOnlyTold(call, `take one of ${permits} permits of ${path}`)) return;
    return withRecipes(async (recipes) => {
      const wanted = recipes.semaphore(client, path, permits, { data: await identityOf(call) });
      const wait = waitOf(call);
      const lease = wait.timeoutMs === 0 ? await wanted.tryAcquire(wait) : await wanted.acquire(wait);
      if (lease === null) throw new CommandError(ExitCode.timeout, `${path} has no permit left`);
      return hold(call, lease, program);
    });
  },
};

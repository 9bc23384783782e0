import type { Client } from '@corral/client';
import type { LeaderLatch } from '@corral/recipes';
import type { Call, Command } from '../../command.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { hold } from './hold.ts';
import { tellParticipants } from './participants.ts';
import { identityFlag, identityOf, timeoutFlag, waitOf, withRecipes } from './with-recipes.ts';

export const elect: Command = {
  names: ['elect'],
  group: 'recipes',
  usage: '[--timeout time] [--list] path [-- program ...]',
  summary:
    'stands for election, and runs a program while it leads; where the lead is lost it is ended, and run again with the next lead',
  example: 'elect /leader -- ./serve.sh',
  flags: [
    timeoutFlag,
    { name: '--list', summary: 'does not stand, and tells who leads and who would' },
    identityFlag,
  ],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'program', kind: 'word', isOptional: true, isRest: true },
  ],
  async run(call) {
    const [path, ...program] = call.words.operands as [string, ...string[]];
    if (call.words.has('--list')) return tellParticipants(call, path);
    if (isOnlyTold(call, `stand for election at ${path}`)) return;
    return withRecipes(async ({ leaderLatch }) => {
      // A session of its own: where it expires, it stands again in another.
      await using client = call.connection.open(call.connection.hosts);
      await client.connected({ signal: call.signal });
      const latch = leaderLatch(client, path, { id: await identityOf(call) }).start();
      try {
        return await leadAgainAndAgain(call, client, latch, program);
      } finally {
        const closed = latch.close();
        // Without a connection nobody can say when the place in the queue is given up.
        if (client.state === 'connected') await closed;
        else closed.catch(() => {});
      }
    });
  },
};

/** Until the program ends by itself, or whoever runs it says so. */
async function leadAgainAndAgain(
  call: Call,
  client: Client,
  latch: LeaderLatch,
  program: readonly string[],
): Promise<number> {
  for (;;) {
    const term = await latch.leadership(waitOf(call));
    try {
      return await hold(call, term, program, client.sessionTimeout);
    } catch (error) {
      if (!term.lost.aborted || error !== term.lost.reason) throw error;
      call.out.note(`the lead was lost: ${messageOf(error)}`);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import type { Call, Command } from '../../command.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { wholeNumber } from '../../numbers.ts';
import { runProgram } from '../../run-program.ts';
import { timeoutFlag, waitOf, withRecipes } from './with-recipes.ts';

export const barrier: Command = {
  names: ['barrier'],
  group: 'recipes',
  usage: '[--timeout time] path [wait|set|lift|status|enter members [-- program ...]]',
  summary: 'a node that all wait for to go; enter: so many enter together, run a program, and leave together',
  example: 'barrier /start enter 3 -- ./load.sh',
  flags: [timeoutFlag],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'wait|set|lift|status|enter', kind: 'word', isOptional: true },
    { name: 'members', kind: 'word', isOptional: true },
    { name: 'program', kind: 'word', isOptional: true, isRest: true },
  ],
  async run(call) {
    const { client, words, out, signal } = call;
    const [path, what = 'wait', ...rest] = words.operands as [string, string | undefined, ...string[]];
    if (what === 'enter') return enter(call, path, rest);
    if (rest.length > 0) throw new CommandError(ExitCode.usage, `${rest[0]} is one word too many`);
    return withRecipes(async (recipes) => {
      const wanted = recipes.barrier(client, path);
      switch (what) {
        case 'wait': {
          const { timeoutMs } = waitOf(call);
          if (timeoutMs !== 0) return wanted.wait(waitOf(call));
          if (await wanted.isSet({ signal })) throw new CommandError(ExitCode.timeout, `${path} is set`);
          return;
        }
        case 'set':
          return isOnlyTold(call, `set ${path}`) ? undefined : wanted.set({ signal });
        case 'lift':
          return isOnlyTold(call, `lift ${path}`) ? undefined : wanted.lift({ signal });
        case 'status': {
          const isSet = await wanted.isSet({ signal });
          out.line(isSet ? 'set' : 'not set');
          out.json({ path, isSet });
          return;
        }
        default:
          throw new CommandError(ExitCode.usage, `barrier knows no ${what}: wait, set, lift, status, enter`);
      }
    });
  },
};

async function enter(
  call: Call,
  path: string,
  [text, ...program]: readonly string[],
): Promise<number | void> {
  if (text === undefined) throw new CommandError(ExitCode.usage, 'enter wants the number of members');
  const members = wholeNumber('members', text, 1, Number.MAX_SAFE_INTEGER);
  if (isOnlyTold(call, `enter ${path} with ${members - 1} others`)) return;
  return withRecipes(async ({ doubleBarrier }) => {
    const wanted = doubleBarrier(call.client, path, members);
    await wanted.enter(waitOf(call));
    call.out.note(`entered ${path}`);
    let code: number | undefined;
    try {
      if (program.length > 0) code = await runProgram(call, program, {});
    } finally {
      // Who was told to end has left with his session.
      if (!call.signal.aborted) await wanted.leave({ signal: call.signal });
    }
    return code;
  });
}

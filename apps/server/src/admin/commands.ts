import type { AdminCommand, CommandAnswer, CommandContext } from './command.ts';
import type { JsonValue } from './jackson.ts';
import { membershipCommands } from './membership.ts';
import { restoreCommand, type RestoreCommandOptions } from './restore-command.ts';
import { snapshotCommands, type SnapshotCommandsOptions } from './snapshot-commands.ts';
import { stateCommands } from './state.ts';
import { statisticsCommands } from './statistics.ts';

export interface Credentials {
  /** The header, as it came. */
  readonly authorization: string | undefined;
  readonly remoteHost: string;
}

/** All commands, and who may give them (`Commands.runCommand`). */
export class Commands {
  readonly #byName = new Map<string, AdminCommand>();
  /** As the index shows them. */
  readonly primaryNames: readonly string[];

  constructor(snapshots: SnapshotCommandsOptions, restoring: RestoreCommandOptions) {
    const all = [
      ...statisticsCommands,
      ...stateCommands,
      ...membershipCommands,
      ...snapshotCommands(snapshots),
      restoreCommand(restoring),
    ];
    for (const command of all) for (const name of command.names) this.#byName.set(name, command);
    this.primaryNames = all.map(({ names: [name] }) => name).toSorted();
  }

  async run(
    name: string,
    method: 'GET' | 'POST',
    context: CommandContext,
    credentials: Credentials,
  ): Promise<CommandAnswer> {
    const command = this.#byName.get(name);
    // These two with status 200, as Apache answers them.
    if (command === undefined) return refusal(name, 200, `Unknown command: ${name}`);
    if (!context.view.isServing && command.isAlwaysThere !== true) return refusal(name, 200, NOT_SERVING);
    const denial = command.isGuarded === true ? denialOf(name, context, credentials) : undefined;
    if (denial !== undefined) return denial;
    const wanted = command.method ?? 'GET';
    if (method !== wanted)
      return { ...refusal(name, 405, `${name} is asked for by ${wanted}`), headers: { Allow: wanted } };
    const answer = await command.answer(context);
    return answer.stream === undefined ? complete(command.names[0], answer) : answer;
  }
}

/** Says which command it was, and that nothing went wrong where nothing did. */
function complete(command: string, answer: CommandAnswer): CommandAnswer {
  const { entries = {} } = answer;
  const error: JsonValue = entries['error'] ?? null;
  return { ...answer, entries: { ...entries, command, error } };
}

function refusal(command: string, status: number, error: string): CommandAnswer {
  return { status, entries: { command, error } };
}

function denialOf(
  name: string,
  { view }: CommandContext,
  { authorization, remoteHost }: Credentials,
): CommandAnswer | undefined {
  if (authorization === undefined) return refusal(name, 401, 'Auth info is missing for the command');
  const words = authorization.split(' ');
  if (words.length > 2) return refusal(name, 401, 'Not authenticated');
  const [scheme, token] = words as [string, string | undefined];
  const bytes = token === undefined ? null : new TextEncoder().encode(token);
  const standing = view.adminStanding(scheme, bytes, remoteHost);
  if (standing === 'unknown') return refusal(name, 401, 'Not authenticated');
  return standing === 'denied' ? refusal(name, 403, 'Not authorized') : undefined;
}

const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests';

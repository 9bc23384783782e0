import type { Client } from '@corral/client';
import type { Call, Flag } from './command.ts';
import { CommandError, ExitCode } from './exit-code.ts';

export const toFlag: Flag = {
  name: '--to',
  value: 'host:port/path',
  summary: 'the second node is on these servers; without a path it is called as the first one',
};

/** A node that may be on other servers. */
export interface OtherSide extends AsyncDisposable {
  readonly client: Client;
  readonly path: string;
  /** On the servers of this session. */
  readonly isHere: boolean;
}

/**
 * Resolves when its servers have answered.
 *
 * @param path as it was named beside `--to`, if it was
 * @param first the other node of the two
 */
export async function otherSide(call: Call, path: string | undefined, first: string): Promise<OtherSide> {
  const { words, connection } = call;
  const to = words.value(toFlag.name);
  if (to === undefined && path === undefined)
    throw new CommandError(ExitCode.usage, 'the second node is missing: its path, or --to host:port/path');
  if (to === undefined)
    return { client: call.client, path: path!, isHere: true, [Symbol.asyncDispose]: () => Promise.resolve() };
  const slash = to.indexOf('/');
  if (slash >= 0 && path !== undefined)
    throw new CommandError(ExitCode.usage, `the second node is ${path} or ${to.slice(slash)}, not both`);
  const client = connection.open(slash < 0 ? to : to.slice(0, slash));
  try {
    await client.connected({ signal: call.signal });
  } catch (error) {
    await client.close();
    throw error;
  }
  return {
    client,
    path: path ?? (slash < 0 ? first : to.slice(slash)),
    isHere: false,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

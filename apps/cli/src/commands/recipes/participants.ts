import { NoNodeError } from '@corral/client';
import { joinPath } from '@corral/protocol';
import type { Call } from '../../command.ts';
import { dataJson } from '../../node-data.ts';

/**
 * Who holds and who waits, in the order in which they came.
 *
 * @param holdersMax how many of those who do not share may hold at once
 */
export async function tellParticipants(
  { client, out, signal }: Call,
  folder: string,
  holdersMax = 1,
): Promise<void> {
  let everybodyShares = true;
  for (const [index, name] of (await participantNames(client, folder, signal)).entries()) {
    const path = joinPath(folder, name);
    const got = await client.tryGet(path, { signal });
    if (got === null) continue;
    const isShared = SHARED.test(name);
    everybodyShares &&= isShared;
    const isHolding = index < holdersMax || everybodyShares;
    const { data } = dataJson(got.data);
    out.line(`${isHolding ? 'holds' : 'waits'}${isShared ? ' shared' : ''} ${path} ${data ?? ''}`.trimEnd());
    out.json({ path, isHolding, isShared, data });
  }
}

/** The names of those who stand in a queue, whatever recipe it is of. */
export async function participantNames(
  client: Call['client'],
  folder: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const { names } = await client.children(folder, { signal });
    const numbered = names.filter((name) => NUMBERED.test(name));
    return numbered.toSorted((a, b) => (a.slice(-DIGITS) < b.slice(-DIGITS) ? -1 : 1));
  } catch (error) {
    if (error instanceof NoNodeError) return [];
    throw error;
  }
}

/** One side of a read-write lock, in Curator's names or kazoo's. */
const SHARED = /__(READ|rlock)__/;

const NUMBERED = /\d{10}$/;
const DIGITS = 10;

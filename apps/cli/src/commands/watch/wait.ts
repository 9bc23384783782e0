import { type Client, NoNodeError, type Seen, type Stat } from '@corral/client';
import type { Call, Command } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { wholeNumber } from '../../numbers.ts';
import { statJson } from '../../stat-text.ts';

export const wait: Command = {
  names: ['wait'],
  group: 'watch',
  usage: '[--for what] path',
  summary: 'ends when the node is as it should be; corral --timeout is the limit',
  flags: [
    { name: '--for', value: 'what', summary: 'created (default), deleted, changed, data=TEXT or children=N' },
  ],
  operands: [{ name: 'path', kind: 'path' }],
  async run(call) {
    const { words, out } = call;
    const [path] = words.operands as [string];
    const stat = await fulfilled(call, path, words.value('--for') ?? 'created');
    out.json({ path, stat: stat === null ? null : statJson(stat) });
  },
};

/** @returns the node as it was then; null where it is gone */
function fulfilled({ client, signal }: Call, path: string, what: string): Promise<Stat | null> {
  const [name, value] = split(what);
  const exists = (): Promise<Seen<Stat | null>> => client.once.exists(path, { signal });
  if (what === 'created') return until(exists, (stat) => stat !== null, signal);
  if (what === 'deleted') return until(exists, (stat) => stat === null, signal);
  if (what === 'changed') return until(exists, differsFromFirst(), signal);
  if (name === 'data' && value !== undefined)
    return until(exists, (stat) => hasData(client, path, stat, value, signal), signal);
  if (name !== 'children' || value === undefined)
    throw new CommandError(ExitCode.usage, `no state of a node: ${what}`);
  const count = wholeNumber('children', value, 0, Number.MAX_SAFE_INTEGER);
  return until(
    () => seeChildren(client, path, signal),
    (stat) => stat?.numChildren === count,
    signal,
  );
}

/** Looks again at each change, from the first look on: none is missed. */
async function until(
  look: () => Promise<Seen<Stat | null>>,
  isIt: (stat: Stat | null) => boolean | Promise<boolean>,
  signal: AbortSignal,
): Promise<Stat | null> {
  for (;;) {
    const { value, changed, forget } = await look();
    try {
      if (await isIt(value)) return value;
      await orAborted(changed, signal);
    } finally {
      forget();
    }
  }
}

function differsFromFirst(): (stat: Stat | null) => boolean {
  let first: bigint | undefined;
  return (stat) => {
    // Another node in the place of the first one is a change, too.
    const now = stat?.mzxid ?? -1n;
    first ??= now;
    return now !== first;
  };
}

async function hasData(
  client: Client,
  path: string,
  stat: Stat | null,
  text: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (stat === null) return false;
  const got = await client.tryGet(path, { signal });
  return got !== null && Buffer.from(text).equals(got.data);
}

async function seeChildren(client: Client, path: string, signal: AbortSignal): Promise<Seen<Stat | null>> {
  try {
    const { value, ...watch } = await client.once.children(path, { signal });
    return { ...watch, value: value.stat };
  } catch (error) {
    if (!(error instanceof NoNodeError)) throw error;
    const seen = await client.once.exists(path, { signal });
    // It was made between the two: the watch is on its data, so look again.
    if (seen.value === null) return seen;
    seen.forget();
    return seeChildren(client, path, signal);
  }
}

function split(what: string): readonly [name: string, value: string | undefined] {
  const equals = what.indexOf('=');
  return equals < 0 ? [what, undefined] : [what.slice(0, equals), what.slice(equals + 1)];
}

async function orAborted(changed: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  if (signal.aborted) throw signal.reason;
  signal.addEventListener('abort', abort);
  try {
    await Promise.race([changed, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

import { type Client, type Data, NoNodeError, type Op, type Stat, ThrottledOpError } from '@corral/client';
import { until } from './abort.ts';
import { ensureFolder } from './folder.ts';
import { joinPath, nameOf } from './node-path.ts';
import { isPassing, isReplaced, isSessionOver, isUnknown } from './outcome.ts';
import { pause } from './wait.ts';

/** An ephemeral node of this client's session. */
export interface OwnNode {
  readonly path: string;
  /** The last name of its path. */
  readonly name: string;
  readonly stat: Stat;
  readonly sessionId: bigint;
  /** Others make nodes of the same name when this is gone. */
  readonly isNameShared?: boolean;
}

/** What an ephemeral node is to be called: its id is part of the name, so that it is found when the reply is lost. */
export interface OwnName {
  readonly folder: string;
  /** With the id somewhere in it; the server appends a number. */
  readonly nameOf: (id: string) => string;
  /** The name is complete: no number is appended. */
  readonly isComplete?: boolean;
}

/** Curator's protected name. */
export function protectedName(prefix: string): (id: string) => string {
  return (id) => `_c_${id}-${prefix}`;
}

/**
 * Creates an ephemeral node that is found again when the reply is lost, in a folder that is made where it is missing.
 *
 * A signal ends the wait, never the care: a create that is under way then is awaited in the background and what it made is
 * removed. Forgetting it would leave a node that nobody knows to be his own, and everybody behind it waiting for ever
 * (CURATOR-171).
 */
export async function createOwn(
  client: Client,
  name: OwnName,
  data: Data,
  { signal }: Op = {},
): Promise<OwnNode> {
  if (signal?.aborted === true) throw signal.reason;
  const making = make(client, name, data);
  try {
    return await until(signal, making);
  } catch (error) {
    making.then((node) => removeOwn(client, node)).catch(doNothing);
    throw error;
  }
}

async function make(
  client: Client,
  { folder, nameOf: name, isComplete }: OwnName,
  data: Data,
): Promise<OwnNode> {
  const prefix = name(uuid(client));
  for (;;) {
    let node: OwnNode | undefined;
    try {
      const created = await client.create(joinPath(folder, prefix), data, {
        mode: 'ephemeral',
        sequential: isComplete !== true,
      });
      node = ownNode(created.path, created.stat);
    } catch (error) {
      if (error instanceof NoNodeError) await ensureFolder(client, folder);
      else if (isUnknown(error)) node = await find(client, folder, prefix);
      else if (!isReplaced(client, error)) throw error;
    }
    if (node?.sessionId === client.sessionId) return node;
    // Made in a session that has been replaced since: it will go, and until then it is nobody's.
    if (node !== undefined) await removeOwn(client, node);
  }
}

/**
 * Asks until there is an answer: giving up would leave a node behind that nobody knows. The sync makes sure that what the
 * old connection had sent is either in the tree that is read then, or never will be.
 */
async function find(client: Client, folder: string, prefix: string): Promise<OwnNode | undefined> {
  for (;;) {
    try {
      await client.sync(folder);
      const { names } = await client.children(folder);
      const name = names.find((other) => other.startsWith(prefix));
      if (name === undefined) return undefined;
      const path = joinPath(folder, name);
      const stat = await client.exists(path);
      return stat === null ? undefined : ownNode(path, stat);
    } catch (error) {
      if (error instanceof NoNodeError) return undefined;
      if (!isPassing(client, error)) throw error;
      if (error instanceof ThrottledOpError) await pause(client, THROTTLED_PAUSE_MS);
    }
  }
}

function ownNode(path: string, stat: Stat): OwnNode {
  return { path, name: nameOf(path), stat, sessionId: stat.ephemeralOwner };
}

/**
 * Deletes it, however long the connection is away: resolves when it is gone, or is sure to go with its session.
 * Deleting again what may have been deleted does no harm where nobody else gets the same name; where others do, it is looked
 * first whose it is.
 */
export async function removeOwn(client: Client, node: OwnNode): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      if (
        node.isNameShared === true &&
        !(isFirst ? isOfSession(client, node) : await isStillThere(client, node))
      )
        return;
      await client.delete(node.path, { ifExists: true });
      return;
    } catch (error) {
      if (isSessionOver(client, error)) return;
      if (!isPassing(client, error)) throw error;
      if (!isOfSession(client, node)) return;
      if (error instanceof ThrottledOpError) await pause(client, THROTTLED_PAUSE_MS);
    }
  }
}

/** As long as its session lives nobody else makes a node of its name. */
function isOfSession(client: Client, { sessionId }: OwnNode): boolean {
  return client.sessionId === sessionId;
}

async function isStillThere(client: Client, node: OwnNode): Promise<boolean> {
  await client.sync(node.path);
  const stat = await client.exists(node.path);
  return isOfSession(client, node) && stat?.czxid === node.stat.czxid;
}

export function uuid({ random }: Client): string {
  const hex = Array.from(random.bytes(16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [0, 8, 12, 16, 20].map((at, i, all) => hex.slice(at, all[i + 1])).join('-');
}

function doNothing(): void {}

const THROTTLED_PAUSE_MS = 100;

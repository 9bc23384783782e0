import { type Acl, type Client, NoNodeError } from '@corral/client';
import { CommandError, ExitCode } from './exit-code.ts';
import { bytesOrNull } from './node-data.ts';

/** What is taken along of a node. */
export interface CopiedNode {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly acl: readonly Acl[];
}

/**
 * Reads a node to make another like it; undefined where it has gone.
 *
 * @throws CommandError where its ACL is not shown as it is: whoever may read a node but not administer it sees `x` in the
 * place of the secrets, and the copy would be locked for everybody
 */
export async function readCopyUnlessGone(
  client: Client,
  path: string,
  signal: AbortSignal,
): Promise<CopiedNode | undefined> {
  try {
    return await readCopy(client, path, signal);
  } catch (error) {
    if (error instanceof NoNodeError) return undefined;
    throw error;
  }
}

async function readCopy(client: Client, path: string, signal: AbortSignal): Promise<CopiedNode> {
  const [{ data }, { acl }] = await Promise.all([
    client.get(path, bytesOrNull, { signal }),
    client.getAcl(path, { signal }),
  ]);
  refuseHiddenSecrets(path, acl);
  return { path, data, acl };
}

/** @throws CommandError where the ACL is not shown as it is: it must not be written again so */
export function refuseHiddenSecrets(path: string, acl: readonly Acl[]): void {
  if (acl.some(({ scheme, id }) => scheme === 'digest' && id.endsWith(':x')))
    throw new CommandError(ExitCode.noAuth, `The ACL of ${path} is shown only to those with permission a`);
}

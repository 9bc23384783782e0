import { type Client, ConnectionLossError, NoNodeError, ZkError } from '@corral/client';
import { ErrorCode } from '@corral/protocol';
import type { Command } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { numberOf } from '../../numbers.ts';

/** Transactions under way at once, as Apache's has it. */
const IN_FLIGHT_MAX = 10;
/** UTF-16 units of the paths of one transaction: far below a server's jute.maxbuffer. */
const BATCH_UNITS_MAX = 200_000;

export const deleteall: Command = {
  names: ['deleteall'],
  group: 'zookeeper',
  usage: 'path [-b batch size]',
  summary: 'ends a node and everything below it, a transaction for each batch',
  flags: [{ name: '-b', value: 'batch size', summary: 'nodes in a transaction; default 1000' }],
  operands: [{ name: 'path', kind: 'path' }],
  async run({ client, words, out, settings, signal }) {
    const [root] = words.operands as [string];
    const batchMax = numberOf(words, '-b', -0x8000_0000, 0x7fff_ffff) ?? 1000;
    const paths: string[] = [];
    for await (const { path } of client.walk(root, { signal })) paths.push(path);
    if (paths.length === 0) throw new NoNodeError(ErrorCode.NONODE, 'delete', root);
    if (settings.isDryRun) {
      for (const path of paths.toReversed()) out.line(`would delete ${path}`);
      return;
    }
    try {
      await deleteInBatches(client, paths.toReversed(), Math.max(1, batchMax), signal);
    } catch (error) {
      if (!(error instanceof ZkError) || error instanceof ConnectionLossError) throw error;
      const message = `Failed to delete some node(s) in the subtree!`;
      throw new CommandError(ExitCode.refused, message, { cause: error });
    }
    out.json({ path: root, deleted: paths.length });
  },
};

async function deleteInBatches(
  client: Client,
  paths: readonly string[],
  batchMax: number,
  signal: AbortSignal,
): Promise<void> {
  const inFlight: Promise<unknown>[] = [];
  for (let at = 0; at < paths.length;) {
    const transaction = client.transaction();
    for (let units = 0; at < paths.length && transaction.length < batchMax; at++) {
      const path = paths[at]!;
      units += path.length;
      if (units > BATCH_UNITS_MAX && transaction.length > 0) break;
      transaction.delete(path);
    }
    const done = transaction.commit({ signal });
    // Whoever fails first is told, below.
    done.catch(() => {});
    inFlight.push(done);
    if (inFlight.length >= IN_FLIGHT_MAX) await inFlight.shift();
  }
  await Promise.all(inFlight);
}

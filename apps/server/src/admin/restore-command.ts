import { readSnapshotStream } from '@corral/persistence-file';
import type { Counter, Logger, Metrics } from '@corral/runtime';
import type { Server } from '@corral/server';
import type { AdminCommand, CommandAnswer, CommandContext } from './command.ts';
import { RateLimiter } from './rate-limiter.ts';

export interface RestoreCommandOptions {
  /** `admin.restore.enabled` */
  readonly isEnabled: boolean;
  /** `admin.rateLimiterIntervalInMS` */
  readonly intervalMs: number;
  /** Of what is sent, and of what it is unpacked. */
  readonly bytesMax: number;
  readonly server: Pick<Server, 'restore'>;
  readonly now: () => number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Another tree for the server: the snapshot that is sent, as `snapshot` gives it (Java: RestoreCommand). */
export function restoreCommand(options: RestoreCommandOptions): AdminCommand {
  const { isEnabled, intervalMs, now, metrics } = options;
  const limiter = new RateLimiter(1, intervalMs, now);
  const limited: Counter = metrics.counter('restore_rate_limited_count');
  const errors: Counter = metrics.counter('restore_error_count');
  return {
    names: ['restore', 'rest'],
    method: 'POST',
    isGuarded: true,
    async answer({ view, body }: CommandContext): Promise<CommandAnswer> {
      if (!isEnabled) return refusal(503, 'restoring is switched off (admin.restore.enabled)');
      if (view.ensemble !== undefined)
        return refusal(
          503,
          'a member of an ensemble has the tree of the ensemble: restore it while all are stopped',
        );
      if (!view.config.serializeLastProcessedZxidEnabled)
        return refusal(500, 'restoring needs serializeLastProcessedZxid.enabled');
      if (!limiter.allows()) {
        limited.add(1);
        return refusal(429, `one restore in ${intervalMs} ms (admin.rateLimiterIntervalInMS)`);
      }
      try {
        return { entries: { last_zxid: await restore(options, body) } };
      } catch (error) {
        errors.add(1);
        options.logger.warn({ error: error as Error }, 'nothing was restored');
        return error instanceof TooLarge
          ? refusal(413, error.message)
          : refusal(500, (error as Error).message);
      }
    },
  };
}

function restore(
  { server, bytesMax }: RestoreCommandOptions,
  body: AsyncIterable<Uint8Array>,
): Promise<number> {
  return server.restore({
    load: (tree) => readSnapshotStream(bounded(body, bytesMax), tree, bytesMax),
  });
}

async function* bounded(pieces: AsyncIterable<Uint8Array>, bytesMax: number): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > bytesMax) throw new TooLarge(`more than ${bytesMax} bytes (corral.restoreMaxBytes)`);
    yield piece;
  }
}

class TooLarge extends Error {}

function refusal(status: number, error: string): CommandAnswer {
  return { status, entries: { error } };
}

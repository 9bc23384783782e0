import { zxidToHex } from '@corral/protocol';
import type { Counter, Metrics } from '@corral/runtime';
import type { AdminCommand, CommandAnswer, CommandContext } from './command.ts';
import { RateLimiter } from './rate-limiter.ts';

export interface SnapshotCommandsOptions {
  /** `admin.snapshot.enabled` */
  readonly isEnabled: boolean;
  /** `admin.rateLimiterIntervalInMS`; Apache counts it in microseconds here. */
  readonly intervalMs: number;
  readonly now: () => number;
  readonly metrics: Metrics;
}

/** To look for the newest snapshot, or to take one and fetch it. */
export function snapshotCommands(options: SnapshotCommandsOptions): readonly AdminCommand[] {
  const { isEnabled, intervalMs, now, metrics } = options;
  const limiter = new RateLimiter(1, intervalMs, now);
  const limited: Counter = metrics.counter('snapshot_rate_limited_count');
  return [
    { names: ['last_snapshot', 'lsnp'], answer: lastSnapshot },
    {
      names: ['snapshot', 'snap'],
      isGuarded: true,
      answer: (context) => {
        if (!isEnabled) return refusal(503, 'snapshots are switched off (admin.snapshot.enabled)');
        if (context.environment.snapshotFiles === undefined)
          return refusal(500, "snapshots are not kept in Apache's form here (storage=level)");
        if (limiter.allows()) return snapshot(context);
        limited.add(1);
        return refusal(429, `one snapshot in ${intervalMs} ms (admin.rateLimiterIntervalInMS)`);
      },
    },
  ];
}

function refusal(status: number, error: string): CommandAnswer {
  return { status, entries: { error } };
}

async function lastSnapshot({ view, environment }: CommandContext): Promise<CommandAnswer> {
  const last = await view.lastSnapshot();
  if (last === undefined) return { entries: { zxid: NONE, timestamp: -1 } };
  const takenAt = environment.snapshotFiles?.takenAt(last.name) ?? -1;
  return { entries: { zxid: zxidToHex(last.zxid), timestamp: takenAt } };
}

async function snapshot({ view, parameters, environment }: CommandContext): Promise<CommandAnswer> {
  try {
    const taken = await view.takeSnapshot();
    const headers = { last_zxid: `0x${zxidToHex(taken.zxid)}`, snapshot_size: String(taken.bytes) };
    const isStreamed = (parameters.get('streaming') ?? 'true').toLowerCase() === 'true';
    return isStreamed ? { headers, stream: environment.snapshotFiles!.read(taken.name) } : { headers };
  } catch {
    // Why, the log of the server says.
    return refusal(500, 'the snapshot failed');
  }
}

/** -1 as Java writes it in hexadecimal. */
const NONE = 'ffffffffffffffff';

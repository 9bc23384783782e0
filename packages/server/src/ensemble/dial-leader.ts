import type { Clock } from '@corral/runtime';
import type { Address, Connection, ConnectionHandler, Transport } from '@corral/transport';

export interface DialOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** All of them lead to the same server. */
  readonly addresses: readonly Address[];
  /** Milliseconds for all attempts together. */
  readonly limitMs: number;
  /** Milliseconds between two attempts, at most (`leaderConnectDelayDuringRetryMs`). */
  readonly retryDelayMs: number;
  readonly attemptsMax: number;
  readonly isWanted: () => boolean;
}

/**
 * Connects to a leader that may only just be opening its port (Learner.connectToLeader), so the first attempts follow
 * each other quickly. All its addresses are tried at
 * once, and the first that answers is taken.
 *
 * @throws the last TransportError, or what `open` throws
 */
export async function dialLeader(
  options: DialOptions,
  open: (connection: Connection) => ConnectionHandler,
): Promise<void> {
  const { clock, limitMs, retryDelayMs, attemptsMax, isWanted } = options;
  const giveUpAt = clock.monotonic() + limitMs;
  for (let attempt = 1; ; attempt++) {
    try {
      await dialAny(options, giveUpAt - clock.monotonic(), open);
      return;
    } catch (error) {
      const leftMs = giveUpAt - clock.monotonic();
      if (attempt === attemptsMax || leftMs <= retryDelayMs || !isWanted()) throw error;
    }
    const delayMs = Math.min(retryDelayMs, FIRST_DELAY_MS * 2 ** (attempt - 1));
    await new Promise<void>((resolve) => clock.after(delayMs, resolve));
  }
}

async function dialAny(
  { transport, addresses }: DialOptions,
  timeoutMs: number,
  open: (connection: Connection) => ConnectionHandler,
): Promise<void> {
  let isTaken = false;
  const dials = addresses.map((address) =>
    transport.connect({ ...address, timeoutMs: Math.max(timeoutMs, 1) }, (connection) => {
      if (isTaken) throw new Error('another address was faster');
      isTaken = true;
      return open(connection);
    }),
  );
  try {
    await Promise.any(dials);
  } catch (error) {
    throw error instanceof AggregateError ? error.errors.at(-1) : error;
  }
}

const FIRST_DELAY_MS = 5;

import type { HostAndPort } from '@corral/protocol';
import type { Clock, Logger } from '@corral/runtime';
import type { Connection, ConnectionHandler, Listener, Transport } from '@corral/transport';
import { messageOf } from './election-link.ts';

export interface ElectionListenOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often each port is tried, a second apart; 0 is for ever (`electionPortBindRetry`). */
  readonly bindAttemptsMax: number;
  readonly keepAlive: boolean;
  readonly isWanted: () => boolean;
}

/**
 * Listens on all addresses of this server. One that cannot be had is left out while there is another.
 *
 * @throws the last TransportError where none can be had
 */
export async function listenForElections(
  options: ElectionListenOptions,
  addresses: readonly HostAndPort[],
  accept: (connection: Connection) => ConnectionHandler,
): Promise<readonly Listener[]> {
  const attempts = await Promise.allSettled(addresses.map((address) => bind(options, address, accept)));
  const listeners = attempts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = attempts.findLast((one) => one.status === 'rejected');
  if (listeners.length === 0 && failed !== undefined) throw failed.reason;
  return listeners;
}

async function bind(
  options: ElectionListenOptions,
  { host, port }: HostAndPort,
  accept: (connection: Connection) => ConnectionHandler,
): Promise<Listener> {
  const { transport, clock, logger, bindAttemptsMax, keepAlive, isWanted } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await transport.listen({ host, port, keepAlive }, accept);
    } catch (cause) {
      logger.error({ host, port, attempt, reason: messageOf(cause) }, 'cannot listen for elections');
      if ((bindAttemptsMax > 0 && attempt >= bindAttemptsMax) || !isWanted()) throw cause;
    }
    await new Promise<void>((resolve) => clock.after(BIND_PAUSE_MS, resolve));
  }
}

const BIND_PAUSE_MS = 1000;

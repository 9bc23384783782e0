import { Member } from './ensemble/member.ts';
import type { Server, ServerOptions } from './server.ts';
import { StandaloneServer } from './standalone-server.ts';
import { toError } from './to-error.ts';

/**
 * Starts a server: loads what the storage holds, then listens. A member of an ensemble is started with that; it serves
 * when it has found a leader.
 *
 * @throws PersistenceError where the storage is damaged, TransportError where a port cannot be opened
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { config, storage, logger } = options;
  try {
    for (const repair of storage.state.repairs)
      logger.warn({ repair }, 'storage was repaired when it was opened');
    return await (config.ensemble === undefined ? StandaloneServer.start(options) : Member.start(options));
  } catch (error) {
    await storage
      .close()
      .catch((cause: unknown) => logger.error({ error: toError(cause) }, 'closing the storage failed'));
    throw error;
  }
}

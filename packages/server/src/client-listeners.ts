import type {
  Connection,
  ConnectionHandler,
  Listener,
  ListeningTransport,
  ListenOptions,
} from '@corral/transport';

/** A way in for clients. */
export interface ClientListening {
  readonly transport: ListeningTransport;
  readonly where: ListenOptions;
}

/** Opens all of them, in order, or none. */
export async function openListeners(
  ways: readonly ClientListening[],
  accept: (connection: Connection) => ConnectionHandler,
): Promise<readonly Listener[]> {
  const opened: Listener[] = [];
  try {
    for (const { transport, where } of ways) opened.push(await transport.listen(where, accept));
    return opened;
  } catch (error) {
    await closeListeners(opened);
    throw error;
  }
}

export async function closeListeners(listeners: readonly Listener[]): Promise<void> {
  await Promise.all(listeners.map((listener) => listener.close()));
}

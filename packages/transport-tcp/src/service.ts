import { promises } from 'node:dns';
import type { Address, DialSignal } from '@corral/transport';

/** One server of a service, as an SRV record ranks it (RFC 2782). */
export interface ServiceAddress extends Address {
  /** Those of the lowest number come first. */
  readonly priority: number;
  /** The share among those of one priority. */
  readonly weight: number;
}

/** What is needed of a resolver of `node:dns`. */
export interface SrvResolver {
  resolveSrv(
    name: string,
  ): Promise<readonly { name: string; port: number; priority: number; weight: number }[]>;
  cancel(): void;
}

/**
 * The servers in the SRV records of a name (`_zookeeper._tcp.example.com`), asked for anew at each call. Rejects where there
 * are none, and when the signal aborts.
 */
export async function lookUpService(
  name: string,
  signal?: DialSignal,
  resolver: SrvResolver = new promises.Resolver(),
): Promise<readonly ServiceAddress[]> {
  throwIfAborted(signal);
  const cancel = (): void => resolver.cancel();
  signal?.addEventListener('abort', cancel);
  try {
    const records = await resolver.resolveSrv(name);
    return records.map(({ name: host, port, priority, weight }) => ({ host, port, priority, weight }));
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

function throwIfAborted(signal: DialSignal | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}

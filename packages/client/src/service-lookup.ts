import type { Signal } from './abort-signal.ts';
import type { ServerAddress } from './server-list.ts';

/** Finds the servers that a name stands for: its SRV records. Rejects where there are none, or when the signal aborts. */
export type ServiceLookup = (name: string, signal: Signal) => Promise<readonly ServerAddress[]>;

/** A name, and who knows what it stands for. */
export interface Service {
  readonly name: string;
  readonly lookUp: ServiceLookup;
}

/** @throws TypeError where nobody can look it up */
export function serviceOf(name: string, lookUp: ServiceLookup | undefined): Service {
  if (lookUp === undefined)
    throw new TypeError(`nobody here can look up the SRV records of ${name} (lookUpService)`);
  return { name, lookUp };
}

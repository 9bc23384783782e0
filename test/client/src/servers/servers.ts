import type { ClientWorld } from '@corral/client';

/** Servers that a case can speak to, whatever they are. Ends them. */
export interface Servers extends AsyncDisposable {
  /** `host:port` of each. */
  readonly hosts: readonly string[];
  /** How to reach them. */
  readonly world: ClientWorld;
  /** Kills the one that leads, and starts it again when another does. Only where there are several. */
  loseLeader?(): Promise<void>;
}

/** Servers of one kind. */
export interface Provider {
  readonly title: string;
  start(): Promise<Servers>;
}

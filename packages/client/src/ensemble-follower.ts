import { type HostAndPort, QuorumServer } from '@corral/protocol';
import { CONFIG_NODE, configOf, type EnsembleConfig } from './ensemble.ts';
import { GetData } from './read-operations.ts';
import type { Got } from './results.ts';
import type { Session } from './session.ts';
import type { Watcher, WatchRegistration } from './watch-registry.ts';

/** Has the session use the servers that the ensemble's configuration names, now and whenever it changes. */
export function followEnsemble(session: Session): void {
  const follower = new EnsembleFollower(session);
  session.onState((state) => {
    if (state === 'connected') follower.readUnlessWatching();
  });
}

/** Where clients are served, of each member that says so. */
export function clientAddresses({ servers }: EnsembleConfig): HostAndPort[] {
  return servers.flatMap((line) => {
    const [, id, text] = /^server\.(\d+)=(.*)$/.exec(line) ?? [];
    if (text === undefined) return [];
    const { client, addresses } = QuorumServer.parse(Number(id), text, true);
    if (client === undefined) return [];
    return [isAnyAddress(client.host) ? { host: addresses[0]!.host, port: client.port } : client];
  });
}

class EnsembleFollower implements Watcher {
  readonly #session: Session;
  /** A watch stands, or is being set. */
  #isWatching = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** What cannot be read now may be at the next connection. */
  readUnlessWatching(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#read().catch(() => {
      this.#isWatching = false;
    });
  }

  fire(): void {
    this.#readAnew();
  }

  resync(): void {
    this.#readAnew();
  }

  fail(): void {}

  #readAnew(): void {
    this.#isWatching = false;
    this.readUnlessWatching();
  }

  async #read(): Promise<void> {
    const registration: WatchRegistration = {
      register: () => this.#session.watches.add('data', CONFIG_NODE, this),
      registerAbsent: () => {},
    };
    const operation = new GetData(CONFIG_NODE, CONFIG_NODE, (data) => data, registration);
    const got: Got<Uint8Array> = await this.#session.run(operation);
    const servers = clientAddresses(configOf(got));
    if (servers.length > 0) this.#session.useServers(servers);
  }
}

function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '0:0:0:0:0:0:0:0';
}

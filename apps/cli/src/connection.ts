import {
  type Client,
  type ClientOptions,
  type ClientWorld,
  createClient,
  type SessionState,
} from '@corral/client';
import { holdingNodeClock, nodeRandom } from '@corral/runtime/node';
import { lookUpService, tcp } from '@corral/transport-tcp';
import type { ConnectionControl, ShownWatches } from './command.ts';
import type { Auth } from './command-line.ts';
import { NotConnectedError } from './exit-code.ts';
import { eventTypeName, keeperStateOf, statesNameOf, watchedEventText } from './watched-event.ts';
import { WatchTable } from './watch-table.ts';

export interface ConnectionOptions {
  readonly sessionTimeoutMs: number;
  /** How long servers are tried before whoever waits is told. */
  readonly connectTimeoutMs: number;
  readonly isReadOnly: boolean;
  readonly auth: readonly Auth[];
  /** Shows an event to the user: a text of several lines. */
  readonly show: (text: string) => void;
}

/** The session of a shell, or of a command: one at a time. */
export class Connection implements ConnectionControl {
  printsWatches = true;
  readonly #options: ConnectionOptions;
  #hosts: string;
  #session: OpenSession | undefined = undefined;

  constructor(hosts: string, options: ConnectionOptions) {
    this.#hosts = hosts;
    this.#options = options;
  }

  get hosts(): string {
    return this.#hosts;
  }

  get client(): Client | undefined {
    return this.#session?.client;
  }

  get serverClient(): Client | undefined {
    return this.#session?.serverClient;
  }

  get watches(): ShownWatches {
    if (this.#session === undefined) throw new NotConnectedError();
    return this.#session.watches;
  }

  /** As the prompt shows it (ZooKeeper.States). */
  get stateName(): string {
    return this.#session === undefined ? 'CLOSED' : statesNameOf[this.#session.client.state];
  }

  /** Ends the session there is, and begins another. It connects by itself: what is asked for meanwhile waits. */
  async connect(hosts: string): Promise<void> {
    const session = this.#open(hosts);
    await this.close();
    this.#hosts = hosts;
    this.#session = session;
    session.client.onState((state) => this.#showState(state));
  }

  open(hosts: string): Client {
    return createClient(hosts, WORLD, { ...this.#clientOptions, onExpired: 'newSession' });
  }

  async close(): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    await session.client.close();
    if (this.#session === session) this.#session = undefined;
  }

  /** @throws TypeError, RangeError where it is no connect string */
  #open(hosts: string): OpenSession {
    const slash = hosts.indexOf('/');
    const chroot = slash < 0 ? '/' : hosts.slice(slash);
    const serverClient = createClient(slash < 0 ? hosts : hosts.slice(0, slash), WORLD, {
      ...this.#clientOptions,
      observer: { watchFired: (type, path, zxid) => watches.fired(type, path, zxid) },
    });
    const client = chroot === '/' ? serverClient : serverClient.at(chroot);
    const watches = new WatchTable(client, (type, path, zxid) =>
      this.#show(watchedEventText('SyncConnected', eventTypeName(type), path, zxid)),
    );
    return { serverClient, client, watches };
  }

  get #clientOptions(): ClientOptions {
    const { sessionTimeoutMs, connectTimeoutMs, isReadOnly, auth } = this.#options;
    return {
      sessionTimeout: sessionTimeoutMs,
      connectTimeout: connectTimeoutMs,
      readOnly: isReadOnly,
      auth,
    };
  }

  #showState(state: SessionState): void {
    const name = keeperStateOf[state];
    if (name !== undefined) this.#show(watchedEventText(name, 'None', null, -1));
    // Nothing more can be asked of it.
    if (state === 'expired' || state === 'authFailed') this.#session = undefined;
  }

  #show(text: string): void {
    if (this.printsWatches) this.#options.show(text);
  }
}

interface OpenSession {
  readonly serverClient: Client;
  readonly client: Client;
  readonly watches: WatchTable;
}

const WORLD: ClientWorld = { transport: tcp(), clock: holdingNodeClock, random: nodeRandom, lookUpService };

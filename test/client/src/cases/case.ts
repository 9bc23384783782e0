import { type Client, type ClientOptions, createClient } from '@corral/client';
import { BrittleTransport } from '../servers/brittle-transport.ts';
import type { Servers } from '../servers/servers.ts';

/** One sentence about the client, true with any server. */
export interface ClientCase {
  readonly title: string;
  /** Rejects where it does not hold. */
  run(stage: Stage): Promise<void>;
}

/** Where one case plays: a part of the tree of its own, and clients that end with it. */
export class Stage implements AsyncDisposable {
  readonly servers: Servers;
  readonly root: string;
  readonly #clients: Client[] = [];

  constructor(servers: Servers, root: string) {
    this.servers = servers;
    this.root = root;
  }

  /** A client that sees the stage's part of the tree as all there is. */
  async client(options: ClientOptions = {}): Promise<Client> {
    return (await this.brittle(options)).zk;
  }

  /** The same, with the means to break its connection. */
  async brittle(options: ClientOptions = {}): Promise<{ zk: Client; wire: BrittleTransport }> {
    const wire = new BrittleTransport(this.servers.world.transport);
    const hosts = this.servers.hosts.join(',') + this.root;
    const zk = createClient(hosts, { ...this.servers.world, transport: wire }, { ...patient, ...options });
    this.#clients.push(zk);
    await zk.connected();
    return { zk, wire };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((zk) => zk.close()));
  }
}

/** Busy machines take their time; no case is about how long. */
const patient: ClientOptions = { sessionTimeout: 10_000, connectTimeout: 40_000 };

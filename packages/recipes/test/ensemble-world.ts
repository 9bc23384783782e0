import { memoryStorage } from '@corral/persistence/memory';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { defaultEnsembleConfig, defaultServerConfig, type Server, startServer } from '@corral/server';
import { QuorumConfig } from '@corral/protocol';
import type { Client, ClientOptions } from '@corral/client';
import { World } from './world.ts';

const SIDS = [1, 2, 3];

/** Three members that elect whom they like, on hosts `s1` to `s3`, in the place of the one server. */
export class EnsembleWorld extends World {
  readonly members: Map<string, Server> = new Map();

  static async electing(seed: number): Promise<EnsembleWorld> {
    const world = new EnsembleWorld(seed, { latency: { minMs: 0, maxMs: 3 } });
    const lines = SIDS.map((sid) => `server.${sid}=s${sid}:2888:3888:participant;2181`);
    const quorum = QuorumConfig.parse(lines.join('\n'));
    for (const serverId of SIDS) await world.#startMember(serverId, quorum);
    return world;
  }

  async #startMember(serverId: number, quorum: QuorumConfig): Promise<void> {
    const host = `s${serverId}`;
    const ensemble = {
      ...defaultEnsembleConfig,
      initLimit: 10,
      syncLimit: 5,
      lastSeenQuorum: undefined,
      quorum,
    };
    const server = await this.run(
      startServer({
        config: { ...defaultServerConfig, serverId, clientPort: 2181, tickTime: 200, ensemble },
        runtime: this.runtime,
        transport: this.network.transport(host),
        storage: await memoryStorage({}),
        logger: silentLogger,
        metrics: collectingMetrics(),
        sessionPasswordKey: new Uint8Array(32).fill(7),
      }),
    );
    this.members.set(host, server);
  }

  /** One that may go to any member. */
  override client(options: ClientOptions = {}, hosts = 's1:2181,s2:2181,s3:2181'): Promise<Client> {
    return super.client({ connectTimeout: 60_000, ...options }, hosts);
  }

  get leader(): string {
    for (const [host, { view }] of this.members) if (view.mode === 'leader') return host;
    throw new Error('nobody leads');
  }

  /** The process of the leader dies without a word, and its machine with it. */
  crashLeader(): void {
    const host = this.leader;
    this.members.delete(host);
    this.network.cutPower(host);
  }

  /** Nothing passes between a client and a member, and what stood is reset. */
  separate(index: number, member: string): void {
    this.network.partition(`client-${index}`, member);
    this.network.reset(`client-${index}`, member);
  }
}

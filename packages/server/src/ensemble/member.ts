import type { DataTreeOptions } from '@corral/datatree';
import { JuteWriter, utf8Decode } from '@corral/jute';
import { QuorumConfig, ServerState, toZxid } from '@corral/protocol';
import type { Timer } from '@corral/runtime';
import type { Address, Connection, ConnectionHandler, Listener } from '@corral/transport';
import { CommittedLog } from '@corral/zab';
import type { EnsembleConfig } from '../config.ts';
import { APACHE_VERSION, type ServerView, type StandingView } from '../four-letter-words/index.ts';
import { clientListenOptions, treeOptions } from '../from-config.ts';
import type { Server, ServerOptions } from '../server.ts';
import { toError } from '../to-error.ts';
import type { ElectionResult } from './election-port.ts';
import { type Elections, type ElectionsOptions, openElections } from './elections.ts';
import { Following } from './following.ts';
import { IdlePort } from './idle-port.ts';
import { Leading } from './leading.ts';
import { MemberEpochs } from './member-epochs.ts';
import { Replica } from './replica.ts';
import type { Term } from './term.ts';

export interface MemberOptions extends ServerOptions {
  /** How it finds its leader: by the election port, unless a test says otherwise. */
  readonly elections?: (options: ElectionsOptions) => Promise<Elections>;
}

/** A member of an ensemble (QuorumPeer): it looks for a leader, then leads, follows or observes until that is over. */
export class Member implements Server {
  readonly failed: Promise<Error>;
  readonly #o: MemberOptions;
  readonly #ensemble: EnsembleConfig;
  readonly #sid: number;
  readonly #treeOptions: DataTreeOptions;
  readonly #replica: Replica;
  readonly #epochs: MemberEpochs;
  readonly #idle: IdlePort;
  readonly #standing: StandingView;
  readonly #fail: (cause: Error) => void;
  /** What is on its disk is all it ever had: it may vote. */
  #isTrusted: boolean;
  #config: QuorumConfig;
  #lastSeenConfig: QuorumConfig | undefined;
  #elections!: Elections;
  #listener: Listener | undefined = undefined;
  #purge: Timer | undefined = undefined;
  #term: Term | undefined = undefined;
  #designatedLeader: number | undefined = undefined;
  #isClosing = false;
  #closing: Promise<void> | undefined = undefined;
  #life: Promise<void> = Promise.resolve();

  /** @throws PersistenceError where the storage is damaged, TransportError where a port cannot be opened */
  static async start(options: MemberOptions): Promise<Member> {
    const { config, runtime, storage, logger, metrics } = options;
    const tree = treeOptions(config, runtime.random);
    const { replica } = await Replica.load({
      storage,
      treeOptions: tree,
      committedLog: new CommittedLog({ count: config.ensemble!.commitLogCount }),
      config,
      clock: runtime.clock,
      random: runtime.random,
      logger,
      metrics,
    });
    const epochs = await MemberEpochs.load(storage.epochs, replica.lastZxid);
    // An empty disk may be one that was lost, and with it what this server has acknowledged (ZOOKEEPER-261).
    const isTrusted = !storage.state.isEmpty || config.ensemble!.dbAutocreate;
    // Never a log without a snapshot under it: a later start could not tell it from one that was lost.
    if (isTrusted && (await storage.snapshots.list()).length === 0) await replica.snapshotting.take();
    const member = new Member(options, tree, replica, epochs, isTrusted);
    await member.#open();
    return member;
  }

  private constructor(
    options: MemberOptions,
    tree: DataTreeOptions,
    replica: Replica,
    epochs: MemberEpochs,
    isTrusted: boolean,
  ) {
    const { config, runtime, version, environment } = options;
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.failed = promise;
    this.#fail = resolve;
    this.#o = options;
    this.#ensemble = config.ensemble!;
    this.#sid = config.serverId;
    this.#config = this.#ensemble.quorum;
    this.#lastSeenConfig = this.#ensemble.lastSeenQuorum;
    this.#treeOptions = tree;
    this.#replica = replica;
    this.#epochs = epochs;
    this.#isTrusted = isTrusted;
    this.#standing = {
      isServing: false,
      version: version ?? APACHE_VERSION,
      config,
      environment: () => environment?.() ?? [],
    };
    this.#idle = new IdlePort(this.#standing, runtime.clock);
  }

  get address(): Address {
    return this.#listener!.address;
  }

  get view(): ServerView {
    // Nothing else is asked for while it does not serve.
    return this.#term?.serving?.view ?? (this.#standing as ServerView);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #open(): Promise<void> {
    const { config, transport, runtime, elections = openElections } = this.#o;
    this.#listener = await transport.listen(clientListenOptions(config), (link) => this.#accept(link));
    this.#elections = await elections({
      server: this.#o,
      sid: this.#sid,
      config: this.#config,
      lastSeen: this.#lastSeenConfig,
      onNewerConfig: (text) => this.#adopt(text),
    });
    const { intervalMs } = config.autopurge;
    if (intervalMs > 0)
      this.#purge = runtime.clock.every(intervalMs, () => this.#replica.snapshotting.purgeInBackground());
    this.#life = this.#live();
  }

  #accept(link: Connection): ConnectionHandler {
    return (this.#term?.serving ?? this.#idle).accept(link);
  }

  async #live(): Promise<void> {
    const { logger } = this.#o;
    try {
      while (!this.#isClosing) {
        this.#writeConfig();
        logger.info({ zxid: this.#replica.lastZxid, epoch: this.#epochs.current }, 'looking for a leader');
        const elected = await this.#look();
        if (elected === undefined || this.#isClosing) break;
        this.#designatedLeader = undefined;
        const term = this.#begin(elected);
        this.#term = term;
        const end = await term.over;
        this.#term = undefined;
        if (end.fatal !== undefined) throw end.fatal;
        logger.warn({ reason: end.reason }, 'back to election');
        this.#designatedLeader = end.designatedLeader;
      }
    } catch (error) {
      if (!this.#isClosing) this.#stopAtOnce(error);
    }
  }

  #look(): Promise<ElectionResult | undefined> {
    return this.#elections.look({
      isParticipant: !this.#isObserver,
      lastZxid: this.#isTrusted ? this.#replica.lastZxid : NO_DATA,
      epoch: this.#epochs.current,
      designatedLeader: this.#designatedLeader,
    });
  }

  /** Somebody has a newer configuration while this server looks for a leader: it looks again, among those. */
  #adopt(text: string): void {
    if (!this.#o.config.reconfigEnabled) return;
    this.#activate(QuorumConfig.parse(text, this.#ensemble.quorum.rules));
    void this.#look();
  }

  #begin({ vote: { leader }, state }: ElectionResult): Term {
    const common = {
      server: this.#o,
      replica: this.#replica,
      epochs: this.#epochs,
      treeOptions: this.#treeOptions,
      sid: this.#sid,
      // The formula that every member, Apache's too, can compute.
      sessionPasswordKey: undefined,
      clientPort: () => this.#listener?.address.port ?? -1,
      onEstablished: (epoch: number) => {
        this.#isTrusted = true;
        this.#elections.established(epoch);
      },
    };
    this.#o.logger.info({ leader, state: stateNames[state] }, 'a leader is found');
    if (state === ServerState.LEADING)
      return new Leading({
        ...common,
        addresses: this.#listenAddresses,
        config: this.#config,
        lastSeenConfig: this.#lastSeenConfig,
        withVersion: (config, version) => (config as QuorumConfig).withVersion(version),
        onConfig: (config) => this.#activate(config as QuorumConfig),
      });
    return new Following({
      ...common,
      isObserver: state === ServerState.OBSERVING,
      leader: { sid: leader, addresses: this.#config.servers.get(leader)?.addresses ?? [] },
      configVersion: this.#config.version,
      onConfig: (text, isActive) => this.#learnConfig(text, isActive),
    });
  }

  #learnConfig(text: Uint8Array, isActive: boolean): void {
    const config = QuorumConfig.parse(utf8Decode(text, 0, text.length) ?? '', this.#ensemble.quorum.rules);
    if (isActive) this.#activate(config);
    else {
      this.#lastSeenConfig = config;
      this.#configure();
    }
  }

  #activate(config: QuorumConfig): void {
    if (config.version <= this.#config.version) return;
    this.#config = config;
    this.#lastSeenConfig = undefined;
    this.#configure();
    this.#writeConfig();
  }

  /** Tells the election. A port that cannot be had there is as bad as at the start. */
  #configure(): void {
    this.#elections
      .config(this.#config, this.#lastSeenConfig)
      .catch((error: unknown) => this.#stopAtOnce(error));
  }

  /** Where no transaction says it, each member writes the configuration into its tree for itself. */
  #writeConfig(): void {
    const { version } = this.#config;
    const { clock } = this.#o.runtime;
    this.#replica.tree.setConfig(toBytes(this.#config.toString()), toZxid(version), clock.now());
  }

  get #isObserver(): boolean {
    return this.#config.observers.has(this.#sid);
  }

  get #listenAddresses(): readonly Address[] {
    const own = this.#config.servers.get(this.#sid);
    return (own?.addresses ?? []).map(({ host, port }) => ({
      host: this.#ensemble.quorumListenOnAllIPs ? ANY_HOST : host,
      port,
    }));
  }

  async #close(): Promise<void> {
    const { storage, logger } = this.#o;
    this.#isClosing = true;
    this.#purge?.cancel();
    await this.#listener?.close();
    const term = this.#term;
    term?.leave('this server stops');
    await term?.over;
    this.#idle.close();
    await this.#elections.close();
    await this.#life;
    await this.#replica.snapshotting.stop();
    await storage.close();
    logger.info({}, 'stopped');
  }

  #stopAtOnce(cause: unknown): void {
    const error = toError(cause);
    this.#o.metrics.counter('unrecoverable_error_count').add(1);
    this.#o.logger.error({ error }, 'the server cannot go on, and stops at once');
    this.#isClosing = true;
    this.#purge?.cancel();
    this.#idle.close();
    void this.#listener?.close();
    void this.#elections.close();
    this.#fail(error);
  }
}

function toBytes(text: string): Uint8Array {
  const w = new JuteWriter(text.length + LENGTH_BYTES);
  w.writeString(text);
  return w.bytes(LENGTH_BYTES);
}

/** What a jute string has in front of its text. */
const LENGTH_BYTES = 4;
const stateNames = ['looking', 'following', 'leading', 'observing'] as const;
const ANY_HOST = '0.0.0.0';
/** The zxid of a server that has no data it may stand for. */
const NO_DATA = -1;

import type { DataTreeOptions } from '@corral/datatree';
import { utf8Decode } from '@corral/jute';
import {
  formatHostAndPort,
  type HostAndPort,
  QuorumConfig,
  type QuorumRules,
  ServerState,
  toZxid,
  type Zxid,
} from '@corral/protocol';
import type { Timer } from '@corral/runtime';
import type { Address, Connection, ConnectionHandler, Listener } from '@corral/transport';
import { CommittedLog } from '@corral/zab';
import { closeListeners, openListeners } from '../client-listeners.ts';
import type { EnsembleConfig } from '../config.ts';
import { APACHE_VERSION, type ServerView, type StandingView } from '../four-letter-words/index.ts';
import { clientListenOptions, treeOptions } from '../from-config.ts';
import type { Server, ServerOptions } from '../server.ts';
import type { Serving } from '../serving.ts';
import { toError } from '../to-error.ts';
import type { ElectionResult } from './election-port.ts';
import { type Elections, type ElectionsOptions, openElections } from './elections.ts';
import { Following } from './following.ts';
import { IdlePort } from './idle-port.ts';
import { Leading } from './leading.ts';
import { type LearnerMaster, LearnerMasters } from './learner-masters.ts';
import { MemberEpochs } from './member-epochs.ts';
import { MemberFigures } from './member-figures.ts';
import { Membership } from './membership.ts';
import { readOnlyServing } from './read-only.ts';
import { Replica } from './replica.ts';
import type { Term } from './term.ts';
import { textToBytes } from './text-to-bytes.ts';

export interface MemberOptions extends ServerOptions {
  /** How it finds its leader: by the election port, unless a test says otherwise. */
  readonly elections?: (options: ElectionsOptions) => Promise<Elections>;
  /** Where the counter of an epoch begins: 0, unless a test says otherwise (`zookeeper.testingonly.initialZxid`). */
  readonly initialCounter?: () => number;
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
  readonly #figures: MemberFigures;
  readonly #idle: IdlePort;
  readonly #standing: StandingView;
  readonly #fail: (cause: Error) => void;
  /** What is on its disk is all it ever had: it may vote. */
  #isTrusted: boolean;
  readonly #rules: QuorumRules;
  readonly #membership: Membership;
  #clientAddress: HostAndPort;
  #elections!: Elections;
  #listener: Listener | undefined = undefined;
  #otherListeners: readonly Listener[] = [];
  #purge: Timer | undefined = undefined;
  #term: Term | undefined = undefined;
  #readOnly: Serving | undefined = undefined;
  readonly #masters: LearnerMasters;
  #master: LearnerMaster | undefined = undefined;
  #endWait: () => void = () => {};
  #designatedLeader: number | undefined = undefined;
  #isClosing = false;
  #closing: Promise<void> | undefined = undefined;
  #life: Promise<void> = Promise.resolve();
  #moving: Promise<void> = Promise.resolve();

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
    const { config, runtime, metrics, version, environment } = options;
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.failed = promise;
    this.#fail = resolve;
    this.#o = options;
    this.#ensemble = config.ensemble!;
    this.#sid = config.serverId;
    const { quorum, lastSeenQuorum } = this.#ensemble;
    this.#rules = rulesOf(quorum.rules, () => this.#term?.isFollowed === true);
    this.#membership = new Membership(
      this.#sid,
      under(this.#rules, quorum),
      lastSeenQuorum && under(this.#rules, lastSeenQuorum),
      options.configStore,
    );
    this.#clientAddress = { host: config.clientPortAddress, port: config.clientPort };
    this.#masters = new LearnerMasters(this.#ensemble.observerMasterPort, runtime.random);
    this.#treeOptions = tree;
    this.#replica = replica;
    this.#epochs = epochs;
    this.#figures = new MemberFigures(metrics, runtime.clock);
    metrics.gauge('corral_memory_bytes', () => replica.committedLog.bytes, {
      name: 'part',
      value: 'committed_log',
    });
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
    return this.#serving?.view ?? (this.#standing as ServerView);
  }

  restore(): Promise<Zxid> {
    return Promise.reject(new RangeError('a member of an ensemble has the tree of the ensemble'));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #open(): Promise<void> {
    const { config, transport, alsoListen = [], runtime, elections = openElections } = this.#o;
    [this.#listener, ...this.#otherListeners] = await openListeners(
      [{ transport, where: clientListenOptions(config) }, ...alsoListen],
      (link) => this.#accept(link),
    );
    this.#elections = await elections({
      server: this.#o,
      sid: this.#sid,
      config: this.#membership.current,
      lastSeen: this.#membership.proposed,
      onNewerConfig: (text) => this.#adopt(text),
      onVoterLooks: (sid) => this.#term?.voterLooks(sid),
    });
    const { intervalMs } = config.autopurge;
    if (intervalMs > 0)
      this.#purge = runtime.clock.every(intervalMs, () => this.#replica.snapshotting.purgeInBackground());
    this.#life = this.#live();
  }

  #accept(link: Connection): ConnectionHandler {
    return (this.#serving ?? this.#idle).accept(link);
  }

  get #serving(): Serving | undefined {
    return this.#term?.serving ?? this.#readOnly;
  }

  async #live(): Promise<void> {
    const { logger } = this.#o;
    try {
      while (!this.#isClosing) {
        this.#writeConfig();
        logger.info({ zxid: this.#replica.lastZxid, epoch: this.#epochs.current }, 'looking for a leader');
        this.#figures.looks();
        const elected = await this.#lookAndServe();
        if (elected === undefined || this.#isClosing) break;
        this.#designatedLeader = undefined;
        const isObserver = elected.state === ServerState.OBSERVING;
        this.#figures.elected(isObserver);
        if (isObserver) await this.#findMaster(elected.vote.leader);
        if (this.#isClosing) break;
        const term = this.#begin(elected);
        this.#term = term;
        const end = await term.over;
        this.#term = undefined;
        if (end.fatal !== undefined) throw end.fatal;
        logger.warn({ reason: end.reason }, 'back to election');
        this.#designatedLeader = end.designatedLeader;
        if (isObserver) await this.#waitUpTo(this.#ensemble.observerElectionDelayMs);
      }
    } catch (error) {
      if (!this.#isClosing) this.#stopAtOnce(error);
    }
  }

  /** A server that finds no leader for a while may serve reads meanwhile, and where there is an oracle, it is asked. */
  async #lookAndServe(): Promise<ElectionResult | undefined> {
    const { config, runtime } = this.#o;
    const { clock } = runtime;
    const { readOnlyMode } = this.#ensemble;
    const timers: Timer[] = [];
    if (readOnlyMode)
      timers.push(
        clock.after(Math.max(READ_ONLY_AFTER_MS, config.tickTime), () => {
          if (!this.#isClosing) this.#serveReadOnly();
        }),
      );
    if (this.#rules.oracle !== undefined) timers.push(clock.every(config.tickTime, () => this.#askOracle()));
    try {
      return await this.#look();
    } finally {
      for (const timer of timers) timer.cancel();
      await this.#readOnly?.abort();
      this.#readOnly = undefined;
    }
  }

  #serveReadOnly(): void {
    this.#readOnly = readOnlyServing({
      server: this.#o,
      replica: this.#replica,
      sid: this.#sid,
      sessionPasswordKey: this.#sessionPasswordKey,
      quorum: () => this.#membership.current,
      clientPort: () => this.#listener?.address.port ?? -1,
      onFatal: (cause) => this.#stopAtOnce(cause),
    });
    this.#readOnly.start();
    this.#o.logger.warn({}, 'no leader is found: serving reads to clients that accept that');
  }

  /** Without a key that all members share it is the formula that every member, Apache's too, can compute. */
  get #sessionPasswordKey(): Uint8Array | undefined {
    const { config, sessionPasswordKey } = this.#o;
    return config.sessionPasswords === 'keyed' ? sessionPasswordKey : undefined;
  }

  #look(): Promise<ElectionResult | undefined> {
    const { tree, lastZxid } = this.#replica;
    this.#o.probe?.looking(tree, this.#isTrusted ? lastZxid : undefined, this.#epochs.current);
    const found = this.#elections.look({
      isParticipant: !this.#membership.isObserver,
      lastZxid: this.#isTrusted ? lastZxid : NO_DATA,
      epoch: this.#epochs.current,
      designatedLeader: this.#designatedLeader,
    });
    this.#askOracle();
    return found;
  }

  /** One of two asks whether it may go on without the other; the election forgets the answer with each look. */
  #askOracle(): void {
    const { oracle } = this.#rules;
    if (oracle !== undefined && !this.#membership.isObserver) this.#elections.oracle(oracle());
  }

  /** Somebody has a newer configuration while this server looks for a leader: it looks again, among those. */
  #adopt(text: string): void {
    if (!this.#o.config.reconfigEnabled) return;
    const config = this.#read(text);
    if (config === undefined || this.#activate(config) === undefined) return;
    void this.#look();
  }

  #begin({ vote: { leader }, state }: ElectionResult): Term {
    const common = {
      server: this.#o,
      replica: this.#replica,
      epochs: this.#epochs,
      treeOptions: this.#treeOptions,
      sid: this.#sid,
      sessionPasswordKey: this.#sessionPasswordKey,
      quorum: () => this.#membership.current,
      clientPort: () => this.#listener?.address.port ?? -1,
      onEstablished: (epoch: number) => {
        this.#isTrusted = true;
        this.#figures.established(state === ServerState.LEADING);
        // It came with the tree of the leader, who may say something else.
        if (!this.#o.config.reconfigEnabled) this.#writeConfig();
        this.#elections.established(epoch);
      },
    };
    this.#o.logger.info({ leader, state: stateNames[state] }, 'a leader is found');
    if (state === ServerState.LEADING)
      return new Leading({
        ...common,
        initialCounter: this.#o.initialCounter?.() ?? 0,
        addresses: this.#listenAddresses,
        config: this.#membership.current,
        lastSeenConfig: this.#membership.proposed,
        withVersion: (config, version) => (config as QuorumConfig).withVersion(version),
        onDisloyalVoter: () => this.#figures.quitsLeading(),
        mayLead: (config) => this.#membership.mayLead(config as QuorumConfig),
        onProposed: (config) => this.#propose(config),
        onConfig: (config) => void this.#activate(config as QuorumConfig),
      });
    const isObserver = state === ServerState.OBSERVING;
    return new Following({
      ...common,
      isObserver,
      leader: isObserver
        ? this.#master!
        : { sid: leader, addresses: this.#membership.current.servers.get(leader)?.addresses ?? [] },
      dialAttemptsMax: isObserver && !this.#master!.isLast ? MASTER_DIALS_MAX : DIALS_MAX,
      observerAddresses: isObserver ? [] : this.#observerAddresses,
      config: () => ({
        version: this.#membership.current.version,
        newest: (this.#membership.proposed ?? this.#membership.current).toString(),
      }),
      configVersion: this.#membership.current.version,
      onProposed: (text) => {
        const config = this.#read(utf8Decode(text, 0, text.length) ?? '');
        if (config !== undefined) this.#propose(config);
      },
      onActivated: (text, designatedLeader) => {
        const config = this.#read(utf8Decode(text, 0, text.length) ?? '');
        if (config === undefined) return 'its configuration cannot be read';
        const before = this.#activate(config);
        if (before === undefined) return undefined;
        return this.#membership.reasonToLeave(before, { leader, isObserver }, designatedLeader);
      },
    });
  }

  /** To whom this observer turns now. So that not all come at once, each waits first, where the operator wants that. */
  async #findMaster(leader: number): Promise<void> {
    this.#master = this.#masters.next(this.#membership.current, leader);
    if (this.#master.isLast) await this.#waitUpTo(this.#ensemble.observerReconnectDelayMs);
  }

  /** A random time; none where this server is stopped. */
  #waitUpTo(maxMs: number): Promise<void> {
    const { clock, random } = this.#o.runtime;
    if (maxMs <= 0 || this.#isClosing) return Promise.resolve();
    return new Promise((resolve) => {
      this.#endWait = resolve;
      clock.after(random.below(Math.min(maxMs, WAIT_MAX_MS)), resolve);
    });
  }

  /** What another member says of the ensemble; undefined where it makes no sense. */
  #read(text: string): QuorumConfig | undefined {
    try {
      return QuorumConfig.parse(text, this.#rules);
    } catch (error) {
      this.#o.logger.error({ error: toError(error) }, 'a configuration from another member cannot be read');
      return undefined;
    }
  }

  #propose(config: QuorumConfig): void {
    if (this.#membership.propose(config)) this.#configure();
  }

  /** Returns the configuration before; undefined where it is in force already. */
  #activate(config: QuorumConfig): QuorumConfig | undefined {
    const before = this.#membership.activate(config);
    if (before === undefined) return undefined;
    this.#o.logger.info({ version: config.version.toString(16) }, 'a configuration is in force');
    this.#configure();
    this.#writeConfig();
    this.#moveClientPort();
    return before;
  }

  /** Tells the election. A port that cannot be had there is as bad as at the start. */
  #configure(): void {
    this.#elections
      .config(this.#membership.current, this.#membership.proposed)
      .catch((error: unknown) => this.#stopAtOnce(error));
  }

  /** Where no transaction says it, each member writes the configuration into its tree for itself. */
  #writeConfig(): void {
    const { current } = this.#membership;
    const { clock } = this.#o.runtime;
    if (current.version !== 0 && this.#replica.tree.configZxid === current.version) return;
    this.#replica.tree.setConfig(textToBytes(current.toString()), toZxid(current.version), clock.now());
  }

  /** Clients that are connected stay so. */
  #moveClientPort(): void {
    const { clientAddress } = this.#membership;
    if (
      clientAddress === undefined ||
      formatHostAndPort(clientAddress) === formatHostAndPort(this.#clientAddress)
    )
      return;
    this.#clientAddress = clientAddress;
    this.#moving = this.#moving.then(() => this.#listenAt(clientAddress));
  }

  async #listenAt({ host, port }: HostAndPort): Promise<void> {
    const { config, transport, logger } = this.#o;
    if (this.#isClosing) return;
    try {
      // First, for it may be the same port.
      await this.#listener?.close();
      this.#listener = await transport.listen({ ...clientListenOptions(config), host, port }, (link) =>
        this.#accept(link),
      );
      logger.info({ host, port }, 'clients connect here from now on');
    } catch (error) {
      logger.error({ host, port, error: toError(error) }, 'clients cannot connect any more');
    }
  }

  get #listenAddresses(): readonly Address[] {
    const own = this.#membership.current.servers.get(this.#sid);
    return (own?.addresses ?? []).map(({ host, port }) => ({
      host: this.#ensemble.quorumListenOnAllIPs ? ANY_HOST : host,
      port,
    }));
  }

  /** Where observers find this server while it follows. */
  get #observerAddresses(): readonly Address[] {
    const { observerMasterPort: port } = this.#ensemble;
    if (port === 0) return [];
    const hosts = new Set(this.#listenAddresses.map(({ host }) => host));
    return Array.from(hosts, (host) => ({ host, port }));
  }

  async #close(): Promise<void> {
    const { storage, logger } = this.#o;
    this.#isClosing = true;
    this.#endWait();
    this.#purge?.cancel();
    await this.#moving;
    await this.#listener?.close();
    await closeListeners(this.#otherListeners);
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
    void closeListeners(this.#otherListeners);
    void this.#elections.close();
    this.#fail(error);
  }
}

/** The oracle of two is not asked while the other one follows (QuorumOracleMaj.updateNeedOracle): then both must agree. */
function rulesOf(rules: QuorumRules, isFollowed: () => boolean): QuorumRules {
  const { oracle } = rules;
  return oracle === undefined ? rules : { ...rules, oracle: () => !isFollowed() && oracle() };
}

function under(rules: QuorumRules, config: QuorumConfig): QuorumConfig {
  return config.rules === rules ? config : QuorumConfig.parse(config.toString(), rules);
}

const stateNames = ['looking', 'following', 'leading', 'observing'] as const;
const ANY_HOST = '0.0.0.0';
/** How often one that must be there is dialled, and one in whose place another will do. */
const DIALS_MAX = 12;
const MASTER_DIALS_MAX = 2;
/** What a timer can hold, about 24 days. */
const WAIT_MAX_MS = 2 ** 31 - 1;
/** Milliseconds without a leader, at least (QuorumPeer.run). */
const READ_ONLY_AFTER_MS = 2000;
/** The zxid of a server that has no data it may stand for. */
const NO_DATA = -1;

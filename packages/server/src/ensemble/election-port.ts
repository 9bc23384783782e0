import { Election, type ElectionOutput, type Vote } from '@corral/election';
import type { HostAndPort, QuorumConfig, ServerState } from '@corral/protocol';
import type { Clock, Logger, Timer } from '@corral/runtime';
import type { Listener, Transport } from '@corral/transport';
import { listenForElections } from './election-listener.ts';
import { ElectionMesh, electionAddressesOf } from './election-mesh.ts';
import { Stepper } from './stepper.ts';

export interface ElectionPortOptions {
  /** This server's id; a member of `config` or of `lastSeen`. */
  readonly sid: number;
  readonly config: QuorumConfig;
  /** A configuration that is proposed and not committed. */
  readonly lastSeen: QuorumConfig | undefined;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds until a dial is given up (`cnxTimeout`, 5000). */
  readonly dialTimeoutMs: number;
  /** Milliseconds a connection may take to say who it is (`quorumCnxnTimeoutMs`). */
  readonly greetingTimeoutMs: number;
  /** How often the port is tried; 0 is for ever (`electionPortBindRetry`, 3). */
  readonly bindAttemptsMax: number;
  /** `quorumListenOnAllIPs`. */
  readonly listensOnAllAddresses: boolean;
  /** `multiAddress.enabled`. */
  readonly isMultiAddress: boolean;
  /** `tcpKeepAlive`. */
  readonly keepAlive: boolean;
  /** `fastleader.minNotificationInterval`, 200. */
  readonly minNotificationIntervalMs: number;
  /** `fastleader.maxNotificationInterval`, 60000. */
  readonly maxNotificationIntervalMs: number;
  /** `reconfigEnabled`. */
  readonly isReconfigEnabled: boolean;
  /** While this server leads, a voter looks for a leader; it may have been on its way when it elected this one. */
  readonly onVoterLooks: (sid: number) => void;
  /** While this server looks, somebody has a newer configuration: {@link ElectionPort.config}, if it can be read, then look again. */
  readonly onNewerConfig: (text: string, from: number) => void;
}

/** What a server looks for a leader with. */
export interface ElectionLook {
  readonly isParticipant: boolean;
  /** The newest in its log; -1 where it has no data it may trust. */
  readonly lastZxid: number;
  readonly epoch: number;
  /** Whom a reconfiguration has named to lead. */
  readonly designatedLeader?: number | undefined;
}

export interface ElectionResult {
  readonly vote: Vote;
  readonly state: ServerState;
}

/**
 * A server's part in elections: it listens, dials the others, looks for a leader when it is told to, and answers those who
 * look at all other times.
 */
export class ElectionPort {
  readonly #o: ElectionPortOptions;
  readonly #election: Election;
  readonly #stepper: Stepper<Parameters<Election['step']>[0], ElectionOutput>;
  readonly #mesh: ElectionMesh;
  #voters: ReadonlySet<number>;
  #listeners: readonly Listener[] = [];
  #listensAt = '';
  /** One after another. */
  #listening: Promise<void> = Promise.resolve();
  #alarm: Timer | undefined = undefined;
  #look: PromiseWithResolvers<ElectionResult | undefined> | undefined = undefined;
  #isClosed = false;

  /** Resolves when it listens. @throws TransportError where no port can be had */
  static async open(options: ElectionPortOptions): Promise<ElectionPort> {
    const port = new ElectionPort(options);
    await port.#listen(options.config, options.lastSeen);
    return port;
  }

  private constructor(options: ElectionPortOptions) {
    this.#o = options;
    const { sid, config, lastSeen } = options;
    this.#voters = votersOf(config, lastSeen);
    this.#election = new Election({
      sid,
      config,
      lastSeen,
      isReconfigEnabled: options.isReconfigEnabled,
      minNotificationIntervalMs: options.minNotificationIntervalMs,
      maxNotificationIntervalMs: options.maxNotificationIntervalMs,
    });
    this.#stepper = new Stepper(
      this.#election,
      (output) => this.#perform(output),
      () => {},
    );
    this.#mesh = new ElectionMesh(
      {
        ...options,
        isWanted: (other) => this.#look !== undefined && this.#voters.has(other),
        onNotification: (from, notification) =>
          this.#stepper.step({ kind: 'notification', now: this.#now, from, notification }),
        onRefused: (other) => this.#stepper.step({ kind: 'refused', sid: other }),
      },
      config,
      lastSeen,
    );
  }

  /** Where it listens; the ports are the real ones where 0 was asked for. */
  get addresses(): readonly HostAndPort[] {
    return this.#listeners.map(({ address }) => address);
  }

  get round(): number {
    return this.#election.round;
  }

  /** What it proposes, or has settled for; undefined before the first look. */
  get vote(): Vote | undefined {
    return this.#election.vote;
  }

  /**
   * Looks for a leader. To look again meanwhile begins a new round; both end with its outcome. Undefined where the port is
   * closed first.
   */
  look(look: ElectionLook): Promise<ElectionResult | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    this.#look ??= Promise.withResolvers();
    const { promise } = this.#look;
    this.#stepper.step({ kind: 'look', now: this.#now, ...look });
    return promise;
  }

  /** The leader's new epoch is known here: a learner is up to date with it, a leader serves in it. */
  established(epoch: number): void {
    this.#stepper.step({ kind: 'established', epoch });
  }

  /** What the oracle of an ensemble of two has said. */
  oracle(isGranted: boolean): void {
    this.#stepper.step({ kind: 'oracle', now: this.#now, isGranted });
  }

  /**
   * Another configuration. A server that looks counts by it from its next look on. Resolves when it listens where it says.
   *
   * @throws TransportError where that port cannot be had
   */
  async config(config: QuorumConfig, lastSeen?: QuorumConfig): Promise<void> {
    this.#voters = votersOf(config, lastSeen);
    this.#mesh.configure(config, lastSeen);
    this.#stepper.step({ kind: 'config', config, lastSeen });
    await this.#listen(config, lastSeen);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#alarm?.cancel();
    this.#mesh.close();
    this.#look?.resolve(undefined);
    this.#look = undefined;
    await this.#stopListening();
    await this.#listening;
    await this.#stopListening();
  }

  get #now(): number {
    return this.#o.clock.monotonic();
  }

  #listen(config: QuorumConfig, lastSeen: QuorumConfig | undefined): Promise<void> {
    const listening = this.#listening.then(() => this.#listenAnew(config, lastSeen));
    this.#listening = listening.catch(() => {});
    return listening;
  }

  /** Where nothing has changed, nothing happens. A server that is in no configuration any more goes on where it listens. */
  async #listenAnew(config: QuorumConfig, lastSeen: QuorumConfig | undefined): Promise<void> {
    const own = electionAddressesOf(config, lastSeen, this.#o.sid);
    const addresses = this.#o.listensOnAllAddresses ? onAllAddresses(own) : distinct(own);
    const listensAt = addresses.map(({ host, port }) => `${host} ${port}`).join();
    if (this.#isClosed || addresses.length === 0 || listensAt === this.#listensAt) return;
    await this.#stopListening();
    const options = { ...this.#o, isWanted: () => !this.#isClosed };
    this.#listeners = await listenForElections(options, addresses, this.#mesh.accept);
    this.#listensAt = listensAt;
  }

  async #stopListening(): Promise<void> {
    const listeners = this.#listeners;
    this.#listeners = [];
    this.#listensAt = '';
    await Promise.all(listeners.map((listener) => listener.close()));
  }

  #perform(output: ElectionOutput): void {
    switch (output.kind) {
      case 'send':
        this.#mesh.send(output.to, output.notification);
        break;
      case 'connectAll':
        this.#mesh.connectAll();
        break;
      case 'wake':
        this.#wakeAt(output.at);
        break;
      case 'elected':
        this.#alarm?.cancel();
        this.#look?.resolve({ vote: output.vote, state: output.state });
        this.#look = undefined;
        break;
      case 'voterLooks':
        this.#o.onVoterLooks(output.sid);
        break;
      case 'newerConfig':
        this.#o.onNewerConfig(output.text, output.from);
        break;
      case 'note':
        this.#o.logger[output.level]({ sid: this.#o.sid }, output.text);
        break;
    }
  }

  #wakeAt(at: number): void {
    this.#alarm?.cancel();
    this.#alarm = this.#o.clock.after(Math.max(0, at - this.#now), () => {
      if (this.#isClosed) return;
      this.#stepper.step({ kind: 'tick', now: Math.max(at, this.#now), isDelivered: this.#mesh.isDelivered });
    });
  }
}

function votersOf(config: QuorumConfig, lastSeen: QuorumConfig | undefined): ReadonlySet<number> {
  return new Set([...config.voters, ...(lastSeen?.voters ?? [])]);
}

function onAllAddresses(addresses: readonly HostAndPort[]): readonly HostAndPort[] {
  return distinct(addresses.map(({ port }) => ({ host: '0.0.0.0', port })));
}

function distinct(addresses: readonly HostAndPort[]): readonly HostAndPort[] {
  return addresses.filter(
    ({ host, port }, at) => addresses.findIndex((one) => one.host === host && one.port === port) === at,
  );
}

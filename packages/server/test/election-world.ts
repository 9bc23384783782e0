import { JuteWriter } from '@corral/jute';
import {
  type HostAndPort,
  type Notification,
  NOTIFICATION_VERSION,
  QuorumConfig,
  readNotification,
  ServerState,
  writeInitialMessage,
  writeNotification,
} from '@corral/protocol';
import type { LogFields, Logger } from '@corral/runtime';
import { simulatedRuntime, type SimulatedRuntime } from '@corral/runtime/simulated';
import type { Connection, Transport } from '@corral/transport';
import { memoryNetwork, type MemoryNetwork, type NetworkFaults } from '@corral/transport/memory';
import { type ElectionLook, ElectionPort, type ElectionResult } from '../src/ensemble/election-port.ts';

/** Election ports of an ensemble whose server N is on host `sN`, and strangers that speak their bytes by hand. */
export class ElectionWorld {
  readonly runtime: SimulatedRuntime;
  readonly network: MemoryNetwork;
  readonly ports = new Map<number, ElectionPort>();
  readonly results = new Map<number, ElectionResult>();
  readonly lines: string[] = [];
  readonly voterLooks: string[] = [];

  constructor(seed = 1, faults: NetworkFaults = {}) {
    this.runtime = simulatedRuntime({ seed });
    const { clock, random } = this.runtime;
    this.network = memoryNetwork({ clock, random, faults });
  }

  async open(sid: number, config: QuorumConfig, more: Partial<Parameters<typeof ElectionPort.open>[0]> = {}) {
    const port = await this.run(
      ElectionPort.open({
        sid,
        config,
        lastSeen: undefined,
        transport: this.transport(sid),
        clock: this.runtime.clock,
        logger: this.#logger(),
        dialTimeoutMs: 5000,
        greetingTimeoutMs: 5000,
        bindAttemptsMax: 3,
        listensOnAllAddresses: false,
        isMultiAddress: false,
        keepAlive: false,
        isReconfigEnabled: true,
        minNotificationIntervalMs: 200,
        maxNotificationIntervalMs: 60_000,
        onVoterLooks: (voter) => void this.voterLooks.push(`${sid} < ${voter}`),
        onNewerConfig: () => {},
        ...more,
      }),
    );
    this.ports.set(sid, port);
    return port;
  }

  look(sid: number, look: Partial<ElectionLook> = {}): void {
    this.results.delete(sid);
    void this.port(sid)
      .look({ isParticipant: true, lastZxid: 0, epoch: 0, ...look })
      .then((result) => result !== undefined && this.results.set(sid, result));
  }

  /** Opens them and lets them look. */
  async start(sids: readonly number[], config: QuorumConfig): Promise<void> {
    for (const sid of sids) await this.open(sid, config);
    for (const sid of sids) this.look(sid);
  }

  /** As a kill -9: nothing of it is left, and its connections end. */
  async kill(sid: number): Promise<void> {
    const port = this.port(sid);
    this.ports.delete(sid);
    this.results.delete(sid);
    await this.run(port.close());
  }

  /** `3: 1 2 3` where 3 leads and all of these say so; those that look are left out. */
  get outcome(): string {
    const byLeader = Map.groupBy(this.results, ([, { vote }]) => vote.leader);
    return [...byLeader]
      .map(([leader, of]) => {
        const isLed = this.results.get(leader)?.state === ServerState.LEADING;
        return `${isLed ? leader : `(${leader})`}: ${of
          .map(([sid]) => sid)
          .toSorted((a, b) => a - b)
          .join(' ')}`;
      })
      .join(', ');
  }

  port(sid: number): ElectionPort {
    const port = this.ports.get(sid);
    if (port === undefined) throw new Error(`server ${sid} is not there`);
    return port;
  }

  transport(sid: number): Transport {
    return this.network.transport(`s${sid}`);
  }

  pass(ms: number): Promise<void> {
    return this.runtime.clock.advanceAsync(ms);
  }

  run<T>(promise: Promise<T>): Promise<T> {
    return this.runtime.clock.until(promise);
  }

  /** A connection to a server's election port, from wherever. */
  async dial(to: number, from = 'elsewhere'): Promise<ElectionCaller> {
    const caller = new ElectionCaller();
    const options = { host: `s${to}`, port: ELECTION_PORT, timeoutMs: 1000 };
    caller.connection = await this.run(this.network.transport(from).connect(options, () => caller));
    return caller;
  }

  /** A port at which connections are taken and read. */
  async listen(host: string, port = ELECTION_PORT): Promise<ElectionCaller[]> {
    const callers: ElectionCaller[] = [];
    await this.run(
      this.network.transport(host).listen({ host: '0.0.0.0', port }, (connection) => {
        const caller = new ElectionCaller();
        caller.connection = connection;
        callers.push(caller);
        return caller;
      }),
    );
    return callers;
  }

  #logger(): Logger {
    const write = (_: LogFields, message: string): void => void this.lines.push(message);
    const logger: Logger = {
      isEnabled: () => true,
      trace: write,
      debug: write,
      info: write,
      warn: (fields, message) => write(fields, `${message}: ${fields['reason'] ?? ''}`),
      error: (fields, message) => write(fields, `${message}: ${fields['reason'] ?? ''}`),
      child: () => logger,
    };
    return logger;
  }
}

/** The other end of an election connection, byte by byte. */
export class ElectionCaller {
  connection!: Connection;
  isClosed = false;
  #received: number[] = [];

  onData(chunk: Uint8Array): void {
    this.#received.push(...chunk);
  }

  onDrain(): void {}

  onClose(): void {
    this.isClosed = true;
  }

  get received(): Uint8Array {
    return Uint8Array.from(this.#received);
  }

  greet(sid: number | undefined, address: HostAndPort = { host: 'elsewhere', port: 9 }): this {
    const w = new JuteWriter();
    writeInitialMessage(w, { sid, addresses: [address] }, false);
    this.connection.write(w.take());
    return this;
  }

  write(bytes: Uint8Array): this {
    this.connection.write(bytes);
    return this;
  }

  say(notification: Partial<Notification>): this {
    return this.write(frame(notificationBytes(notification)));
  }

  /** What was said to it. */
  heard(): readonly Notification[] {
    const bytes = this.received;
    const view = new DataView(bytes.buffer);
    const heard: Notification[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = at + 4 + view.getInt32(at);
      heard.push(readNotification(bytes.subarray(at + 4, end)));
      at = end;
    }
    return heard;
  }
}

export function notificationBytes(notification: Partial<Notification>): Uint8Array {
  const w = new JuteWriter();
  writeNotification(w, {
    state: ServerState.LOOKING,
    leader: 0,
    zxid: 0,
    electionEpoch: 1,
    peerEpoch: 0,
    version: NOTIFICATION_VERSION,
    config: '',
    ...notification,
  });
  return w.take();
}

export function frame(payload: Uint8Array): Uint8Array {
  const framed = new Uint8Array(4 + payload.length);
  new DataView(framed.buffer).setInt32(0, payload.length);
  framed.set(payload, 4);
  return framed;
}

export function ensembleOf(
  voters: readonly number[],
  observers: readonly number[] = [],
  version = 0,
): QuorumConfig {
  const line = (sid: number, role: string) => `server.${sid}=s${sid}:2888:${ELECTION_PORT}:${role}`;
  return QuorumConfig.parse(
    [
      ...voters.map((sid) => line(sid, 'participant')),
      ...observers.map((sid) => line(sid, 'observer')),
      `version=${version.toString(16)}`,
    ].join('\n'),
  );
}

export const ELECTION_PORT = 3888;

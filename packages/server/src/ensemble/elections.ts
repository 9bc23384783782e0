import type { QuorumConfig } from '@corral/protocol';
import type { ServerOptions } from '../server.ts';
import { ElectionPort } from './election-port.ts';

/** What a member finds its leader with. */
export type Elections = Pick<ElectionPort, 'look' | 'established' | 'config' | 'oracle' | 'close'>;

export interface ElectionsOptions {
  readonly server: ServerOptions;
  readonly sid: number;
  readonly config: QuorumConfig;
  readonly lastSeen: QuorumConfig | undefined;
  /** While this server looks, somebody has a newer configuration. */
  readonly onNewerConfig: (text: string, from: number) => void;
  /** While this server leads, a voter looks for a leader. */
  readonly onVoterLooks: (sid: number) => void;
}

/** Resolves when it listens. @throws TransportError where no port can be had */
export function openElections(options: ElectionsOptions): Promise<Elections> {
  const { server, sid, config, lastSeen, onNewerConfig, onVoterLooks } = options;
  const { tickTime, ensemble } = server.config;
  const { cnxTimeout, quorumCnxnTimeoutMs, syncLimit, fastLeaderElection, multiAddress } = ensemble!;
  return ElectionPort.open({
    sid,
    config,
    lastSeen,
    transport: server.transport,
    clock: server.runtime.clock,
    logger: server.logger,
    dialTimeoutMs: cnxTimeout,
    greetingTimeoutMs: quorumCnxnTimeoutMs === -1 ? tickTime * syncLimit : quorumCnxnTimeoutMs,
    bindAttemptsMax: ensemble!.electionPortBindRetry,
    listensOnAllAddresses: ensemble!.quorumListenOnAllIPs,
    isMultiAddress: multiAddress.enabled,
    isReconfigEnabled: server.config.reconfigEnabled,
    keepAlive: ensemble!.tcpKeepAlive,
    minNotificationIntervalMs: fastLeaderElection.minNotificationInterval,
    maxNotificationIntervalMs: fastLeaderElection.maxNotificationInterval,
    onVoterLooks,
    onNewerConfig,
  });
}

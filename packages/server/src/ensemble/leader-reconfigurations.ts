import type { Reconfigurations } from '@corral/datatree';
import { ErrorCode, QuorumConfig, reconfigure, type ReconfigRequest, type Zxid } from '@corral/protocol';
import type { Logger } from '@corral/runtime';
import type { Leader } from '@corral/zab';
import { textToBytes } from './text-to-bytes.ts';

/** What a leader makes of requests for another configuration, one after another (PrepRequestProcessor, `reconfig`). */
export class LeaderReconfigurations implements Reconfigurations {
  readonly #leader: Pick<Leader, 'config' | 'isQuorumSynced'>;
  readonly #logger: Logger;
  readonly #onProposed: (config: QuorumConfig) => void;
  #planned: QuorumConfig | undefined = undefined;
  #proposed: QuorumConfig | undefined = undefined;

  /** @param onProposed is told before the proposal leaves this server, and returns when it is kept */
  constructor(
    leader: Pick<Leader, 'config' | 'isQuorumSynced'>,
    logger: Logger,
    onProposed: (config: QuorumConfig) => void,
  ) {
    this.#leader = leader;
    this.#logger = logger;
    this.#onProposed = onProposed;
  }

  plan(request: ReconfigRequest, zxid: Zxid): Uint8Array | ErrorCode {
    const current = this.#leader.config as QuorumConfig;
    if (this.#proposed !== undefined && this.#proposed.version > current.version)
      return ErrorCode.RECONFIGINPROGRESS;
    if (request.curConfigId !== ANY_VERSION && request.curConfigId !== current.version)
      return ErrorCode.BADVERSION;
    const next = reconfigure(current, request, zxid);
    if (!(next instanceof QuorumConfig)) {
      this.#logger.warn({ code: next.code }, next.reason);
      return next.code;
    }
    if (!this.#leader.isQuorumSynced(next)) return ErrorCode.NEWCONFIGNOQUORUM;
    this.#planned = next;
    return textToBytes(next.toString());
  }

  accept(): void {
    this.#proposed = this.#planned!;
    this.#onProposed(this.#proposed);
  }

  /** The configuration that the transaction of this zxid brings, where it brings one. */
  at(zxid: Zxid): QuorumConfig | undefined {
    return this.#proposed?.version === zxid ? this.#proposed : undefined;
  }
}

const ANY_VERSION = -1;

import type { Identity, Txn, Zxid } from '@corral/protocol';
import type { AuthProviders } from './auth-providers.ts';
import type { DataTree } from './data-tree.ts';

export interface PreparationOptions {
  readonly skipAcl: boolean;
  readonly enforceQuota: boolean;
  /** Paths of the ephemerals in closeSession transactions (`zookeeper.closeSessionTxn.enabled`). */
  readonly closeSessionTxnEnabled: boolean;
  readonly reconfigEnabled: boolean;
  /** The longest transaction that can be read back, in bytes: `jute.maxbuffer` plus extrasize. */
  readonly txnBytesMax: number;
  readonly providers: AuthProviders;
}

/** Who asks, and what the transaction will be stamped with. One object may serve all requests. */
export interface RequestContext {
  readonly sessionId: bigint;
  readonly cxid: number;
  readonly zxid: Zxid;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly identities: readonly Identity[];
  /** What the session check says, as an `ErrorCode`; 0 is well. Reported at the place Apache checks it. */
  readonly sessionError: number;
}

/**
 * Turns requests into transactions (PrepRequestProcessor): checks them against the tree and all that is prepared
 * but not yet applied. A request that fails is a transaction too: of type -1, with its code.
 */
export class Preparation {
  constructor(_tree: DataTree, _options: PreparationOptions) {}

  /** Transactions prepared that `committed` has not named yet have left this many records. */
  get pendingCount(): number {
    throw new Error('unwritten');
  }

  /**
   * @param type the request's `OpCode`
   * @param request its decoded record; the operations of a multi; a CreateSessionTxn or null for -10 and -11
   */
  prepare(_type: number, _request: unknown, _context: RequestContext): Txn {
    throw new Error('unwritten');
  }

  /** The transaction of a request that failed before it could be prepared, for instance undecodable. */
  prepareError(_error: number, _context: RequestContext): Txn {
    throw new Error('unwritten');
  }

  /** The transaction has been applied to the tree: forget what was remembered for it and those before. */
  committed(_zxid: Zxid): void {
    throw new Error('unwritten');
  }
}

import { JuteWriter } from '@corral/jute';
import {
  Acl,
  CreateRequest,
  CreateSessionTxn,
  CreateTTLRequest,
  DeleteRequest,
  decodeTxn,
  encodeTxn,
  type Identity,
  type MultiOp,
  OPEN_ACL_UNSAFE,
  OpCode,
  SetACLRequest,
  SetDataRequest,
  type Txn,
  type Zxid,
} from '@corral/protocol';
import {
  authProviders,
  type ChangeObserver,
  DataTree,
  type DataTreeOptions,
  digestProvider,
  ipProvider,
  type Outcome,
  Preparation,
  type PreparableRequest,
  type PreparationOptions,
} from '../src/index.ts';

export const TREE_OPTIONS: DataTreeOptions = {
  digestEnabled: true,
  hashSeed: [0x0123_4567, 0x89ab_cdef],
  extendedTypesEnabled: true,
  emulate353TTLNodes: false,
};

export const PREPARATION_OPTIONS: PreparationOptions = {
  skipAcl: false,
  enforceQuota: false,
  closeSessionTxnEnabled: true,
  reconfigEnabled: false,
  txnBytesMax: 2 * 0xfffff,
  providers: authProviders(ipProvider, digestProvider),
};

/** Who asks, and when. */
export interface Asker {
  readonly sessionId?: bigint;
  readonly identities?: readonly Identity[];
  readonly time?: number;
  readonly sessionError?: number;
}

/** A tree and its preparation, with the log between them as bytes: what a standalone server does with them. */
export class Replica {
  readonly tree: DataTree;
  readonly preparation: Preparation;
  observer: ChangeObserver | undefined = undefined;
  /** Every transaction prepared, as the log would hold it. */
  readonly log: Uint8Array[] = [];
  /** Prepared and not applied. */
  readonly inFlight: Txn[] = [];
  #zxid: number;
  #time = 1_700_000_000_000;

  constructor(options: Partial<DataTreeOptions & PreparationOptions> = {}, tree?: DataTree) {
    this.tree = tree ?? new DataTree({ ...TREE_OPTIONS, ...options });
    this.preparation = new Preparation(this.tree, { ...PREPARATION_OPTIONS, ...options });
    this.#zxid = this.tree.lastProcessedZxid;
  }

  prepare(type: number, request: PreparableRequest, asker: Asker = {}): Txn {
    const txn = this.preparation.prepare(type, request, {
      sessionId: asker.sessionId ?? 1n,
      cxid: 1,
      zxid: ++this.#zxid as Zxid,
      time: asker.time ?? this.#time++,
      identities: asker.identities ?? [],
      sessionError: asker.sessionError ?? 0,
    });
    const w = new JuteWriter();
    encodeTxn(w, txn);
    this.log.push(w.copy());
    this.inFlight.push(decodeTxn(w.copy()));
    return txn;
  }

  /** Applies the oldest that is in flight. */
  applyNext(): Outcome {
    const txn = this.inFlight.shift()!;
    const outcome = this.tree.apply(txn, this.observer);
    this.preparation.committed(txn.header.zxid);
    return outcome;
  }

  applyAll(): void {
    while (this.inFlight.length > 0) this.applyNext();
  }

  /** Prepares and applies; the outcome. */
  do(type: number, request: PreparableRequest, asker?: Asker): Outcome {
    this.prepare(type, request, asker);
    let outcome = this.applyNext();
    while (this.inFlight.length > 0) outcome = this.applyNext();
    return outcome;
  }

  create(path: string, data: string | null = '', flags = 0, asker?: Asker, acl: Acl[] = open()): Outcome {
    return this.do(OpCode.create2, new CreateRequest(path, bytes(data), acl, flags), asker);
  }

  createTtl(path: string, ttl: number, asker?: Asker): Outcome {
    return this.do(OpCode.createTTL, new CreateTTLRequest(path, null, open(), 5, ttl), asker);
  }

  createContainer(path: string): Outcome {
    return this.do(OpCode.createContainer, new CreateRequest(path, null, open(), 4));
  }

  delete(path: string, version = -1, asker?: Asker): Outcome {
    return this.do(OpCode.delete, new DeleteRequest(path, version), asker);
  }

  setData(path: string, data: string | null, version = -1, asker?: Asker): Outcome {
    return this.do(OpCode.setData, new SetDataRequest(path, bytes(data), version), asker);
  }

  setAcl(path: string, acl: Acl[], version = -1, asker?: Asker): Outcome {
    return this.do(OpCode.setACL, new SetACLRequest(path, acl, version), asker);
  }

  multi(ops: readonly MultiOp[], asker?: Asker): Outcome {
    return this.do(OpCode.multi, ops, asker);
  }

  openSession(sessionId: bigint, timeout = 10_000): Outcome {
    return this.do(OpCode.createSession, new CreateSessionTxn(timeout), { sessionId });
  }

  closeSession(sessionId: bigint): Outcome {
    return this.do(OpCode.closeSession, null, { sessionId });
  }

  data(path: string): string | null {
    const data = this.tree.data(this.tree.find(path));
    return data === null ? null : new TextDecoder().decode(data);
  }
}

export function open(): Acl[] {
  return OPEN_ACL_UNSAFE.map((acl) => new Acl(acl.perms, acl.scheme, acl.id));
}

export function bytes(text: string | null): Uint8Array | null {
  return text === null ? null : new TextEncoder().encode(text);
}

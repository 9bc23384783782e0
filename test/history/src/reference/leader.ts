import { DataTree, Preparation, type PreparableRequest } from '@corral/datatree';
import {
  Acl,
  CheckVersionRequest,
  CreateRequest,
  DeleteRequest,
  type Identity,
  type MultiOp,
  OPEN_ACL_UNSAFE,
  OpCode,
  SetACLRequest,
  SetDataRequest,
  type Txn,
  type Zxid,
} from '@corral/protocol';
import type { AclRecord, WriteOperation } from '@corral/testing';
import type { Request } from '../workload.ts';
import { providers, treeOptions } from './providers.ts';

/** Gives every write its place, at once. */
export class Leader {
  readonly txns: Txn[] = [];
  readonly #tree = new DataTree(treeOptions);
  readonly #preparation = new Preparation(this.#tree, {
    skipAcl: false,
    enforceQuota: false,
    closeSessionTxnEnabled: true,
    reconfigEnabled: false,
    txnBytesMax: 1 << 20,
    providers,
  });

  /** The zxid of the last. */
  get zxid(): number {
    return this.txns.length;
  }

  commit(request: Request, sessionId: bigint, identities: readonly Identity[], time: number): void {
    const zxid = (this.txns.length + 1) as Zxid;
    const context = { sessionId, cxid: 1, zxid, time: Math.round(time), identities, sessionError: 0 };
    const txn = this.#preparation.prepare(...prepared(request), context);
    this.#tree.apply(txn, undefined);
    this.#preparation.committed(zxid);
    this.txns.push(txn);
  }
}

function prepared(request: Request): [type: number, request: PreparableRequest] {
  switch (request.op) {
    case 'create':
    case 'delete':
    case 'setData':
    case 'check': {
      const { type, record } = part(request);
      return [type, record];
    }
    case 'setACL':
      return [OpCode.setACL, new SetACLRequest(request.path, acls(request.acl), request.version)];
    case 'multi':
      return [OpCode.multi, request.operations.map((operation) => part(operation))];
    case 'closeSession':
      return [OpCode.closeSession, null];
    default:
      throw new TypeError(`${request.op} is no write`);
  }
}

function part(write: WriteOperation): MultiOp {
  switch (write.op) {
    case 'create':
      return {
        type: OpCode.create2,
        record: new CreateRequest(
          write.path,
          text.encode(write.value),
          write.acl === undefined ? OPEN_ACL_UNSAFE : acls(write.acl),
          write.mode,
        ),
      };
    case 'delete':
      return { type: OpCode.delete, record: new DeleteRequest(write.path, write.version) };
    case 'setData':
      return {
        type: OpCode.setData,
        record: new SetDataRequest(write.path, text.encode(write.value), write.version),
      };
    default:
      return { type: OpCode.check, record: new CheckVersionRequest(write.path, write.version) };
  }
}

function acls(records: readonly AclRecord[]): Acl[] {
  return records.map(({ perms, scheme, id }) => new Acl(perms, scheme, id));
}

const text = new TextEncoder();

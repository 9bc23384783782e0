import {
  type Acl,
  type CheckVersionRequest,
  CheckVersionTxn,
  CONTAINER_EPHEMERAL_OWNER,
  CreateContainerTxn,
  type CreateRequest,
  CreateTTLRequest,
  CreateTTLTxn,
  CreateTxn,
  type DeleteContainerRequest,
  type DeleteRequest,
  DeleteTxn,
  EphemeralType,
  ErrorCode,
  isCreateMode,
  isEphemeral,
  isSequential,
  isTtl,
  isTtlValue,
  isValidPath,
  OpCode,
  Perms,
  type SetACLRequest,
  SetACLTxn,
  type SetDataRequest,
  SetDataTxn,
  sequenceSuffix,
  ttlToEphemeralOwner,
} from '@corral/protocol';
import { fixupAcl, isAllowed } from './acl.ts';
import { CONFIG_NODE, CONFIG_VERSION } from './config-node.ts';
import type { DataTree } from './data-tree.ts';
import type { PendingChanges } from './pending-changes.ts';
import {
  NO_ROW,
  type PendingRows,
  type Row,
  ROW_AVERSION,
  ROW_CHILDREN,
  ROW_CVERSION,
  ROW_DATA_LENGTH,
  ROW_KIND,
  ROW_PZXID,
  ROW_VERSION,
} from './pending-rows.ts';
import type { PreparationOptions, RequestContext } from './preparation.ts';
import { QuotaText } from './quota-text.ts';
import { isQuotaOfNothing, isQuotaStats } from './quotas.ts';
import type { TxnSize } from './txn-size.ts';

/** A transaction's record that changes or checks one node. */
export type NodeTxn =
  | CreateTxn
  | CreateContainerTxn
  | CreateTTLTxn
  | DeleteTxn
  | SetDataTxn
  | SetACLTxn
  | CheckVersionTxn;

/**
 * The requests that concern one node (PrepRequestProcessor.pRequest2Txn): each is checked in Apache's order, the
 * first failure wins, and what it will change becomes pending.
 */
export class NodeRequests {
  readonly #tree: DataTree;
  readonly #pending: PendingChanges;
  readonly #rows: PendingRows;
  readonly #size: TxnSize;
  readonly #options: PreparationOptions;

  constructor(tree: DataTree, pending: PendingChanges, size: TxnSize, options: PreparationOptions) {
    this.#tree = tree;
    this.#pending = pending;
    this.#rows = pending.rows;
    this.#size = size;
    this.#options = options;
  }

  /**
   * What is created follows from the opcode, and whether it is sequential or ephemeral from the flags. Apache
   * applies by the opcode and computes the digest by the flags, so where they disagree (a container's flags in a
   * plain create, or the reverse) it writes a digest that no tree will ever have; here there is one reading.
   */
  create(
    type: number,
    request: CreateRequest | CreateTTLRequest,
    context: RequestContext,
  ): NodeTxn | ErrorCode {
    const { flags, data } = request;
    const ttl = request instanceof CreateTTLRequest ? request.ttl : -1;
    if (!isCreateMode(flags)) return ErrorCode.BADARGUMENTS;
    if (isTtl(flags)) {
      if (!this.#tree.options.extendedTypesEnabled) return ErrorCode.UNIMPLEMENTED;
      if (!isTtlValue(ttl)) return ErrorCode.BADARGUMENTS;
    } else if (type === OpCode.createTTL) return ErrorCode.BADARGUMENTS;
    if (context.sessionError !== ErrorCode.OK) return context.sessionError as ErrorCode;
    const requested = request.path;
    if (requested === null) return ErrorCode.MARSHALLINGERROR;
    const slash = requested.lastIndexOf('/');
    if (slash < 0 || requested.includes('\0')) return ErrorCode.BADARGUMENTS;
    const acl = fixupAcl(request.acl, context.identities, this.#options.providers, this.#aclEntriesMax);
    if (typeof acl === 'number') return acl;
    const parent = this.#pending.stage(requested.slice(0, slash));
    if (parent === NO_ROW) return ErrorCode.NONODE;
    if (!this.#isAllowed(parent, Perms.CREATE, context)) return ErrorCode.NOAUTH;
    const rows = this.#rows;
    const created = rows.int(parent, ROW_CVERSION);
    const path = isSequential(flags) ? requested + sequenceSuffix(created) : requested;
    if (!isValidPath(path)) return ErrorCode.BADARGUMENTS;
    if (this.#pending.exists(path)) return ErrorCode.NODEEXISTS;
    if (rows.word(parent, ROW_KIND) === EphemeralType.NORMAL) return ErrorCode.NOCHILDRENFOREPHEMERALS;
    if (isQuotaOfNothing(path)) return ErrorCode.BADARGUMENTS;
    if (this.#exceedsQuota(path, 1, data === null ? 0 : data.length)) return ErrorCode.QUOTAEXCEEDED;

    const cversion = (created + 1) | 0;
    const { zxid } = context;
    advanceParent(rows, parent, cversion, zxid);
    this.#pending.add(parent, zxid);
    const node = this.#pending.stageNew(path, acl);
    rows.setBirth(node, zxid, context.time);
    this.#pending.setData(node, data, 0, data === null ? 0 : data.length);
    const txn = this.#createTxn(type, path, data, flags, ttl, cversion, node, acl, context);
    this.#pending.add(node, zxid);
    this.#size.add(path, data, acl);
    return txn;
  }

  /** The record of the transaction; gives `node` the owner that applying it will. */
  #createTxn(
    type: number,
    path: string,
    data: Uint8Array | null,
    flags: number,
    ttl: number,
    cversion: number,
    node: Row,
    acl: readonly Acl[],
    context: RequestContext,
  ): NodeTxn {
    if (type === OpCode.createContainer) {
      this.#rows.setOwner(node, EphemeralType.CONTAINER, CONTAINER_EPHEMERAL_OWNER);
      return new CreateContainerTxn(path, data, acl, cversion);
    }
    if (type === OpCode.createTTL) {
      this.#rows.setOwner(node, EphemeralType.TTL, ttlToEphemeralOwner(ttl));
      return new CreateTTLTxn(path, data, acl, cversion, ttl);
    }
    if (isEphemeral(flags)) this.#rows.setOwner(node, EphemeralType.NORMAL, context.sessionId);
    return new CreateTxn(path, data, acl, isEphemeral(flags), cversion);
  }

  delete(request: DeleteRequest, context: RequestContext): NodeTxn | ErrorCode {
    if (context.sessionError !== ErrorCode.OK) return context.sessionError as ErrorCode;
    const { path } = request;
    if (path === null) return ErrorCode.MARSHALLINGERROR;
    if (!isDeletable(path)) return ErrorCode.BADARGUMENTS;
    const parent = this.#pending.stage(path.slice(0, path.lastIndexOf('/')));
    if (parent === NO_ROW) return ErrorCode.NONODE;
    if (!this.#isAllowed(parent, Perms.DELETE, context)) return ErrorCode.NOAUTH;
    const node = this.#pending.stage(path);
    if (node === NO_ROW) return ErrorCode.NONODE;
    if (isOtherVersion(request.version, this.#rows.int(node, ROW_VERSION))) return ErrorCode.BADVERSION;
    if (this.#rows.word(node, ROW_CHILDREN) > 0) return ErrorCode.NOTEMPTY;
    if (isQuotaOfNothing(path)) return ErrorCode.BADARGUMENTS;
    return this.#remove(path, parent, node, context);
  }

  /**
   * The server's own way to clean up containers and TTL nodes: no session and no version. A client may send it
   * too, and Apache lets it delete any empty node that is not ephemeral, whatever the ACLs; here it is refused
   * for ordinary nodes, and a client needs DELETE on the parent as for any other.
   */
  deleteContainer(request: DeleteContainerRequest, context: RequestContext): NodeTxn | ErrorCode {
    const { path } = request;
    if (path === null) return ErrorCode.MARSHALLINGERROR;
    if (!isDeletable(path)) return ErrorCode.BADARGUMENTS;
    const rows = this.#rows;
    const parent = this.#pending.stage(path.slice(0, path.lastIndexOf('/')));
    const node = this.#pending.stage(path);
    if (node === NO_ROW) return ErrorCode.NONODE;
    if (rows.word(node, ROW_CHILDREN) > 0) return ErrorCode.NOTEMPTY;
    const kind = rows.word(node, ROW_KIND);
    if (kind !== EphemeralType.CONTAINER && kind !== EphemeralType.TTL) return ErrorCode.BADVERSION;
    if (parent === NO_ROW) return ErrorCode.NONODE;
    const isOwn = context.sessionId === 0n;
    if (!isOwn && !this.#isAllowed(parent, Perms.DELETE, context)) return ErrorCode.NOAUTH;
    return this.#remove(path, parent, node, context);
  }

  #remove(path: string, parent: Row, node: Row, context: RequestContext): NodeTxn {
    this.removeRows(parent, node, context.zxid);
    this.#size.add(path, null, null);
    return new DeleteTxn(path);
  }

  /** The end of a node, prepared; its parent was staged before it. */
  removeRows(parent: Row, node: Row, zxid: number): void {
    const rows = this.#rows;
    rows.setWord(parent, ROW_CHILDREN, rows.word(parent, ROW_CHILDREN) - 1);
    rows.setLong(parent, ROW_PZXID, zxid);
    this.#pending.add(parent, zxid);
    this.#pending.delete(node, zxid);
  }

  setData(request: SetDataRequest, context: RequestContext): NodeTxn | ErrorCode {
    if (context.sessionError !== ErrorCode.OK) return context.sessionError as ErrorCode;
    const { path, data } = request;
    if (!isValidPath(path)) return ErrorCode.BADARGUMENTS;
    const node = this.#pending.stage(path);
    if (node === NO_ROW) return ErrorCode.NONODE;
    if (!this.#isAllowed(node, Perms.WRITE, context)) return ErrorCode.NOAUTH;
    // Apache counts in this text, and dies of one that is no count (and of every restart, from then on).
    if (isQuotaStats(path) && QuotaText.parse(data) === undefined) return ErrorCode.BADARGUMENTS;
    const length = data === null ? 0 : data.length;
    if (this.#exceedsQuota(path, 0, length - this.#rows.word(node, ROW_DATA_LENGTH)))
      return ErrorCode.QUOTAEXCEEDED;
    if (isOtherVersion(request.version, this.#rows.int(node, ROW_VERSION))) return ErrorCode.BADVERSION;
    const version = (this.#rows.int(node, ROW_VERSION) + 1) | 0;
    this.#rows.setModified(node, version, context.zxid, context.time);
    this.#pending.setData(node, data, 0, length);
    this.#pending.add(node, context.zxid);
    this.#size.add(path, data, null);
    return new SetDataTxn(path, data, version);
  }

  /** What a reconfiguration makes of /zookeeper/config. */
  setConfig(text: Uint8Array, context: RequestContext): NodeTxn | ErrorCode {
    const node = this.#pending.stage(CONFIG_NODE);
    if (node === NO_ROW) return ErrorCode.NONODE;
    if (!this.#isAllowed(node, Perms.WRITE, context)) return ErrorCode.NOAUTH;
    this.#rows.setModified(node, CONFIG_VERSION, context.zxid, context.time);
    this.#pending.setData(node, text, 0, text.length);
    this.#pending.add(node, context.zxid);
    this.#size.add(CONFIG_NODE, text, null);
    return new SetDataTxn(CONFIG_NODE, text, CONFIG_VERSION);
  }

  setAcl(request: SetACLRequest, context: RequestContext): NodeTxn | ErrorCode {
    if (context.sessionError !== ErrorCode.OK) return context.sessionError as ErrorCode;
    const { path } = request;
    if (!isValidPath(path)) return ErrorCode.BADARGUMENTS;
    const acl = fixupAcl(request.acl, context.identities, this.#options.providers, this.#aclEntriesMax);
    if (typeof acl === 'number') return acl;
    const node = this.#pending.stage(path);
    if (node === NO_ROW) return ErrorCode.NONODE;
    if (!this.#isAllowed(node, Perms.ADMIN, context)) return ErrorCode.NOAUTH;
    if (isOtherVersion(request.version, this.#rows.int(node, ROW_AVERSION))) return ErrorCode.BADVERSION;
    const aversion = (this.#rows.int(node, ROW_AVERSION) + 1) | 0;
    this.#rows.setInt(node, ROW_AVERSION, aversion);
    this.#rows.setAcl(node, acl);
    this.#pending.add(node, context.zxid);
    this.#size.add(path, null, acl);
    return new SetACLTxn(path, acl, aversion);
  }

  /** Part of a multi. Its transaction says one version more than the node has, as Apache's does. */
  check(request: CheckVersionRequest, context: RequestContext): NodeTxn | ErrorCode {
    if (context.sessionError !== ErrorCode.OK) return context.sessionError as ErrorCode;
    const { path } = request;
    if (!isValidPath(path)) return ErrorCode.BADARGUMENTS;
    const node = this.#pending.stage(path);
    if (node === NO_ROW) return ErrorCode.NONODE;
    if (!this.#isAllowed(node, Perms.READ, context)) return ErrorCode.NOAUTH;
    if (isOtherVersion(request.version, this.#rows.int(node, ROW_VERSION))) return ErrorCode.BADVERSION;
    this.#size.add(path, null, null);
    return new CheckVersionTxn(path, (this.#rows.int(node, ROW_VERSION) + 1) | 0);
  }

  #isAllowed(node: Row, perms: number, context: RequestContext): boolean {
    return (
      this.#options.skipAcl ||
      isAllowed(this.#rows.acl(node), perms, context.identities, this.#options.providers)
    );
  }

  /** Against what is used now, not what will be: creates in flight may overshoot together, as in Apache. */
  #exceedsQuota(path: string, count: number, bytes: number): boolean {
    if (!this.#options.enforceQuota) return false;
    const subject = this.#tree.quotas.nearest(path);
    if (subject === undefined) return false;
    const limits = this.#tree.quotas.limits(subject);
    const usage = this.#tree.quotas.usage(subject);
    if (limits === undefined || usage === undefined) return false;
    if (count !== 0 && limits.countHardLimit > -1 && usage.count + count > limits.countHardLimit) return true;
    return bytes !== 0 && limits.byteHardLimit > -1 && usage.bytes + bytes > limits.byteHardLimit;
  }

  get #aclEntriesMax(): number {
    return this.#options.txnBytesMax / ACL_ENTRY_BYTES_MIN;
  }
}

/** What a create makes of the parent. After 2^31 - 1 of them the counter sticks: applying never moves it back. */
export function advanceParent(rows: PendingRows, parent: Row, cversion: number, zxid: number): void {
  rows.setWord(parent, ROW_CHILDREN, rows.word(parent, ROW_CHILDREN) + 1);
  if (cversion <= rows.int(parent, ROW_CVERSION)) return;
  rows.setInt(parent, ROW_CVERSION, cversion);
  rows.setLong(parent, ROW_PZXID, zxid);
}

function isOtherVersion(expected: number, actual: number): boolean {
  return expected !== -1 && expected !== actual;
}

function isDeletable(path: string): boolean {
  return path.includes('/') && !path.includes('\0') && !BUILT_IN.has(path);
}

const BUILT_IN: ReadonlySet<string> = new Set(['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config']);
const ACL_ENTRY_BYTES_MIN = 12;

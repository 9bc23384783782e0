import type { ChangeObserver, Outcome } from '@corral/datatree';
import { JuteReader } from '@corral/jute';
import {
  type Acl,
  CreateMode,
  CreateRequest,
  CreateTTLRequest,
  DeleteContainerRequest,
  ErrorCode,
  type Identity,
  isCreateMode,
  type MultiOp,
  OpCode,
  permString,
  SetACLRequest,
  type TxnHeader,
} from '@corral/protocol';
import { sessionIdToHex } from '@corral/session';
import type { AuditEvent, AuditOperation, AuditSink } from './audit.ts';
import { userName } from './auth.ts';
import type { ClientConnection } from './connection.ts';
import type { PendingWrite } from './pending-write.ts';
import type { Writes } from './role.ts';
import { isWrite, readWriteRequest, type WriteRequest } from './write-requests.ts';

/**
 * Tells an `AuditSink` of the writes of this server's own clients when they are applied, and of the ephemeral nodes that
 * go with a session (AuditHelper). It stands around what takes writes in and beside what applies them; where nobody
 * audits there is no such object.
 */
export class AuditTrail {
  readonly #sink: AuditSink;
  readonly #multiOperationsMax: number;
  readonly #reader: JuteReader;
  /** What was asked for by the writes under way. */
  readonly #asked = new Map<PendingWrite, Asked>();
  /** The request that is being taken in. */
  #taking: Asked | undefined = undefined;
  /** Deleted by the transaction being applied. */
  readonly #deleted: string[] = [];

  /** @param valueMax the longest string or buffer believed in a request, in bytes */
  constructor(sink: AuditSink, multiOperationsMax: number, valueMax: number) {
    this.#sink = sink;
    this.#multiOperationsMax = multiOperationsMax;
    this.#reader = new JuteReader(undefined, valueMax);
  }

  /** Takes requests in for `writes`, and remembers them until they are applied. */
  around(writes: Writes): Writes {
    return {
      beginTurn: () => writes.beginTurn(),
      take: (connection, bytes, start, end, xid, type, now, largeBytes) => {
        if (isAudited(type))
          this.#taking = {
            type,
            session: sessionIdToHex(connection.session!.id),
            identities: connection.identities,
            frame: bytes.slice(start, end),
          };
        try {
          return writes.take(connection, bytes, start, end, xid, type, now, largeBytes);
        } finally {
          this.#taking = undefined;
        }
      },
    };
  }

  /** The request that is being taken in has become this write. */
  expect(write: PendingWrite): void {
    if (this.#taking !== undefined) this.#asked.set(write, this.#taking);
  }

  /** Notes what is deleted, for `applied`. */
  beside(observer: ChangeObserver): ChangeObserver {
    const deleted = this.#deleted;
    return {
      isIdle: false,
      created: (path, zxid, acl, parentAcl) => observer.created(path, zxid, acl, parentAcl),
      deleted: (path, zxid, acl, parentAcl) => {
        deleted.push(path);
        observer.deleted(path, zxid, acl, parentAcl);
      },
      dataChanged: (path, zxid, acl) => observer.dataChanged(path, zxid, acl),
    };
  }

  /** A transaction has been applied; or a request has been answered without one, which is nobody's audit affair. */
  applied(header: TxnHeader | undefined, write: PendingWrite | undefined, outcome: Outcome): void {
    if (header?.type === OpCode.closeSession)
      for (const path of this.#deleted) this.#ephemeralDeleted(header.clientId, path);
    this.#deleted.length = 0;
    const asked = write === undefined ? undefined : this.#asked.get(write);
    if (asked === undefined) return;
    this.#asked.delete(write!);
    if (this.#taking !== undefined) return;
    const request = this.#read(asked);
    if (request === undefined) return;
    this.#tell(asked, write!.connection!, request, outcome);
  }

  #tell(asked: Asked, connection: ClientConnection, request: WriteRequest, outcome: Outcome): void {
    const common = {
      session: asked.session,
      user: namesOf(asked.identities),
      ip: connection.link.remote.host,
    };
    const hasFailed = outcome.type === OpCode.error || outcome.error !== ErrorCode.OK;
    if (asked.type === OpCode.multi) {
      this.#tellMulti(common, hasFailed ? undefined : outcome.results, request as readonly MultiOp[]);
      return;
    }
    const znodeType = znodeTypeOf(request);
    // Apache says nothing of a create of no kind.
    if (znodeType === '') return;
    this.#sink.log({
      ...common,
      operation: OPERATIONS.get(asked.type)!,
      znode: hasFailed ? pathIn(request) : (outcome.path ?? pathIn(request) ?? CONFIG_NODE),
      znodeType,
      acl: request instanceof SetACLRequest ? aclText(request.acl ?? []) : undefined,
      result: hasFailed ? 'failure' : 'success',
    });
  }

  /** One line for each part that changed something; one in all where a part failed. */
  #tellMulti(
    common: Pick<AuditEvent, 'session' | 'user' | 'ip'>,
    results: readonly Outcome[] | undefined,
    ops: readonly MultiOp[],
  ): void {
    if (results === undefined || results.some(({ type }) => type === OpCode.error)) {
      this.#sink.log({ ...common, operation: 'multiOperation', result: 'failure' });
      return;
    }
    // By the path asked for, as Apache does: a sequential node has another, and is shown without its type.
    const znodeTypes = new Map<string | null, string>();
    for (const { record } of ops)
      if (record instanceof CreateRequest) znodeTypes.set(record.path, CREATE_MODES[record.flags] ?? '');
    for (const [i, result] of results.entries()) {
      const operation = OPERATIONS.get(result.type);
      if (operation === undefined) continue;
      const znode = result.path ?? pathIn(ops[i]!.record);
      const znodeType = operation === 'create' ? znodeTypes.get(znode ?? null) : undefined;
      this.#sink.log({ ...common, operation, znode, znodeType, result: 'success' });
    }
  }

  #ephemeralDeleted(session: bigint, znode: string): void {
    this.#sink.log({
      session: sessionIdToHex(session),
      user: this.#sink.user,
      operation: 'ephemeralZNodeDeletionOnSessionCloseOrExpire',
      znode,
      result: 'success',
    });
  }

  /** Undefined where it cannot be read: Apache says nothing of such a request either. */
  #read({ type, frame }: Asked): WriteRequest | undefined {
    const r = this.#reader.reset(frame, REQUEST_HEADER_BYTES, frame.length);
    try {
      return readWriteRequest(type, r, this.#multiOperationsMax);
    } catch {
      return type === OpCode.multi ? [] : undefined;
    }
  }
}

/** A write, as its client asked for it. */
interface Asked {
  readonly type: number;
  readonly session: string;
  readonly identities: readonly Identity[];
  readonly frame: Uint8Array;
}

function isAudited(type: number): boolean {
  return isWrite(type) && type !== OpCode.createSession && type !== OpCode.closeSession;
}

/** Undefined where the client has shown none (AuthUtil.getUsers). */
function namesOf(identities: readonly Identity[]): string | undefined {
  const names = identities
    .map(({ scheme, id }) => userName(scheme, id ?? ''))
    .filter((name) => name.trim() !== '');
  return names.length === 0 ? undefined : names.join(',');
}

/** Undefined for what creates nothing, '' where the flags are none. */
function znodeTypeOf(request: WriteRequest): string | undefined {
  if (!(request instanceof CreateRequest || request instanceof CreateTTLRequest)) return undefined;
  return isCreateMode(request.flags) ? CREATE_MODES[request.flags] : '';
}

function pathIn(request: WriteRequest | MultiOp['record']): string | undefined {
  if (request instanceof DeleteContainerRequest || (request !== null && 'path' in request))
    return request.path ?? undefined;
  return undefined;
}

/** ZKUtil.aclToString: nothing stands between the entries. */
function aclText(acls: readonly Acl[]): string {
  return acls.map(({ scheme, id, perms }) => `${scheme}:${id}:${permString(perms)}`).join('');
}

const OPERATIONS: ReadonlyMap<number, AuditOperation> = new Map<number, AuditOperation>([
  [OpCode.create, 'create'],
  [OpCode.create2, 'create'],
  [OpCode.createContainer, 'create'],
  [OpCode.createTTL, 'create'],
  [OpCode.delete, 'delete'],
  [OpCode.deleteContainer, 'delete'],
  [OpCode.setData, 'setData'],
  [OpCode.setACL, 'setAcl'],
  [OpCode.reconfig, 'reconfig'],
]);

const CREATE_MODES: Readonly<Record<number, string>> = {
  [CreateMode.PERSISTENT]: 'persistent',
  [CreateMode.EPHEMERAL]: 'ephemeral',
  [CreateMode.PERSISTENT_SEQUENTIAL]: 'persistent_sequential',
  [CreateMode.EPHEMERAL_SEQUENTIAL]: 'ephemeral_sequential',
  [CreateMode.CONTAINER]: 'container',
  [CreateMode.PERSISTENT_WITH_TTL]: 'persistent_with_ttl',
  [CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL]: 'persistent_sequential_with_ttl',
};

const REQUEST_HEADER_BYTES = 8;
const CONFIG_NODE = '/zookeeper/config';

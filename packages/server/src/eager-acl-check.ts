import { type AuthProviders, type DataTree, fixupAcl } from '@corral/datatree';
import { JuteReader } from '@corral/jute';
import {
  CreateRequest,
  DeleteRequest,
  ErrorCode,
  type Identity,
  OpCode,
  Perms,
  SetACLRequest,
  SetDataRequest,
} from '@corral/protocol';
import type { Access } from './access.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { Writes } from './role.ts';
import type { Untransacted } from './untransacted.ts';

export interface EagerAclCheckOptions {
  readonly writes: Writes;
  readonly tree: DataTree;
  readonly access: Access;
  readonly providers: AuthProviders;
  readonly untransacted: Untransacted;
  readonly refusals: RefusalLog;
  /** The longest string or buffer believed in a request, in bytes. */
  readonly valueMax: number;
}

/**
 * The writes of an ensemble, less those whose client has no right to them as this member sees it
 * (`enableEagerACLCheck`, ZooKeeperServer.authWriteRequest): they cost no transaction. What passes is checked by the
 * leader all the same.
 */
export class EagerAclCheck implements Writes {
  readonly #o: EagerAclCheckOptions;
  readonly #reader: JuteReader;

  constructor(options: EagerAclCheckOptions) {
    this.#o = options;
    this.#reader = new JuteReader(undefined, options.valueMax);
  }

  beginTurn(): void {
    this.#o.writes.beginTurn();
  }

  take: Writes['take'] = (connection, bytes, start, end, xid, type, now, largeBytes) => {
    const { writes, untransacted, refusals } = this.#o;
    const r = this.#reader.reset(bytes, start + REQUEST_HEADER_BYTES, end);
    const error = this.#errorOf(type, r, connection.identities);
    if (error === ErrorCode.OK) return writes.take(connection, bytes, start, end, xid, type, now, largeBytes);
    refusals.note(connection, type, bytes, start, end, error);
    untransacted.answer(connection, type, xid, error, now, largeBytes);
    return true;
  };

  #errorOf(type: number, r: JuteReader, identities: readonly Identity[]): ErrorCode {
    if (!isChecked(type)) return ErrorCode.OK;
    try {
      switch (type) {
        case OpCode.create:
        case OpCode.create2: {
          const { path, acl } = CreateRequest.read(r);
          const error = this.#errorOfList(acl, identities);
          return error === ErrorCode.OK ? this.#errorAt(parentOf(path), Perms.CREATE, identities) : error;
        }
        case OpCode.delete:
          return this.#errorAt(parentOf(DeleteRequest.read(r).path), Perms.DELETE, identities);
        case OpCode.setData:
          return this.#errorAt(SetDataRequest.read(r).path, Perms.WRITE, identities);
        default: {
          const { path, acl } = SetACLRequest.read(r);
          const error = this.#errorOfList(acl, identities);
          return error === ErrorCode.OK ? this.#errorAt(path, Perms.ADMIN, identities) : error;
        }
      }
    } catch {
      // Whoever prepares it says what is wrong with it.
      return ErrorCode.OK;
    }
  }

  #errorOfList(acl: SetACLRequest['acl'], identities: readonly Identity[]): ErrorCode {
    const fixed = fixupAcl(acl, identities, this.#o.providers);
    return fixed === ErrorCode.INVALIDACL ? fixed : ErrorCode.OK;
  }

  /** A node that is not there may be on its way. */
  #errorAt(path: string | null, perms: number, identities: readonly Identity[]): ErrorCode {
    const { tree, access } = this.#o;
    const node = path === null ? 0 : tree.find(path);
    if (node === 0 || access.allows(tree.acl(node), perms, identities)) return ErrorCode.OK;
    return ErrorCode.NOAUTH;
  }
}

function isChecked(type: number): boolean {
  return (
    type === OpCode.create ||
    type === OpCode.create2 ||
    type === OpCode.delete ||
    type === OpCode.setData ||
    type === OpCode.setACL
  );
}

function parentOf(path: string | null): string | null {
  const slash = path?.lastIndexOf('/') ?? -1;
  if (slash < 0) return null;
  return slash === 0 ? '/' : path!.slice(0, slash);
}

const REQUEST_HEADER_BYTES = 8;

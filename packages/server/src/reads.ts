import { type DataTree, maskAcl, type NodeId } from '@corral/datatree';
import { type JuteReader, type JuteWriter, utf8Decode } from '@corral/jute';
import {
  AddWatchMode,
  ErrorCode,
  type Identity,
  isMultiReadOp,
  MultiHeader,
  OpCode,
  Perms,
  readMultiRequest,
  WatcherType,
  writeAcls,
} from '@corral/protocol';
import type { Access } from './access.ts';
import { writeClientInfos } from './auth.ts';
import type { ClientConnection } from './connection.ts';
import { patchError } from './reply.ts';
import type { Watching } from './watching.ts';

/**
 * Everything answered from the local tree: each straight from the bytes of the request into the bytes of the reply.
 * Paths are looked up as they lie in the request; a string is made only where a watch is kept under it.
 */
export class Reads {
  readonly #tree: DataTree;
  readonly #access: Access;
  readonly #watching: Watching;
  readonly #multiOperationsMax: number;

  constructor(tree: DataTree, access: Access, watching: Watching, multiOperationsMax: number) {
    this.#tree = tree;
    this.#access = access;
    this.#watching = watching;
    this.#multiOperationsMax = multiOperationsMax;
  }

  /**
   * Writes the body of the reply. Where the answer is an error, what was written is the caller's to take back.
   *
   * @param replyAt where the reply frame begins in `out`
   * @throws JuteError, ProtocolError where the bytes hold no such request
   */
  answer(
    connection: ClientConnection,
    type: number,
    r: JuteReader,
    identities: readonly Identity[],
    out: JuteWriter,
    replyAt: number,
  ): number {
    switch (type) {
      case OpCode.getData:
        return this.#getData(connection, r, identities, out);
      case OpCode.exists:
        return this.#exists(connection, r, identities, out);
      case OpCode.getChildren:
        return this.#getChildren(connection, r, identities, out, false);
      case OpCode.getChildren2:
        return this.#getChildren(connection, r, identities, out, true);
      case OpCode.ping:
        return ErrorCode.OK;
      case OpCode.sync:
        return sync(r, out);
      case OpCode.getACL:
        return this.#getAcl(r, identities, out);
      case OpCode.getAllChildrenNumber:
        return this.#getAllChildrenNumber(r, identities, out);
      case OpCode.getEphemerals:
        return this.#getEphemerals(connection, r, out);
      case OpCode.multiRead:
        return this.#multiRead(r, identities, out, replyAt);
      case OpCode.addWatch:
        return this.#addWatch(connection, r, out);
      case OpCode.checkWatches:
        return this.#checkWatches(connection, r);
      case OpCode.removeWatches:
        return this.#removeWatches(connection, r);
      case OpCode.whoAmI:
        writeClientInfos(out, identities);
        return ErrorCode.OK;
      default:
        // A write that could not be read: it waited here for its turn to say so.
        return ErrorCode.MARSHALLINGERROR;
    }
  }

  #getData(
    connection: ClientConnection,
    r: JuteReader,
    identities: readonly Identity[],
    out: JuteWriter,
  ): number {
    const length = r.readLength();
    const at = r.offset;
    if (length < 0) return ErrorCode.MARSHALLINGERROR;
    r.skip(length);
    const watch = r.readBool();
    const node = this.#tree.findBytes(r.bytes, at, at + length);
    if (node === NO_NODE) return ErrorCode.NONODE;
    if (!this.#access.canRead(this.#tree.acl(node), identities)) return ErrorCode.NOAUTH;
    if (watch && this.#watching.isFull(connection)) return ErrorCode.QUOTAEXCEEDED;
    this.#tree.writeData(node, out);
    this.#tree.writeStat(node, out);
    if (watch) this.#watching.add(connection, textAt(r, at, length), 'data');
    return ErrorCode.OK;
  }

  /** Leaves its watch on a node that is not there, too. */
  #exists(
    connection: ClientConnection,
    r: JuteReader,
    identities: readonly Identity[],
    out: JuteWriter,
  ): number {
    const length = r.readLength();
    const at = r.offset;
    if (length < 0) return ErrorCode.MARSHALLINGERROR;
    r.skip(length);
    const watch = r.readBool();
    const node = this.#tree.findBytes(r.bytes, at, at + length);
    if (node === NO_NODE) {
      if (r.bytes.subarray(at, at + length).includes(0)) return ErrorCode.BADARGUMENTS;
    } else if (!this.#access.canRead(this.#tree.acl(node), identities)) {
      return ErrorCode.NOAUTH;
    }
    if (watch) {
      if (this.#watching.isFull(connection)) return ErrorCode.QUOTAEXCEEDED;
      this.#watching.add(connection, textAt(r, at, length), 'data');
    }
    if (node === NO_NODE) return ErrorCode.NONODE;
    this.#tree.writeStat(node, out);
    return ErrorCode.OK;
  }

  #getChildren(
    connection: ClientConnection,
    r: JuteReader,
    identities: readonly Identity[],
    out: JuteWriter,
    withStat: boolean,
  ): number {
    const length = r.readLength();
    const at = r.offset;
    if (length < 0) return ErrorCode.MARSHALLINGERROR;
    r.skip(length);
    const watch = r.readBool();
    const node = this.#tree.findBytes(r.bytes, at, at + length);
    if (node === NO_NODE) return ErrorCode.NONODE;
    if (!this.#access.canRead(this.#tree.acl(node), identities)) return ErrorCode.NOAUTH;
    if (watch && this.#watching.isFull(connection)) return ErrorCode.QUOTAEXCEEDED;
    this.#tree.writeChildren(node, out);
    if (withStat) this.#tree.writeStat(node, out);
    if (watch) this.#watching.add(connection, textAt(r, at, length), 'child');
    return ErrorCode.OK;
  }

  #getAcl(r: JuteReader, identities: readonly Identity[], out: JuteWriter): number {
    const node = this.#readNode(r);
    if (node === undefined) return ErrorCode.MARSHALLINGERROR;
    if (node === NO_NODE) return ErrorCode.NONODE;
    const acl = this.#tree.acl(node);
    if (!this.#access.allows(acl, Perms.READ | Perms.ADMIN, identities)) return ErrorCode.NOAUTH;
    // Who may not change the list is not shown what passwords could be guessed from (CVE-2019-0201).
    writeAcls(out, this.#access.allows(acl, Perms.ADMIN, identities) ? acl : maskAcl(acl));
    this.#tree.writeStat(node, out);
    return ErrorCode.OK;
  }

  #getAllChildrenNumber(r: JuteReader, identities: readonly Identity[], out: JuteWriter): number {
    const node = this.#readNode(r);
    if (node === undefined) return ErrorCode.MARSHALLINGERROR;
    if (node === NO_NODE) return ErrorCode.NONODE;
    if (!this.#access.canRead(this.#tree.acl(node), identities)) return ErrorCode.NOAUTH;
    out.writeInt(this.#tree.descendantCount(node));
    return ErrorCode.OK;
  }

  /** The prefix is that of the text, not of whole names: `/a` finds `/ab` too. */
  #getEphemerals(connection: ClientConnection, r: JuteReader, out: JuteWriter): number {
    const prefix = r.readString() ?? '';
    const sessionId = connection.session?.id ?? 0n;
    const all = ALL_PREFIX.test(prefix);
    out.writeStrings(all ? this.#tree.ephemerals(sessionId) : this.#tree.ephemerals(sessionId, prefix));
    return ErrorCode.OK;
  }

  /** Each part stands for itself; the watch flags in it are ignored. */
  #multiRead(r: JuteReader, identities: readonly Identity[], out: JuteWriter, replyAt: number): number {
    for (const op of readMultiRequest(r, this.#multiOperationsMax)) {
      const { path } = op.record;
      if (!isMultiReadOp(op) || path === null) {
        // Apache has begun its answer by then, and sends it with the error.
        patchError(out, replyAt, ErrorCode.MARSHALLINGERROR);
        break;
      }
      const node = this.#tree.find(path);
      if (node === NO_NODE) writeMultiReadError(out, ErrorCode.NONODE);
      else if (!this.#access.canRead(this.#tree.acl(node), identities)) {
        writeMultiReadError(out, ErrorCode.NOAUTH);
      } else {
        MultiHeader.writeFields(out, op.type, false, 0);
        if (op.type === OpCode.getChildren) this.#tree.writeChildren(node, out);
        else {
          this.#tree.writeData(node, out);
          this.#tree.writeStat(node, out);
        }
      }
    }
    MultiHeader.writeFields(out, -1, true, -1);
    return ErrorCode.OK;
  }

  /** Takes any path, as Apache does, and answers with an error of 0. */
  #addWatch(connection: ClientConnection, r: JuteReader, out: JuteWriter): number {
    const path = r.readString();
    const mode = r.readInt();
    if (path === null || (mode !== AddWatchMode.PERSISTENT && mode !== AddWatchMode.PERSISTENT_RECURSIVE)) {
      return ErrorCode.MARSHALLINGERROR;
    }
    if (this.#watching.isFull(connection)) return ErrorCode.QUOTAEXCEEDED;
    this.#watching.add(
      connection,
      path,
      mode === AddWatchMode.PERSISTENT ? 'persistent' : 'persistentRecursive',
    );
    out.writeInt(ErrorCode.OK);
    return ErrorCode.OK;
  }

  #checkWatches(connection: ClientConnection, r: JuteReader): number {
    const path = r.readString();
    const type = r.readInt();
    if (path === null || !isWatcherType(type)) return ErrorCode.MARSHALLINGERROR;
    return this.#watching.watches.has(connection, path, type) ? ErrorCode.OK : ErrorCode.NOWATCHER;
  }

  #removeWatches(connection: ClientConnection, r: JuteReader): number {
    const path = r.readString();
    const type = r.readInt();
    if (path === null || !isWatcherType(type)) return ErrorCode.MARSHALLINGERROR;
    return this.#watching.watches.remove(connection, path, type) ? ErrorCode.OK : ErrorCode.NOWATCHER;
  }

  /** The node whose path comes next; undefined where the path is null. */
  #readNode(r: JuteReader): NodeId | undefined {
    const length = r.readLength();
    const at = r.offset;
    if (length < 0) return undefined;
    r.skip(length);
    return this.#tree.findBytes(r.bytes, at, at + length);
  }
}

/** A standalone server, and a leader, has seen all there is: the path, any text, comes back as it was. */
function sync(r: JuteReader, out: JuteWriter): number {
  out.writeString(r.readString());
  return ErrorCode.OK;
}

function writeMultiReadError(out: JuteWriter, error: number): void {
  MultiHeader.writeFields(out, OpCode.error, false, error);
  out.writeInt(error);
}

/** The text of a path under which a watch is kept. Where it is not UTF-8, no node will ever have it. */
function textAt(r: JuteReader, at: number, length: number): string {
  return utf8Decode(r.bytes, at, at + length) ?? '\u{fffd}';
}

function isWatcherType(type: number): boolean {
  return type >= WatcherType.Children && type <= WatcherType.PersistentRecursive;
}

const NO_NODE: NodeId = 0;
/** Nothing, or the root, within what Java's `String.trim` takes away: every path. */
const ALL_PREFIX = /^[^!-\uffff]*\/?[^!-\uffff]*$/;

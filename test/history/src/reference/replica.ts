import { DataTree, isAllowed, type Outcome, Watches, type WatchEvent } from '@corral/datatree';
import { ErrorCode, type Identity, Perms, type Txn } from '@corral/protocol';
import type { EventRecord, OperationResult } from '@corral/testing';
import type { Request } from '../workload.ts';
import { providers, treeOptions } from './providers.ts';

/** A connection, as a replica knows it. */
export interface Attached {
  readonly session: bigint;
  readonly identities: readonly Identity[];
  heard(event: Pick<EventRecord, 'type' | 'path' | 'zxid'>): void;
}

export interface Reply {
  readonly error: number;
  readonly result: OperationResult;
}

/** A server that has applied the transactions up to some zxid, and answers from there. */
export class Replica {
  readonly tree = new DataTree(treeOptions);
  readonly #watches = new Watches<Attached>((attached, event) => this.#tell(attached, event));

  get zxid(): number {
    return this.tree.lastProcessedZxid;
  }

  apply(txn: Txn): Reply {
    return replyOf(this.tree.apply(txn, this.#watches));
  }

  detach(attached: Attached): void {
    this.#watches.removeAll(attached);
  }

  read(attached: Attached, request: Request): Reply {
    const { tree } = this;
    switch (request.op) {
      case 'getData':
      case 'exists':
      case 'getChildren':
      case 'getACL':
      case 'getAllChildrenNumber':
        return this.#readNode(attached, request);
      case 'multiRead': {
        const replies = request.operations.map(({ op, path }) =>
          this.#readNode(attached, { op, path, watch: false }),
        );
        return ok({ results: replies.map(({ error, result }) => ({ ...result, error })) });
      }
      case 'getEphemerals':
        return ok({ children: tree.ephemerals(attached.session, request.path) });
      case 'addWatch':
        this.#watches.add(attached, request.path, request.mode === 1 ? 'persistentRecursive' : 'persistent');
        return ok({});
      case 'removeWatches':
        return this.#watches.remove(attached, request.path, request.type)
          ? ok({})
          : failed(ErrorCode.NOWATCHER);
      case 'setWatches':
        this.#watches.restore(attached, tree, request.relativeZxid, {
          ...request,
          persistentRecursive: request.recursive,
        });
        return ok({});
      default:
        return ok({});
    }
  }

  #readNode(
    attached: Attached,
    request: { readonly op: string; readonly path: string; readonly watch?: boolean },
  ): Reply {
    const { tree } = this;
    const { op, path, watch = false } = request;
    const node = tree.find(path);
    if (watch && op === 'exists') this.#watches.add(attached, path, 'data');
    if (node === 0) return failed(ErrorCode.NONODE);
    if (op === 'exists') return ok({ stat: tree.stat(node) });
    const wanted = op === 'getACL' ? Perms.READ | Perms.ADMIN : Perms.READ;
    if (!isAllowed(tree.acl(node), wanted, attached.identities, providers)) return failed(ErrorCode.NOAUTH);
    if (watch) this.#watches.add(attached, path, op === 'getData' ? 'data' : 'child');
    if (op === 'getAllChildrenNumber') return ok({ count: tree.descendantCount(node) });
    const stat = tree.stat(node);
    if (op === 'getChildren') return ok({ children: tree.children(node), stat });
    if (op === 'getData') return ok({ value: new TextDecoder().decode(tree.data(node)!), stat });
    const acl = tree.acl(node).map(({ perms, scheme, id }) => ({ perms, scheme: scheme!, id: id! }));
    return ok({ acl, stat });
  }

  #tell(attached: Attached, { type, path, zxid, acl }: WatchEvent): void {
    if (acl === undefined || isAllowed(acl, Perms.READ, attached.identities, providers))
      attached.heard({ type, path, zxid });
  }
}

function replyOf(outcome: Outcome): Reply {
  const { error, path, hasStat, results } = outcome;
  const result: OperationResult = {
    ...(path === null || error !== ErrorCode.OK ? {} : { path }),
    ...(hasStat ? { stat: outcome.stat() } : {}),
    ...(results === undefined
      ? {}
      : {
          results: results.map((part) => {
            const reply = replyOf(part);
            return { ...reply.result, error: reply.error };
          }),
        }),
  };
  return { error, result };
}

function ok(result: OperationResult): Reply {
  return { error: ErrorCode.OK, result };
}

function failed(error: number): Reply {
  return { error, result: {} };
}

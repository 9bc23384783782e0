import {
  CheckVersionRequest,
  CreateRequest,
  CreateTTLRequest,
  DeleteRequest,
  ErrorCode,
  isTtl,
  type MultiOp,
  type MultiResult,
  OpCode,
  opName,
  SetDataRequest,
} from '@corral/protocol';
import type { Op } from './abort-signal.ts';
import { type Acl, acl as lists, toWireAcls } from './acl.ts';
import { checkArguments, createFlags, type CreateKind } from './arguments.ts';
import { toUtf8 } from './codec.ts';
import { zkError } from './errors.ts';
import type { ViewGuard } from './guard.ts';
import { Multi } from './multi-operation.ts';
import type { Data } from './results.ts';
import { createCode } from './write-operations.ts';
import { checkPath, underRoot, withoutRoot } from './paths.ts';
import type { Session } from './session.ts';
import { type Stat, toStat } from './stat.ts';

/** What a node of a transaction is told of: its Stat is missing from servers before 3.9. */
export interface CreatedInTransaction {
  readonly path: string;
  readonly stat: Stat | undefined;
}

/**
 * Operations that happen together or not at all, in order. `R` are their results, one each. A refused one rejects
 * `commit` with its own error, which says by `index` which it was.
 */
export class Transaction<R extends readonly unknown[]> {
  readonly #session: Session;
  readonly #root: string;
  readonly #requestMax: number;
  readonly #guard: ViewGuard | undefined;
  readonly #ops: MultiOp[] = [];
  /** As the caller wrote them. */
  readonly #paths: string[] = [];

  constructor(session: Session, root: string, requestMax: number, guard?: ViewGuard) {
    this.#session = session;
    this.#root = root;
    this.#requestMax = requestMax;
    this.#guard = guard;
  }

  /** The node must be there, in this version. */
  check(path: string, version: number): Transaction<[...R, undefined]> {
    checkArguments(version, '', this.#requestMax);
    const serverPath = this.#serverPath(path);
    return this.#add({ type: OpCode.check, record: new CheckVersionRequest(serverPath, version) }, path);
  }

  create(
    path: string,
    data: Data = '',
    options: CreateKind & { readonly acl?: readonly Acl[] } = {},
  ): Transaction<[...R, CreatedInTransaction]> {
    checkArguments(0, data, this.#requestMax);
    const flags = createFlags(options);
    const serverPath = this.#serverPath(path, options.sequential);
    this.#guard?.checkCreate(serverPath, data, options);
    const acl = toWireAcls(options.acl ?? lists.open);
    const type = createCode(flags);
    if (type === OpCode.createTTL && isTtl(flags)) {
      const record = new CreateTTLRequest(serverPath, bytesOf(data), acl, flags, options.ttl ?? 0);
      return this.#add({ type, record }, path);
    }
    const record = new CreateRequest(serverPath, bytesOf(data), acl, flags);
    return this.#add({ type: type === OpCode.createTTL ? OpCode.create2 : type, record }, path);
  }

  set(path: string, data: Data, version = -1): Transaction<[...R, Stat]> {
    checkArguments(version, data, this.#requestMax);
    const serverPath = this.#serverPath(path);
    this.#guard?.checkSet(serverPath, data);
    const record = new SetDataRequest(serverPath, bytesOf(data), version);
    return this.#add({ type: OpCode.setData, record }, path);
  }

  delete(path: string, version = -1): Transaction<[...R, undefined]> {
    checkArguments(version, '', this.#requestMax);
    const serverPath = this.#serverPath(path);
    this.#guard?.checkDelete(serverPath);
    return this.#add({ type: OpCode.delete, record: new DeleteRequest(serverPath, version) }, path);
  }

  get length(): number {
    return this.#ops.length;
  }

  async commit(op: Op = {}): Promise<R> {
    const results = await this.#session.run(new Multi(OpCode.multi, this.#ops), op.signal);
    this.#throwRefusal(results);
    return results.map((result) => this.#valueOf(result)) as unknown as R;
  }

  /** The builder is one object; only its type grows. */
  #add<T extends readonly unknown[]>(op: MultiOp, path: string): Transaction<T> {
    this.#ops.push(op);
    this.#paths.push(path);
    return this as unknown as Transaction<T>;
  }

  #serverPath(path: string, isSequential = false): string {
    checkPath(path, isSequential);
    return underRoot(this.#root, path);
  }

  /** All results are errors then: 0 before the one that was refused, "not looked at" behind it. */
  #throwRefusal(results: readonly MultiResult[]): void {
    const index = results.findIndex(
      ({ type, record }) =>
        type === OpCode.error && record.err !== 0 && record.err !== ErrorCode.RUNTIMEINCONSISTENCY,
    );
    const result = results[index];
    if (result?.type !== OpCode.error) return;
    throw zkError(result.record.err, opName(this.#ops[index]!.type), this.#paths[index], { index });
  }

  #valueOf(result: MultiResult): unknown {
    switch (result.type) {
      case OpCode.create:
        return { path: withoutRoot(this.#root, result.record.path ?? ''), stat: undefined };
      case OpCode.create2:
        return { path: withoutRoot(this.#root, result.record.path ?? ''), stat: toStat(result.record.stat) };
      case OpCode.setData:
        return toStat(result.record.stat);
      default:
        return undefined;
    }
  }
}

function bytesOf(data: Data): Uint8Array {
  return typeof data === 'string' ? toUtf8(data) : data;
}

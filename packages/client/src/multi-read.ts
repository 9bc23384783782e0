import {
  GetChildrenRequest,
  GetDataRequest,
  type MultiOp,
  type MultiResult,
  OpCode,
  opName,
} from '@corral/protocol';
import type { Op } from './abort-signal.ts';
import { type ZkError, zkError } from './errors.ts';
import { Multi } from './multi-operation.ts';
import type { Got } from './results.ts';
import { checkPath, underRoot } from './paths.ts';
import type { Session } from './session.ts';
import { toStat } from './stat.ts';

/** Several reads in one request (from 3.6 on), of one moment. Each stands for itself: one that is refused is its own error. */
export class MultiRead<R extends readonly unknown[]> {
  readonly #session: Session;
  readonly #root: string;
  readonly #ops: MultiOp[] = [];
  readonly #paths: string[] = [];

  constructor(session: Session, root: string) {
    this.#session = session;
    this.#root = root;
  }

  get(path: string): MultiRead<[...R, Got<Uint8Array> | ZkError]> {
    checkPath(path);
    const record = new GetDataRequest(underRoot(this.#root, path), false);
    return this.#add({ type: OpCode.getData, record }, path);
  }

  children(path: string): MultiRead<[...R, string[] | ZkError]> {
    checkPath(path);
    const record = new GetChildrenRequest(underRoot(this.#root, path), false);
    return this.#add({ type: OpCode.getChildren, record }, path);
  }

  async read(op: Op = {}): Promise<R> {
    const results = await this.#session.run(new Multi(OpCode.multiRead, this.#ops), op.signal);
    return results.map((result, index) => this.#valueOf(result, index)) as unknown as R;
  }

  #add<T extends readonly unknown[]>(op: MultiOp, path: string): MultiRead<T> {
    this.#ops.push(op);
    this.#paths.push(path);
    return this as unknown as MultiRead<T>;
  }

  #valueOf(result: MultiResult, index: number): unknown {
    switch (result.type) {
      case OpCode.getData:
        return { data: result.record.data ?? new Uint8Array(0), stat: toStat(result.record.stat) };
      case OpCode.getChildren:
        return result.record.children ?? [];
      case OpCode.error:
        return zkError(result.record.err, opName(this.#ops[index]!.type), this.#paths[index], { index });
      default:
        return undefined;
    }
  }
}

import type { Acl } from './acl.ts';
import type { CreateKind } from './arguments.ts';
import { withoutRoot } from './paths.ts';
import type { NodeData } from './results.ts';

/**
 * Asked before a write is sent, in a transaction before it is added: what it throws is what the write is refused with. Paths
 * are as seen from the view that is guarded; of a sequential node, without the number.
 */
export interface Guard {
  readonly create?: (
    path: string,
    data: NodeData,
    kind: CreateKind & { readonly acl?: readonly Acl[] },
  ) => void;
  readonly set?: (path: string, data: NodeData) => void;
  readonly delete?: (path: string) => void;
}

/** The guard of a view, and those of the views it was made of, which are asked first. */
export class ViewGuard {
  readonly #guard: Guard;
  readonly #root: string;
  readonly #outer: ViewGuard | undefined;

  constructor(guard: Guard, root: string, outer: ViewGuard | undefined) {
    this.#guard = guard;
    this.#root = root;
    this.#outer = outer;
  }

  checkCreate(
    serverPath: string,
    data: NodeData,
    kind: CreateKind & { readonly acl?: readonly Acl[] },
  ): void {
    this.#outer?.checkCreate(serverPath, data, kind);
    this.#guard.create?.(withoutRoot(this.#root, serverPath), data, kind);
  }

  checkSet(serverPath: string, data: NodeData): void {
    this.#outer?.checkSet(serverPath, data);
    this.#guard.set?.(withoutRoot(this.#root, serverPath), data);
  }

  checkDelete(serverPath: string): void {
    this.#outer?.checkDelete(serverPath);
    this.#guard.delete?.(withoutRoot(this.#root, serverPath));
  }
}

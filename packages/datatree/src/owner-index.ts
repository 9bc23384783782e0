import { EphemeralType } from '@corral/protocol';
import type { NodeId } from './node-record.ts';

/** Which nodes go with a session, and which may go when they are empty or old. */
export class OwnerIndex {
  readonly #bySession: Map<bigint, Set<NodeId>> = new Map();
  readonly containers: Set<NodeId> = new Set();
  readonly ttls: Set<NodeId> = new Set();
  #ephemeralCount = 0;

  get ephemeralCount(): number {
    return this.#ephemeralCount;
  }

  add(node: NodeId, kind: number, owner: bigint): void {
    if (kind === EphemeralType.NORMAL) {
      const nodes = this.#bySession.get(owner);
      if (nodes === undefined) this.#bySession.set(owner, new Set([node]));
      else nodes.add(node);
      this.#ephemeralCount++;
    } else if (kind === EphemeralType.CONTAINER) this.containers.add(node);
    else if (kind === EphemeralType.TTL) this.ttls.add(node);
  }

  remove(node: NodeId, kind: number, owner: bigint): void {
    if (kind === EphemeralType.NORMAL) {
      const nodes = this.#bySession.get(owner);
      if (nodes === undefined || !nodes.delete(node)) return;
      this.#ephemeralCount--;
      if (nodes.size === 0) this.#bySession.delete(owner);
    } else if (kind === EphemeralType.CONTAINER) this.containers.delete(node);
    else if (kind === EphemeralType.TTL) this.ttls.delete(node);
  }

  /** In order of creation. */
  ofSession(session: bigint): ReadonlySet<NodeId> {
    return this.#bySession.get(session) ?? NO_NODES;
  }

  get sessionCount(): number {
    return this.#bySession.size;
  }

  get sessions(): Iterable<bigint> {
    return this.#bySession.keys();
  }
}

const NO_NODES: ReadonlySet<NodeId> = new Set();

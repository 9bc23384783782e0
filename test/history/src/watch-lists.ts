import { ErrorCode } from '@corral/protocol';
import type { Request } from './workload.ts';

/** What a client remembers of its watches, to set them again on its next connection. */
export class WatchLists {
  readonly #data = new Set<string>();
  readonly #exist = new Set<string>();
  readonly #child = new Set<string>();
  readonly #persistent = new Set<string>();
  readonly #recursive = new Set<string>();

  answered(request: Request, error: number): void {
    const isThere = error === ErrorCode.OK;
    switch (request.op) {
      case 'exists':
        if (!request.watch) return;
        if (isThere) this.#data.add(request.path);
        else if (error === ErrorCode.NONODE && !this.#data.has(request.path)) this.#exist.add(request.path);
        return;
      case 'getData':
        if (request.watch && isThere) this.#data.add(request.path);
        return;
      case 'getChildren':
        if (request.watch && isThere) this.#child.add(request.path);
        return;
      case 'addWatch':
        if (isThere) (request.mode === 1 ? this.#recursive : this.#persistent).add(request.path);
        return;
      case 'removeWatches':
        if (isThere) for (const list of this.#all()) list.delete(request.path);
        return;
      default:
    }
  }

  heard(type: number, path: string): void {
    if (type === NODE_CHILDREN_CHANGED) this.#child.delete(path);
    else {
      this.#data.delete(path);
      this.#exist.delete(path);
      if (type === NODE_DELETED) this.#child.delete(path);
    }
  }

  clear(): void {
    for (const list of this.#all()) list.clear();
  }

  /** Undefined where there is nothing to be set. */
  request(relativeZxid: number): Request | undefined {
    if (this.#all().every(({ size }) => size === 0)) return undefined;
    return {
      op: 'setWatches',
      relativeZxid,
      data: [...this.#data],
      exist: [...this.#exist],
      child: [...this.#child],
      persistent: [...this.#persistent],
      recursive: [...this.#recursive],
    };
  }

  #all(): Set<string>[] {
    return [this.#data, this.#exist, this.#child, this.#persistent, this.#recursive];
  }
}

const NODE_DELETED = 2;
const NODE_CHILDREN_CHANGED = 4;

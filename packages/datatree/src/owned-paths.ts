import { EphemeralType } from '@corral/protocol';
import type { ChangeRecord } from './change-record.ts';

/** The paths of ephemeral nodes that records in flight are about, by session. */
export class OwnedPaths {
  /** For each path the number of records. */
  readonly #bySession: Map<bigint, Map<string, number>> = new Map();

  /** In the order in which they came up. */
  paths(session: bigint): Iterable<string> {
    return this.#bySession.get(session)?.keys() ?? [];
  }

  add(record: ChangeRecord): void {
    if (record.kind !== EphemeralType.NORMAL) return;
    let paths = this.#bySession.get(record.owner);
    if (paths === undefined) this.#bySession.set(record.owner, (paths = new Map()));
    paths.set(record.path, (paths.get(record.path) ?? 0) + 1);
  }

  remove(record: ChangeRecord): void {
    if (record.kind !== EphemeralType.NORMAL) return;
    const paths = this.#bySession.get(record.owner)!;
    const count = paths.get(record.path)! - 1;
    if (count > 0) paths.set(record.path, count);
    else paths.delete(record.path);
    if (paths.size === 0) this.#bySession.delete(record.owner);
  }
}

/** The paths of ephemeral nodes that rows in flight are about, by session. */
export class OwnedPaths {
  /** For each path the number of rows. */
  readonly #bySession: Map<bigint, Map<string, number>> = new Map();

  /** In the order in which they came up. */
  paths(session: bigint): Iterable<string> {
    return this.#bySession.get(session)?.keys() ?? [];
  }

  add(session: bigint, path: string): void {
    let paths = this.#bySession.get(session);
    if (paths === undefined) this.#bySession.set(session, (paths = new Map()));
    paths.set(path, (paths.get(path) ?? 0) + 1);
  }

  remove(session: bigint, path: string): void {
    const paths = this.#bySession.get(session)!;
    const count = paths.get(path)! - 1;
    if (count > 0) paths.set(path, count);
    else paths.delete(path);
    if (paths.size === 0) this.#bySession.delete(session);
  }
}

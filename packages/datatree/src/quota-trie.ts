/** The paths that have quotas, found by the paths below them (PathTrie). */
export class QuotaTrie {
  readonly #root: TrieNode = new TrieNode();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#root.children.clear();
    this.#count = 0;
  }

  /** @param path of the node the quota is on; an empty one (a quota on the root) is passed over, as nothing looks there */
  add(path: string): void {
    const names = namesOf(path);
    if (names.length === 0) return;
    let node = this.#root;
    for (const name of names) {
      let child = node.children.get(name);
      if (child === undefined) node.children.set(name, (child = new TrieNode()));
      node = child;
    }
    if (!node.hasQuota) this.#count++;
    node.hasQuota = true;
  }

  delete(path: string): void {
    const names = namesOf(path);
    const way: TrieNode[] = [this.#root];
    for (const name of names) {
      const child = way[way.length - 1]!.children.get(name);
      if (child === undefined) return;
      way.push(child);
    }
    const node = way[names.length]!;
    if (!node.hasQuota) return;
    node.hasQuota = false;
    this.#count--;
    for (let i = names.length; i > 0; i--) {
      const at = way[i]!;
      if (at.hasQuota || at.children.size > 0) return;
      way[i - 1]!.children.delete(names[i - 1]!);
    }
  }

  /** The nearest path at or above `path` that has a quota. */
  nearest(path: string): string | undefined {
    if (this.#count === 0) return undefined;
    let node = this.#root;
    let found = 0;
    for (let start = 1; start <= path.length;) {
      const slash = path.indexOf('/', start);
      const end = slash < 0 ? path.length : slash;
      const child = node.children.get(path.slice(start, end));
      if (child === undefined) break;
      node = child;
      if (node.hasQuota) found = end;
      start = end + 1;
    }
    return found === 0 ? undefined : path.slice(0, found);
  }

  /** All of them, in no particular order. */
  paths(): string[] {
    const paths: string[] = [];
    const open: [TrieNode, string][] = [[this.#root, '']];
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      const [node, path] = entry;
      if (node.hasQuota) paths.push(path);
      for (const [name, child] of node.children) open.push([child, `${path}/${name}`]);
    }
    return paths;
  }
}

class TrieNode {
  readonly children: Map<string, TrieNode> = new Map();
  hasQuota = false;
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

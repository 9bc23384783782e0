import { type Client, NodeExistsError, NoNodeError } from '@corral/client';

/** The node that holds the limits of a path, on the servers (Quotas). */
export function limitsPath(client: Client, path: string): string {
  return `${folderOf(client, path)}/zookeeper_limits`;
}

export function usePath(client: Client, path: string): string {
  return `${folderOf(client, path)}/zookeeper_stats`;
}

/** Where the quota of a path is kept. It lies outside any chroot, and holds the path as the servers know it. */
export function folderOf({ root }: Client, path: string): string {
  if (root === '/') return QUOTAS + path;
  return QUOTAS + (path === '/' ? root : root + path);
}

export const QUOTAS = '/zookeeper/quota';
export const LIMITS = 'zookeeper_limits';

/** Limits or use of a quota: `count=3,bytes=-1=;byteHardLimit=-1` (StatsTrack). -1 is no limit. */
export class QuotaValues {
  readonly #values = new Map<string, bigint>();

  constructor(text = '') {
    for (const pair of text.split(/[,;]+/)) {
      const [key = '', value = ''] = pair.split('=');
      if (key !== '') this.#values.set(key, /^-?\d+$/.test(value) ? BigInt(value) : -1n);
    }
  }

  get(key: string): bigint {
    return this.#values.get(key) ?? -1n;
  }

  set(key: string, value: bigint): void {
    this.#values.set(key, value);
  }

  toString(): string {
    const others = [...this.#values].filter(([key]) => key !== 'count' && key !== 'bytes');
    const soft = `count=${this.get('count')},bytes=${this.get('bytes')}`;
    if (others.length === 0) return soft;
    const hard = others.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `;${key}=${value}`);
    // The odd `=` keeps the rest from parsers before 3.7.
    return `${soft}=${hard.join('')}`;
  }
}

export async function readQuota(client: Client, node: string, signal: AbortSignal): Promise<QuotaValues> {
  const { data } = await client.get(node, { signal });
  return new QuotaValues(new TextDecoder().decode(data));
}

/** Creates it unless it is there. */
export async function ensureNode(
  client: Client,
  node: string,
  data: string | null,
  signal: AbortSignal,
): Promise<void> {
  if ((await client.exists(node, { signal })) !== null) return;
  try {
    await client.create(node, data, { signal });
  } catch (error) {
    if (!(error instanceof NodeExistsError)) throw error;
  }
}

/** Empty where the node is not there. */
export async function childNames(
  client: Client,
  node: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    return (await client.children(node, { signal })).names;
  } catch (error) {
    if (error instanceof NoNodeError) return [];
    throw error;
  }
}

import { auth, fourLetterWord, type Operation, Player, printedEntry } from '@corral-test/oracle';

/** All that a server shows of its data: two servers with the same data show the same. */
export interface DiskState {
  /** By path: data, the whole Stat and the access list, as text. */
  readonly nodes: Readonly<Record<string, readonly string[]>>;
  /** The ids of all sessions, and the ephemeral nodes of each. */
  readonly sessions: readonly string[];
  readonly ephemerals: readonly string[];
}

/** Asks as super, on a session that is gone afterwards. */
export async function readState(port: number): Promise<DiskState> {
  const dump = await fourLetterWord(port, 'dump');
  return {
    nodes: await readNodes(port),
    sessions: (dump.match(/(?<=^\t)0x[0-9a-f]+$/gm) ?? []).toSorted(),
    ephemerals: ephemeralsIn(dump),
  };
}

/** How often a digest in a log or snapshot was not that of the tree, as the server itself has counted. */
export async function digestMismatches(port: number): Promise<string | undefined> {
  return /^zk_digest_mismatches_count\t(.*)$/m.exec(await fourLetterWord(port, 'mntr'))?.[1];
}

async function readNodes(port: number): Promise<Record<string, string[]>> {
  const player = new Player(port, undefined, { session: (id) => `${id}`, time: (ms) => `${ms}` });
  const ask = async (ops: readonly Operation[]): Promise<string[]> => {
    const { streams } = await player.play([{ do: 'send', conn: 0, ops }]);
    return streams.get('c0')!.slice(-ops.length).map(printedEntry).map(withoutHeader);
  };
  await player.play([{ do: 'connect', conn: 0 }]);
  await player.play([{ do: 'send', conn: 0, ops: [auth('super:test')] }]);
  const nodes: Record<string, string[]> = {};
  for (let level = ['/']; level.length > 0;) {
    const children = await ask(level.map((path) => ({ op: 'getChildren', path, watch: false })));
    const data = await ask(level.map((path) => ({ op: 'getData', path, watch: false })));
    const lists = await ask(level.map((path) => ({ op: 'getACL', path })));
    for (const [i, path] of level.entries()) nodes[path] = [data[i]!, lists[i]!];
    level = level.flatMap((path, i) => namesIn(children[i]!).map((name) => join(path, name)));
  }
  await player.play([{ do: 'send', conn: 0, ops: [{ op: 'closeSession' }] }]);
  await player.end();
  return nodes;
}

/** The number of the request, and how far the server was when it answered, are not of the node. */
function withoutHeader(answer: string): string {
  return answer.replace(/ xid=\S+ zxid=\S+/, '');
}

function namesIn(answer: string): string[] {
  return Array.from(
    answer.matchAll(/="((?:[^"\\]|\\.)*)"/g),
    ([, name]) => JSON.parse(`"${name}"`) as string,
  );
}

function join(path: string, name: string): string {
  return path === '/' ? `/${name}` : `${path}/${name}`;
}

/** A session and its nodes, which come in any order, as one line. */
function ephemeralsIn(dump: string): string[] {
  const blocks = dump.matchAll(/^(0x[0-9a-f]+):\n((?:\t\/.*\n)+)/gm);
  return Array.from(
    blocks,
    ([, session, paths]) => `${session}: ${paths!.trim().split('\n\t').toSorted().join(' ')}`,
  ).toSorted();
}

import { later } from './arena.ts';
import type { Ledger } from './clients/ledger.ts';
import type { Tree, TreeReader } from './clients/trees.ts';
import type { Member } from './member.ts';

/** What must be so once nothing is broken any more: all serve, are equally far, hold the same, and lack nothing. */
export async function endState(
  members: readonly Member[],
  readers: readonly TreeReader[],
  ledger: Ledger,
): Promise<string[]> {
  const problems: string[] = [];
  for (const member of members) {
    if (!member.isRunning) member.launch();
    if (!(await member.serving(LIMIT_MS))) problems.push(`END ${member.name} does not serve`);
  }
  if (problems.length > 0) return problems;
  for (const [i, reader] of readers.entries())
    if (!(await within(LIMIT_MS, () => reader.connect())))
      problems.push(`END nobody gets to server ${i + 1}`);
  // Whoever went without a word may have left ephemeral nodes: the trees are read once nobody is there but the readers.
  const areAloneNow = async (): Promise<boolean> => {
    await Promise.all(readers.map((reader) => reader.stay()));
    return areAlone(members, readers.length);
  };
  if (!(await within(LIMIT_MS, areAloneNow)))
    problems.push('END sessions of clients that are gone do not end');
  if (!(await within(LIMIT_MS, async () => new Set(await zxids(members)).size === 1)))
    problems.push(`END not equally far: ${(await zxids(members)).join(', ')}`);
  const [zxid = 0] = await zxids(members);
  if (zxid < ledger.zxidMax)
    problems.push(
      `END at zxid 0x${zxid.toString(16)}, and 0x${ledger.zxidMax.toString(16)} was acknowledged`,
    );
  const trees: Tree[] = [];
  try {
    for (const reader of readers) trees.push(await reader.read());
  } catch (error) {
    problems.push(`END ${String(error)}`);
  }
  for (const [i, tree] of trees.entries()) problems.push(...differences(trees[0]!, tree, i + 1));
  problems.push(...(await digestsThatDiffer(members)));
  for (const reader of readers) await reader.close();
  return problems;
}

function differences(one: Tree, other: Tree, sid: number): string[] {
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((path) => one.get(path) !== other.get(path))
    .slice(0, SHOWN_MAX)
    .map((path) => `END ${path}: server 1 ${one.get(path)} | server ${sid} ${other.get(path)}`);
}

/** Members keep the digests of some moments, as `hash` tells: where two have the same moment, they have the same digest. */
async function digestsThatDiffer(members: readonly Member[]): Promise<string[]> {
  const known = new Map<string, string>();
  const found: string[] = [];
  for (const member of members) {
    const mismatches = /^zk_digest_mismatches_count\t(\d+)$/m.exec(await member.ask('mntr'))?.[1];
    if (mismatches !== undefined && mismatches !== '0')
      found.push(`END ${member.name} has counted ${mismatches} digests that differ`);
    for (const [, zxid, digest] of (await member.ask('hash')).matchAll(/^([0-9a-f]+): (-?\d+)$/gm)) {
      const other = known.get(zxid!) ?? digest!;
      known.set(zxid!, other);
      if (other !== digest) found.push(`END digest at ${zxid}: ${member.name} ${digest} | ${other}`);
    }
  }
  return found;
}

async function areAlone(members: readonly Member[], sessions: number): Promise<boolean> {
  const figures = await Promise.all(members.map((member) => member.ask('mntr')));
  return figures.every((text) => new RegExp(`^zk_global_sessions\\t${sessions}$`, 'm').test(text));
}

async function zxids(members: readonly Member[]): Promise<number[]> {
  return Promise.all(members.map(async (member) => (await member.zxid()) ?? -1 - member.sid));
}

async function within(limitMs: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) return false;
    await later(100);
  }
  return true;
}

const LIMIT_MS = 90_000;
const SHOWN_MAX = 10;

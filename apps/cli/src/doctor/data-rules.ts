import { readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataTree } from '@corral/datatree';
import { counterOf, epochOf, joinPath, zxidToHex } from '@corral/protocol';
import { type DataDirectory, reasonOf } from './data-directory.ts';
import { freeSpaceFindings } from './directory-rules.ts';
import type { Finding } from './finding.ts';

/** What is wrong with what lies in a data directory. */
export function* dataFindings(found: DataDirectory, maxBuffer: number): Generator<Finding, undefined> {
  for (const rule of RULES) yield* rule(found, maxBuffer);
  return undefined;
}

type Rule = (found: DataDirectory, maxBuffer: number) => Iterable<Finding>;

function* opening({ refusal, repairs, logDir }: DataDirectory): Iterable<Finding> {
  if (refusal !== undefined) {
    const { code, file = logDir, offset } = refusal;
    const where = offset === undefined ? file : `${file} at byte ${offset}`;
    const seen = reasonOf(refusal.message);
    const isEpoch = file.endsWith('Epoch');
    const known = code === 'DAMAGED' ? (isEpoch ? EPOCH : DAMAGE) : ACCESS;
    yield { severity: 'bad', where, seen, ...known };
  }
  for (const seen of repairs) {
    const isTorn = seen.includes(' was torn at ');
    const why = isTorn
      ? 'a crash cut off what was being written and nobody was told was done; or a server is writing just now'
      : 'a crash left it; a server that starts puts it right';
    const fix = 'start the server: it keeps a copy of what it cuts off';
    yield { severity: 'warn', rule: isTorn ? 'torn-tail' : 'leftover', where: logDir, seen, why, fix };
  }
}

function* snapshots({ dataDir, snapshots: all, logs, refusal }: DataDirectory): Iterable<Finding> {
  if (refusal !== undefined) return;
  const whole = all.filter(({ problem }) => problem === undefined);
  for (const { name, problem } of all)
    if (problem !== undefined) {
      const isLast = whole.length === 0;
      const why = isLast
        ? 'no snapshot is whole, so the server does not start'
        : 'an older one and more of the log are read instead';
      const fix = isLast ? FROM_OTHERS : `remove it, once another server or a copy has the data`;
      const where = join(dataDir, 'version-2', name);
      yield { severity: isLast ? 'bad' : 'warn', rule: 'snapshot-damage', where, seen: problem, why, fix };
    }
  if (all.length === 0 && logs.length > 0) {
    const why = 'a server that finds a log and no snapshot takes it for loss, and does not start';
    const fix = `${FROM_OTHERS}; or, where the log is there from its first entry, snapshot.trust.empty=true for one start`;
    yield {
      severity: 'bad',
      rule: 'no-snapshot',
      where: dataDir,
      seen: 'there is a log and no snapshot',
      why,
      fix,
    };
  }
  if (whole.length > SNAPSHOTS_MAX) {
    const why = 'nothing purges old files: the disk fills up';
    const fix = 'autopurge.purgeInterval=24';
    yield {
      severity: 'warn',
      rule: 'not-purged',
      where: dataDir,
      seen: `${whole.length} snapshots`,
      why,
      fix,
    };
  }
}

function* log({ logDamage, replayProblem, logDir, tree, snapshots: all }: DataDirectory): Iterable<Finding> {
  const problems = replayProblem === undefined ? logDamage : [replayProblem, ...logDamage];
  const told = new Set<string>();
  for (const { message, file = logDir, offset } of problems) {
    const where = offset === undefined ? file : `${file} at byte ${offset}`;
    const seen = reasonOf(message);
    if (told.has(where)) continue;
    told.add(where);
    const isGap = seen.includes('are missing');
    const isNeeded = replayProblem !== undefined && message === replayProblem.message;
    if (isGap) {
      const why = 'writes that were acknowledged are in no file, so the server does not start';
      yield { severity: 'bad', rule: 'log-gap', where, seen, why, fix: FROM_OTHERS };
    } else if (isNeeded) yield { severity: 'bad', where, seen, ...DAMAGE };
    else {
      const why = 'the newest snapshot does not need it, but an older one would';
      const fix = 'take a copy of all files; then purge what the newest snapshot does not need';
      yield { severity: 'warn', rule: 'damage', where, seen, why, fix };
    }
  }
  const newest = all.find(({ problem }) => problem === undefined);
  if (newest === undefined || tree === undefined || replayProblem !== undefined) return;
  if (tree.lastProcessedZxid < newest.coveredZxid) {
    const seen = `the log ends at ${zxidToHex(tree.lastProcessedZxid)}, but ${newest.name} has seen ${zxidToHex(newest.coveredZxid)}`;
    const why = 'files of the log are missing, so the server does not start';
    yield { severity: 'bad', rule: 'log-short', where: logDir, seen, why, fix: FROM_OTHERS };
  }
  const { mismatchCount, firstMismatch } = tree.digests;
  if (mismatchCount > 0) {
    const seen = `${mismatchCount} digests of the log are not those of the tree${firstMismatch === undefined ? '' : `, from ${zxidToHex(firstMismatch)} on`}`;
    const why = 'this server has other data than the others';
    yield { severity: 'bad', rule: 'digest', where: logDir, seen, why, fix: FROM_OTHERS };
  }
}

function* epochs({
  dataDir,
  epochs: { accepted, current },
  lastZxid,
  refusal,
}: DataDirectory): Iterable<Finding> {
  if (refusal !== undefined) return;
  const where = join(dataDir, 'version-2', 'currentEpoch');
  const last = epochOf(lastZxid);
  // A server that stands alone has none.
  if (current === undefined && accepted === undefined) return;
  if (current === undefined || current < last) {
    const seen = `currentEpoch is ${current ?? 'missing'}, and the last transaction is of epoch ${last}`;
    const why = 'a member that has forgotten whom it followed could break its promise; it does not start';
    yield { severity: 'bad', rule: 'epoch', where, seen, why, fix: FROM_OTHERS };
  }
}

function* identity({ dataDir, epochs: { current } }: DataDirectory): Iterable<Finding> {
  const where = join(dataDir, 'myid');
  let text: string;
  try {
    text = readFileSync(where, 'latin1').trim();
  } catch {
    if (current === undefined) return;
    const why = 'this was a member of an ensemble, and none starts that does not know which one it is';
    const fix = `echo N > ${where}, with N of its line server.N`;
    yield { severity: 'bad', rule: 'myid', where, seen: 'there is no such file', why, fix };
    return;
  }
  if (/^\d{1,9}$/.test(text)) return;
  const seen = `${JSON.stringify(text.slice(0, 20))} is no number`;
  const why = 'a member that does not know which one it is does not start';
  yield { severity: 'bad', rule: 'myid', where, seen, why, fix: `echo N > ${where}` };
}

function* horizon({ lastZxid, dataDir, longestEntry }: DataDirectory, maxBuffer: number): Iterable<Finding> {
  const counter = counterOf(lastZxid);
  if (counter > ZXID_COUNTER_MAX) {
    const seen = `the last transaction is ${zxidToHex(lastZxid)}`;
    const why = `${0xffff_ffff - counter} writes later its leader stands down, and another is elected`;
    const fix = 'restart the leader at a quiet hour: an election begins to count again';
    yield { severity: 'warn', rule: 'zxid-horizon', where: dataDir, seen, why, fix };
  }
  if (longestEntry !== undefined && longestEntry.bytes > maxBuffer) {
    const { bytes, zxid } = longestEntry;
    const seen = `transaction ${zxidToHex(zxid)} takes ${bytes} bytes`;
    const why = `it is longer than jute.maxbuffer (${maxBuffer}): a member with that limit cannot be told of it`;
    const fix = `jute.maxbuffer=${bytes * 2} on every member, or smaller transactions`;
    yield { severity: 'warn', rule: 'large-entry', where: dataDir, seen, why, fix };
  }
}

function* contents({ tree: nodes, dataDir }: DataDirectory, maxBuffer: number): Iterable<Finding> {
  if (nodes === undefined) return;
  if (nodes.nodeCount > NODES_MAX) {
    const why = 'all of them are in the memory of each server, and in each snapshot';
    const seen = `${nodes.nodeCount} nodes`;
    yield {
      severity: 'warn',
      rule: 'many-nodes',
      where: dataDir,
      seen,
      why,
      fix: 'keep data elsewhere, and pointers to them here',
    };
  }
  yield* nodeFindings(nodes, maxBuffer);
  for (const [session, paths] of nodes.allEphemerals()) {
    let count = 0;
    for (const _ of paths) count++;
    if (count <= EPHEMERALS_MAX) continue;
    const seen = `session 0x${BigInt.asUintN(64, session).toString(16)} has ${count} ephemeral nodes`;
    const why = 'when it ends all of them are deleted in one transaction, which may be too long';
    yield {
      severity: 'warn',
      rule: 'many-ephemerals',
      where: dataDir,
      seen,
      why,
      fix: 'several sessions, or fewer nodes',
    };
  }
}

/** The largest of each kind: a thousand of them are one finding. */
function* nodeFindings(nodes: DataTree, maxBuffer: number): Iterable<Finding> {
  const largest = { path: '', bytes: maxBuffer / 2, count: 0 };
  const widest = { path: '', bytes: maxBuffer, count: 0 };
  const toVisit = ['/'];
  for (let path = toVisit.pop(); path !== undefined; path = toVisit.pop()) {
    const node = nodes.find(path);
    const names = nodes.children(node);
    let listing = 0;
    for (const name of names) {
      listing += 4 + Buffer.byteLength(name);
      toVisit.push(joinPath(path, name));
    }
    note(largest, maxBuffer / 2, path, nodes.dataLength(node));
    note(widest, maxBuffer, path, listing);
  }
  if (largest.count > 0) {
    const seen = `${largest.bytes} bytes of data${othersOf(largest.count)}`;
    const why = `jute.maxbuffer is ${maxBuffer}: a little more and nobody can write it, or read it in a multi`;
    yield {
      severity: 'warn',
      rule: 'large-node',
      where: largest.path,
      seen,
      why,
      fix: 'keep data elsewhere, and pointers to them here',
    };
  }
  if (widest.count > 0) {
    const seen = `the names of its children take ${widest.bytes} bytes${othersOf(widest.count)}`;
    const why = `jute.maxbuffer is ${maxBuffer}: clients with that limit lose their connection when they list them`;
    yield {
      severity: 'bad',
      rule: 'wide-node',
      where: widest.path,
      seen,
      why,
      fix: 'spread them below several parents',
    };
  }
}

function othersOf(count: number): string {
  return count > 1 ? ` (and ${count - 1} like it)` : '';
}

function note(
  most: { path: string; bytes: number; count: number },
  limit: number,
  path: string,
  bytes: number,
): void {
  if (bytes <= limit) return;
  most.count++;
  if (bytes <= most.bytes) return;
  most.path = path;
  most.bytes = bytes;
}

function* space({ dataDir, logDir }: DataDirectory): Iterable<Finding> {
  for (const path of new Set([dataDir, logDir])) {
    const { bavail, bfree, blocks } = statfsSync(path);
    const total = blocks - bfree + bavail;
    if (total > 0) yield* freeSpaceFindings(path, bavail, total);
  }
}

const RULES: readonly Rule[] = [opening, snapshots, log, epochs, identity, horizon, contents, space];

const FROM_OTHERS =
  'move version-2 away and let the member be brought up to date by the others; a server that stands alone needs a copy';
const DAMAGE = {
  rule: 'damage',
  why: 'what was written has changed since, so the server does not start: it would serve something else',
  fix: FROM_OTHERS,
};
const EPOCH = {
  rule: 'epoch',
  why: 'an epoch is accepted before it is the current one: a promise has been lost',
  fix: FROM_OTHERS,
};
const ACCESS = {
  rule: 'access',
  why: 'a server could not read it either',
  fix: 'run doctor as the user the server runs as, or chown the files to them',
};

/** autopurge keeps three, or a few more. */
const SNAPSHOTS_MAX = 30;
/** A sixteenth of what an epoch can count is left. */
const ZXID_COUNTER_MAX = 0xf000_0000;
const NODES_MAX = 1_000_000;
const EPHEMERALS_MAX = 10_000;

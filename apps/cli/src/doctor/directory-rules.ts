import { accessSync, constants, readFileSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ConfigFile } from './config-file.ts';
import type { Finding } from './finding.ts';

/** What is wrong with the directories that a configuration names, on this machine. */
export function* directoryFindings(config: ConfigFile): Generator<Finding, undefined> {
  const data = directory(config, 'dataDir');
  const log = directory(config, 'dataLogDir');
  for (const [key, path] of [
    ['dataDir', data],
    ['dataLogDir', log],
  ] as const)
    if (path !== undefined) yield* usable(config, key, path);
  if (config.members === undefined || data === undefined) return undefined;
  yield* myid(config, data, config.members.servers);
  if (deviceOf(log ?? data) !== deviceOf(data)) return undefined;
  const seen = `the log and the snapshots are on one disk${log === undefined ? ': dataLogDir is not set' : ''}`;
  const why = 'every write waits for the log, and longer while a snapshot is written';
  const fix = 'dataLogDir=/a/disk/of/its/own';
  yield { severity: 'warn', rule: 'one-disk', where: config.where('dataLogDir'), seen, why, fix };
  return undefined;
}

/** @param where the directory whose disk it is */
export function* freeSpaceFindings(
  where: string,
  free: number,
  total: number,
): Generator<Finding, undefined> {
  const percent = Math.floor((free / total) * 100);
  if (percent >= FREE_PERCENT_MIN) return undefined;
  const seen = `${percent} % of the disk are free`;
  const why = 'a server that cannot write its log stops, and snapshots are written whole beside the old ones';
  const fix = 'make room, or move dataDir; autopurge.purgeInterval=1 removes old files hourly';
  yield { severity: percent < FREE_PERCENT_BAD ? 'bad' : 'warn', rule: 'disk-full', where, seen, why, fix };
  return undefined;
}

function* usable(config: ConfigFile, key: string, path: string): Iterable<Finding> {
  const at = { rule: 'directory', where: config.where(key) };
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    const why = 'a server that should have data starts with none';
    const fix = `mkdir -p ${path}, if it is right that there are none`;
    yield { severity: 'warn', ...at, seen: `${path} does not exist`, why, fix };
    return;
  }
  const why = 'the server does not start';
  if (!stat.isDirectory()) {
    yield { severity: 'bad', ...at, seen: `${path} is no directory`, why, fix: `${key}=/var/lib/zookeeper` };
    return;
  }
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    const fix = `chown it to whom the server runs as (or run doctor as that user)`;
    yield { severity: 'bad', ...at, seen: `${path} is not ours to read and write`, why, fix };
  }
  const { bavail, bfree, blocks } = statfsSync(path);
  // As df counts: what is kept for root is neither free nor used.
  const total = blocks - bfree + bavail;
  if (total > 0) yield* freeSpaceFindings(path, bavail, total);
}

function* myid(config: ConfigFile, data: string, servers: ReadonlyMap<number, unknown>): Iterable<Finding> {
  const where = join(data, 'myid');
  const why = 'a member that does not know which one it is does not start';
  const ids = [...servers.keys()];
  const fix = `echo N > ${where}, with N one of ${ids.join(', ')}`;
  let text: string;
  try {
    text = readFileSync(where, 'latin1').trim();
  } catch {
    yield { severity: 'bad', rule: 'myid', where, seen: 'there is no such file', why, fix };
    return;
  }
  const shown = JSON.stringify(text.slice(0, 20));
  if (!/^\d+$/.test(text))
    yield { severity: 'bad', rule: 'myid', where, seen: `${shown} is no number`, why, fix };
  else if (!servers.has(Number(text))) {
    const seen = `server.${text} is not named in ${config.memberFile}`;
    yield { severity: 'bad', rule: 'myid', where, seen, why, fix };
  }
}

function directory(config: ConfigFile, key: string): string | undefined {
  const path = config.value(key);
  return path === undefined || path === '' ? undefined : resolve(path);
}

/** Of the directory that is there: its own, or the one it will be made in. */
function deviceOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? deviceOf(dirname(path)) : stat.dev;
}

const FREE_PERCENT_MIN = 20;
const FREE_PERCENT_BAD = 5;

import { execFile } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Client } from '@corral/client';
import { connect } from '@corral/client/node';
import { median } from '../comparison.ts';
import { type ContenderName, type Contest, type ContestName, type Score, WAITING_MAX } from './contender.ts';

export interface ClientContests {
  /** `host:port`. */
  readonly server: string;
  readonly contenders: readonly ContenderName[];
  readonly contests: readonly ContestName[];
  readonly inFlight: readonly number[];
  readonly rounds: number;
  readonly bytes: number;
  readonly keys: number;
  /** Of the CPU time of each client's process. */
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** The Node that runs them. */
  readonly node: string;
  readonly packages: string;
}

/** Another client beside ours in one contest: its score to ours, round by round. */
export interface ClientComparison {
  readonly contest: ContestName;
  readonly inFlight: number;
  readonly other: ContenderName;
  /** Requests a second: ours, the other's. */
  readonly rates: readonly [number, number];
  /** Ours to the other's: requests a second, and requests for a second of its process's CPU time. */
  readonly ratios: readonly number[];
  readonly cpuRatios: readonly number[];
  readonly errors: number;
}

/** Each contender in a process of its own, one at a time, in an order that is turned round with every round. */
export async function compareClients(
  contests: ClientContests,
  root: string,
  report: (comparison: ClientComparison) => void,
  say: (reason: string) => void,
): Promise<void> {
  await using zk = await connect(contests.server);
  const others = await willing(zk, contests, root, say);
  for (const contest of contests.contests)
    for (const inFlight of contests.inFlight) {
      const scores = await rounds(zk, contests, root, ['corral', ...others], contest, inFlight);
      for (const other of others)
        report(comparisonOf(contest, inFlight, other, scores.get('corral')!, scores.get(other)!));
    }
}

export const clientHead =
  'contest  in flight  beside                  corral/s   other/s  ratio     min..max  per CPU     min..max\n';

export function clientRow(comparison: ClientComparison): string {
  const { contest, inFlight, other, rates, ratios, cpuRatios } = comparison;
  const columns = [
    contest.padEnd(7),
    String(inFlight).padStart(10),
    ` ${other.padEnd(21)}`,
    rates[0].toFixed(0).padStart(9),
    rates[1].toFixed(0).padStart(9),
    median(ratios).toFixed(2).padStart(6),
    rangeOf(ratios).padStart(12),
    median(cpuRatios).toFixed(2).padStart(8),
    rangeOf(cpuRatios).padStart(12),
  ];
  return `${columns.join(' ')}\n`;
}

/** Those others that can be run here; why one cannot is said. */
async function willing(
  zk: Client,
  contests: ClientContests,
  root: string,
  say: (reason: string) => void,
): Promise<ContenderName[]> {
  const others: ContenderName[] = [];
  for (const contender of contests.contenders) {
    if (contender === 'corral') continue;
    try {
      await run(zk, { ...contests, seconds: 0.05, warmupSeconds: 0 }, root, contender, 'get', 1);
      others.push(contender);
    } catch (error) {
      say(`left out: ${contender}: ${firstReason(error)}\n`);
    }
  }
  return others;
}

async function rounds(
  zk: Client,
  contests: ClientContests,
  root: string,
  contenders: readonly ContenderName[],
  contest: ContestName,
  inFlight: number,
): Promise<Map<ContenderName, Score[]>> {
  const scores = new Map<ContenderName, Score[]>(contenders.map((name) => [name, []]));
  for (let round = 0; round < contests.rounds; round++)
    for (const name of round % 2 === 0 ? contenders : contenders.toReversed())
      scores.get(name)!.push(await run(zk, contests, root, name, contest, inFlight));
  return scores;
}

async function run(
  zk: Client,
  contests: ClientContests,
  root: string,
  contender: ContenderName,
  contest: ContestName,
  inFlight: number,
): Promise<Score> {
  const { server, packages, keys, bytes, seconds, warmupSeconds } = contests;
  const told: Contest = {
    contender,
    packages,
    server,
    root,
    keys,
    contest,
    inFlight,
    bytes,
    seconds,
    warmupSeconds,
  };
  await makeNodes(zk, root, keys, bytes);
  try {
    const words = [...process.execArgv, program, JSON.stringify(told)];
    const limit = ((seconds + warmupSeconds) * WAITING_MAX + PATIENCE_SECONDS) * 1000;
    const { stdout } = await promisify(execFile)(contests.node, words, { timeout: limit });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as Score;
  } finally {
    await zk.delete(root, { recursive: true, ifExists: true });
  }
}

async function makeNodes(zk: Client, root: string, keys: number, bytes: number): Promise<void> {
  await zk.create(root, '');
  const data = new Uint8Array(bytes).fill(0x78);
  await Promise.all(Array.from({ length: keys }, (_, i) => zk.create(`${root}/${i}`, data)));
}

function comparisonOf(
  contest: ContestName,
  inFlight: number,
  other: ContenderName,
  ours: readonly Score[],
  theirs: readonly Score[],
): ClientComparison {
  return {
    contest,
    inFlight,
    other,
    rates: [median(ours.map(rate)), median(theirs.map(rate))],
    ratios: ours.map((score, i) => rate(score) / rate(theirs[i]!)),
    cpuRatios: ours.map((score, i) => perCpu(score) / perCpu(theirs[i]!)),
    errors: [...ours, ...theirs].reduce((sum, { errors }) => sum + errors, 0),
  };
}

function rate({ requests, seconds }: Score): number {
  return requests / seconds;
}

function perCpu({ requests, cpuSeconds }: Score): number {
  return requests / cpuSeconds;
}

function rangeOf(ratios: readonly number[]): string {
  return `${Math.min(...ratios).toFixed(2)}..${Math.max(...ratios).toFixed(2)}`;
}

/** What a process that failed said of it. */
function firstReason(error: unknown): string {
  const text = (error as { stderr?: string }).stderr ?? String(error);
  return /^\w*Error\b.*$/m.exec(text)?.[0] ?? text.trim().split('\n')[0] ?? 'it failed';
}

/** Beside this file, compiled or not. */
const program = fileURLToPath(new URL(`./contend${extname(import.meta.url)}`, import.meta.url));
const PATIENCE_SECONDS = 30;

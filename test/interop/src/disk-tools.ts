import type { ServerProgram } from '@corral-test/oracle';
import { runProgram } from './run-program.ts';

const limitMs = 30_000;

/** The transactions of a log file as Apache's TxnLogToolkit prints them, without what two runs cannot have in common. */
export async function dumpLog(apache: ServerProgram, file: string): Promise<string[]> {
  const output = await run(apache, 'server.persistence.TxnLogToolkit', ['-d', file]);
  const [header, ...txns] = output.split(/\n(?=.* session 0x[0-9a-f]+ cxid 0x|EOF reached)/);
  const end = txns.pop();
  if (header !== 'ZooKeeper Transactional Log File with dbid 0 txnlog format version 2')
    throw new Error(output);
  if (end !== `EOF reached after ${txns.length} txns.\n`) throw new Error(output);
  if (output.includes('CRC ERROR')) throw new Error(output);
  return txns;
}

/**
 * Times and session ids are of one run: sessions are numbered as they come. What a closed session owned comes in no
 * particular order.
 */
export function comparable(txns: readonly string[]): string[] {
  const sessions = new Map<string, string>();
  const numbered = (_: string, session: string): string => {
    if (!sessions.has(session)) sessions.set(session, `s${sessions.size + 1}`);
    return `session ${sessions.get(session)}`;
  };
  const sorted = (_: string, paths: string): string => `v{${paths.split(',').toSorted().join(',')}}`;
  return txns.map((txn) =>
    txn.replace(/^.*? session (0x[0-9a-f]+)/, numbered).replace(/(?<= closeSession )v\{(.*)\}/, sorted),
  );
}

/** A snapshot as Apache's SnapshotFormatter prints it: data, Stat and owner of each node, sessions, digest. */
export async function formatSnapshot(apache: ServerProgram, file: string): Promise<string[]> {
  const output = await run(apache, 'server.SnapshotFormatter', ['-d', file]);
  return output.split(/^----\n/m).toSorted();
}

/** What Apache's SnapshotComparer says of two snapshots: their figures, and each difference however small. */
export async function compareSnapshots(
  apache: ServerProgram,
  left: string,
  right: string,
): Promise<Comparison> {
  const words = ['-l', left, '-r', right, '-b', '0', '-n', '0'];
  const output = await run(apache, 'server.SnapshotComparer', words);
  const [figures, ...rest] = output.split(/^(?=Node count: |Printing analysis )/m).slice(1);
  const differences = rest
    .at(-1)!
    .split('\n')
    .slice(1)
    .filter((line) => !/^(Analysis for depth \d+)?$/.test(line));
  return { left: figures!, right: rest[0]!, differences };
}

export interface Comparison {
  readonly left: string;
  readonly right: string;
  /** Ends with the sentence that all is compared. */
  readonly differences: readonly string[];
}

async function run(apache: ServerProgram, name: string, words: readonly string[]): Promise<string> {
  const [java, ...options] = apache.tool!(`org.apache.zookeeper.${name}`);
  const { code, output } = await runProgram(java!, [...options, ...words], { limitMs });
  if (code !== 0) throw new Error(`${name} ${words.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

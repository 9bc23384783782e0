import type { Transport } from '@corral/transport';
import { type ClientComparison, clientHead, clientRow, compareClients } from './clients/client-comparison.ts';
import type {
  CatchUp,
  ClientTask,
  Comparison as ComparisonTask,
  Failover,
  Fill,
  Run,
  Task,
} from './command-line.ts';
import { Comparison, comparisonHead, comparisonJson, comparisonRow } from './comparison.ts';
import { catchUpRow, measureCatchUp } from './catch-up.ts';
import { failoverRow, measureFailover } from './failover.ts';
import { fill } from './fill.ts';
import { jsonLine, tableHead, tableRow } from './result.ts';
import { Stage } from './stage.ts';
import { runWorkload } from './workloads.ts';

/**
 * Does what the command line asks for and prints as it goes.
 *
 * @param root where nodes are made; nothing else uses the path, nor paths that begin with it
 */
export async function perform(
  task: Task,
  transport: Transport,
  root: string,
  print: (line: string) => void,
): Promise<void> {
  if (task.kind === 'run') await run(task, transport, root, print);
  else if (task.kind === 'compare') await compare(task, transport, root, print);
  else if (task.kind === 'fill') await fillUp(task, transport, print);
  else if (task.kind === 'failover') await failover(task, transport, print);
  else if (task.kind === 'catch-up') await catchUp(task, transport, print);
  else await clients(task, root, print);
}

async function run(
  { options, workloads, isJson }: Run,
  transport: Transport,
  root: string,
  print: (line: string) => void,
): Promise<void> {
  const stage = await Stage.build(transport, options, root);
  if (!isJson) print(tableHead);
  for (const name of workloads) {
    for (const result of await runWorkload(stage, name)) print(isJson ? jsonLine(result) : tableRow(result));
  }
  await stage.strike();
}

async function compare(
  { first, second, workloads, rounds, isJson }: ComparisonTask,
  transport: Transport,
  root: string,
  print: (line: string) => void,
): Promise<void> {
  // Two roots: both may be members of one ensemble.
  const stages = [
    await Stage.build(transport, first, `${root}-1`),
    await Stage.build(transport, second, `${root}-2`),
  ] as const;
  if (!isJson) print(comparisonHead);
  for (const name of workloads) {
    const comparison = await Comparison.run(...stages, name, rounds);
    print(isJson ? comparisonJson(comparison) : comparisonRow(comparison));
  }
  for (const stage of stages) await stage.strike();
}

async function clients(
  { contests, isJson }: ClientTask,
  root: string,
  print: (line: string) => void,
): Promise<void> {
  if (!isJson) print(clientHead);
  const report = (comparison: ClientComparison): void =>
    print(isJson ? `${JSON.stringify(comparison)}\n` : clientRow(comparison));
  await compareClients(contests, root, report, isJson ? () => {} : print);
}

async function fillUp(
  { options, nodes, path }: Fill,
  transport: Transport,
  print: (line: string) => void,
): Promise<void> {
  const stage = await Stage.enter(transport, options, path);
  const { seconds } = await fill(stage, nodes);
  await stage.leave();
  const rate = Math.round(nodes / seconds);
  print(
    `${nodes} nodes of ${options.bytes} bytes below ${path} in ${seconds.toFixed(1)} s, ${rate} a second\n`,
  );
}

async function failover(
  { ensemble, kills, isJson }: Failover,
  transport: Transport,
  print: (line: string) => void,
): Promise<void> {
  const gaps: number[] = [];
  await measureFailover(transport, ensemble, kills, (ms) => {
    gaps.push(ms);
    if (isJson) print(`${JSON.stringify({ kill: gaps.length, gap_ms: Math.round(ms) })}\n`);
  });
  if (!isJson) print(failoverRow(gaps));
}

async function catchUp(
  { ensemble, missed, keys, bytes, rounds, isJson }: CatchUp,
  transport: Transport,
  print: (line: string) => void,
): Promise<void> {
  const times: number[] = [];
  await measureCatchUp(transport, { ensemble, missed, keys, bytes, rounds }, (ms) => {
    times.push(ms);
    if (isJson) print(`${JSON.stringify({ round: times.length, missed, ms: Math.round(ms) })}\n`);
  });
  if (!isJson) print(catchUpRow(missed, times));
}

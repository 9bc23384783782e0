#!/usr/bin/env node
import { tcp } from '@corral/transport-tcp';
import { parseOptions, usage, type Options } from './options.ts';
import { jsonLine, tableHead, tableRow } from './result.ts';
import { Stage } from './stage.ts';
import { runWorkload } from './workloads.ts';

async function bench(options: Options): Promise<void> {
  const stage = await Stage.build(tcp(), options, `/corral-bench-${process.pid}`);
  if (!options.isJson) process.stdout.write(tableHead);
  for (const name of options.workloads) {
    const result = await runWorkload(stage, name);
    process.stdout.write(options.isJson ? jsonLine(result) : tableRow(result));
  }
  await stage.strike();
}

function end(error: unknown, exitCode: number, hint = ''): never {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`corral-bench: ${message}\n${hint}`);
  // Sessions that are still open must not keep it waiting.
  process.exit(exitCode);
}

let options;
try {
  options = parseOptions(process.argv.slice(2));
} catch (error) {
  end(error, 2, usage);
}
if (options === undefined) process.stdout.write(usage);
else await bench(options).catch((error: unknown) => end(error, 1));

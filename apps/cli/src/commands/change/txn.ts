import type { Transaction } from '@corral/client';
import type { Call, Command } from '../../command.ts';
import { counted } from '../../counted.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { failureOf } from '../../failure.ts';
import { statJson } from '../../stat-text.ts';
import { type TxnOperation, txnOperation } from './txn-operation.ts';

export const txn: Command = {
  names: ['txn'],
  group: 'change',
  usage: '[-f file] [operation ...]',
  summary:
    'writes that happen together or not at all: check, create, set and delete, a line each, in one word, a file, on standard input, or typed one by one until commit',
  example: "txn 'check /config 3' 'set /config new' 'create /config/log-'",
  flags: [{ name: '-f', value: 'file', summary: 'of lines; # begins a comment' }],
  operands: [{ name: 'operation', kind: 'word', isOptional: true, isRest: true }],
  async run(call) {
    const operations = await operationsOf(call);
    if (operations.length === 0) throw new CommandError(ExitCode.usage, 'a transaction of nothing');
    if (call.settings.isDryRun) {
      for (const { line } of operations) isOnlyTold(call, line);
      return;
    }
    const transaction: Transaction<unknown[]> = call.client.transaction();
    for (const operation of operations) operation.addTo(transaction);
    tell(call, operations, await commit(call, operations, transaction));
  },
};

async function operationsOf(call: Call): Promise<readonly TxnOperation[]> {
  const { words, shell, settings } = call;
  const file = words.value('-f');
  if (file !== undefined && words.operands.length > 0)
    throw new CommandError(ExitCode.usage, 'operations come from a file or are words, not both');
  if (words.operands.length > 0) return words.operands.map(txnOperation);
  if (file === undefined && (shell !== undefined || settings.isInteractive)) return typed(call);
  return fromLines(await textOf(file ?? '-'), file ?? 'standard input');
}

/** What makes no sense is told, and may be typed again. */
async function typed(call: Call): Promise<readonly TxnOperation[]> {
  const operations: TxnOperation[] = [];
  let isBlank = false;
  for (;;) {
    const line = (await call.ask('txn> ')).trim();
    call.signal.throwIfAborted();
    if (line === 'commit') return operations;
    // Two in a row, as the end of the input gives them, too.
    if (line === 'abort' || (line === '' && isBlank))
      throw new CommandError(ExitCode.interrupted, 'nothing was changed');
    isBlank = line === '';
    if (isBlank || line === 'begin') {
      call.out.note("check, create, set, delete; then 'commit', or 'abort'");
      continue;
    }
    try {
      operations.push(txnOperation(line));
    } catch (error) {
      call.out.note(failureOf(error).message);
    }
  }
}

function fromLines(text: string, name: string): readonly TxnOperation[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '' || line.trimStart().startsWith('#')) return [];
    try {
      return [txnOperation(line)];
    } catch (error) {
      const { exitCode, message } = failureOf(error);
      throw new CommandError(exitCode, `${name}: line ${index + 1}: ${message}`, {
        cause: error,
      });
    }
  });
}

async function textOf(file: string): Promise<string> {
  if (file === '-') return (await import('node:stream/consumers')).text(process.stdin);
  const { readFile } = await import('node:fs/promises');
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new CommandError(ExitCode.usage, `${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  });
}

async function commit(
  { signal }: Call,
  operations: readonly TxnOperation[],
  transaction: Transaction<unknown[]>,
): Promise<readonly unknown[]> {
  try {
    return await transaction.commit({ signal });
  } catch (error) {
    const refused = operations[indexOf(error)];
    if (refused === undefined) throw error;
    const { exitCode, message } = failureOf(error);
    throw new CommandError(exitCode, `${refused.line}: ${message}\nnothing was changed`, {
      cause: error,
    });
  }
}

function indexOf(error: unknown): number {
  return (error as { index?: number }).index ?? -1;
}

function tell({ out }: Call, operations: readonly TxnOperation[], results: readonly unknown[]): void {
  for (const [index, operation] of operations.entries()) {
    const { name, path } = operation;
    const { created, stat } = operation.resultOf(results[index]);
    if (name === 'create') out.note(`Created ${created}`);
    out.json({
      operation: name,
      path: created ?? path,
      ...(stat === undefined ? {} : { stat: statJson(stat) }),
    });
  }
  out.note(`Done: ${counted(operations.length, 'operation')}`);
}

import { acl, type CreatedInTransaction, type Stat, type Transaction } from '@corral/client';
import { parseAcl } from '../../acl-text.ts';
import { closest } from '../../closest.ts';
import type { Words } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { versionOf, wholeNumber } from '../../numbers.ts';
import { parseWords, type Syntax } from '../../parse-words.ts';
import { splitLine } from '../../shell/split-line.ts';
import { create, createKindOf } from '../zookeeper/create.ts';
import { deleteNode } from '../zookeeper/delete.ts';
import { fromBase64, set } from '../zookeeper/set.ts';

/** One line of a transaction. */
export interface TxnOperation {
  readonly name: string;
  readonly path: string;
  /** As it was typed. */
  readonly line: string;
  /** @throws TypeError, RangeError for arguments that the client refuses */
  addTo(transaction: Transaction<unknown[]>): void;
  resultOf(result: unknown): { readonly created?: string; readonly stat?: Stat | undefined };
}

/** Reads a line: the words are those of the commands of the same name. @throws CommandError where it makes no sense */
export function txnOperation(line: string): TxnOperation {
  const [name = '', ...rest] = splitLine(line);
  const kind = KINDS.find(({ syntax }) => syntax.names[0] === name);
  if (kind === undefined) {
    const meant = closest(name, NAMES);
    const hint = meant === undefined ? `a transaction has ${NAMES.join(', ')}` : `did you mean ${meant}?`;
    throw new CommandError(ExitCode.usage, `${name} is no operation; ${hint}`);
  }
  const words = parseWords(kind.syntax, rest);
  const add = kind.read(words);
  return { name, path: words.operands[0]!, line: line.trim(), addTo: add, resultOf: kind.resultOf };
}

interface Kind {
  readonly syntax: Syntax;
  /** Reads the words now; what comes of them is put into a transaction later. */
  read(words: Words): (transaction: Transaction<unknown[]>) => void;
  readonly resultOf: TxnOperation['resultOf'];
}

const check: Syntax = {
  names: ['check'],
  usage: 'path version',
  flags: [],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'version', kind: 'word' },
  ],
};

const KINDS: readonly Kind[] = [
  {
    syntax: check,
    read({ operands }) {
      const [path, text] = operands as [string, string];
      const version = wholeNumber('version', text, -1, 0x7fff_ffff);
      return (transaction) => transaction.check(path, version);
    },
    resultOf: nothing,
  },
  {
    syntax: create,
    read(words) {
      const [path, data, text] = words.operands as [string, string?, string?];
      const options = { ...createKindOf(words), acl: text === undefined ? acl.open : parseAcl(text) };
      return (transaction) => transaction.create(path, data ?? '', options);
    },
    resultOf: (result) => {
      const { path, stat } = result as CreatedInTransaction;
      return { created: path, stat };
    },
  },
  {
    syntax: set,
    read(words) {
      const [path, text] = words.operands as [string, string];
      const data = words.has('-b') ? fromBase64(text) : text;
      const version = versionOf(words);
      return (transaction) => transaction.set(path, data, version);
    },
    resultOf: (stat) => ({ stat: stat as Stat }),
  },
  {
    syntax: deleteNode,
    read(words) {
      const [path, old] = words.operands as [string, string?];
      const version = old === undefined ? versionOf(words) : wholeNumber('version', old, -1, 0x7fff_ffff);
      return (transaction) => transaction.delete(path, version);
    },
    resultOf: nothing,
  },
];

function nothing(): Record<string, never> {
  return {};
}

const NAMES: readonly string[] = KINDS.map(({ syntax }) => syntax.names[0]);

import { type Acl, acl as lists, type CreateKind, type Data, type Transaction, utf8 } from '@corral/client';
import { sha256 } from './sha256.ts';

/** One operation of a migration. `create` without data makes an empty node. */
export type MigrationStep =
  | (CreateKind & { readonly create: string; readonly data?: Data; readonly acl?: readonly Acl[] })
  | { readonly set: string; readonly data: Data; readonly version?: number }
  | { readonly delete: string; readonly version?: number }
  | { readonly check: string; readonly version: number };

/** @throws TypeError, RangeError for what the client would refuse */
export function addStep(transaction: Transaction<readonly unknown[]>, step: MigrationStep): void {
  if ('create' in step) transaction.create(step.create, step.data, step);
  else if ('set' in step) transaction.set(step.set, step.data, step.version);
  else if ('delete' in step) transaction.delete(step.delete, step.version);
  else transaction.check(step.check, step.version);
}

/**
 * As Curator's MigrationManager takes it, so that both know each other's migrations: of each operation its path, the number
 * of its kind, and its record as Java's jute prints it.
 */
export function fingerprintOf(steps: readonly MigrationStep[]): Uint8Array {
  return sha256(utf8.encode(steps.map(printed).join('')));
}

function printed(step: MigrationStep): string {
  if ('create' in step) return printedCreate(step.create, step.data ?? '', step, step.acl ?? lists.open);
  if ('set' in step) return `${step.set}5${text(step.set)},${buffer(step.data)},${step.version ?? -1}\n`;
  if ('delete' in step) return `${step.delete}2${text(step.delete)},${step.version ?? -1}\n`;
  if ('check' in step) return `${step.check}13${text(step.check)},${step.version}\n`;
  throw new TypeError('a step is none of create, set, delete and check');
}

function printedCreate(path: string, data: Data, kind: CreateKind, acl: readonly Acl[]): string {
  const { mode = 'persistent', sequential = false, ttl } = kind;
  const flags = (mode === 'container' ? 4 : mode === 'ephemeral' ? 1 : 0) + (sequential ? 2 : 0);
  const entries = acl.map(({ perms, scheme, id }) => `s{${bitsOf(perms)},s{${text(scheme)},${text(id)}}}`);
  const record = `${text(path)},${buffer(data)},v{${entries.join(',')}}`;
  if (ttl !== undefined) return `${path}21${record},${sequential ? 6 : 5},${ttl}\n`;
  return `${path}${mode === 'container' ? 19 : 1}${record},${flags}\n`;
}

function text(value: string): string {
  return `'${value.replaceAll(/[\0\n\r,}%]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase();
    return `%${code.padStart(2, '0')}`;
  })}`;
}

/** Java's bytes have a sign: 0x80 is printed as `ffffff80`, and 0x0a as `a`. */
function buffer(data: Data): string {
  const bytes = typeof data === 'string' ? utf8.encode(data) : data;
  if (bytes.length === 0) return '';
  return `#${Array.from(bytes, (byte) => (byte < 0x80 ? byte : byte + 0xffff_ff00).toString(16)).join('')}`;
}

function bitsOf(perms: string): number {
  return ['r', 'w', 'c', 'd', 'a'].reduce(
    (bits, each, i) => (perms.includes(each) ? bits | (1 << i) : bits),
    0,
  );
}

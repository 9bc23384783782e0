import { QuorumConfigError } from './quorum-config-error.ts';

/** `Long.parseLong`, as far as a number is exact. @throws QuorumConfigError `VALUE` */
export function parseJavaLong(text: string, line?: number): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value))
    throw new QuorumConfigError('VALUE', `For input string: ${JSON.stringify(text)}`, line);
  return value;
}

/** `Long.parseLong(text, 16)`, of a version: none is below zero. @throws QuorumConfigError `VALUE` */
export function parseVersion(text: string, line?: number): number {
  const value = /^\+?[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN;
  if (!Number.isSafeInteger(value))
    throw new QuorumConfigError('VALUE', `version ${JSON.stringify(text)} is no hexadecimal number`, line);
  return value;
}

/** A server's id. Those below zero are what observers without an id are given. @throws QuorumConfigError `VALUE` */
export function parseServerId(text: string, line?: number): number {
  const id = parseJavaLong(text, line);
  if (id < 0) throw new QuorumConfigError('VALUE', `server id ${id} is below zero`, line);
  return id;
}

/** The number behind the first point of `group.1`. @throws QuorumConfigError `VALUE` */
export function parseKeyId(key: string, line?: number): number {
  return parseJavaLong(key.slice(key.indexOf('.') + 1), line);
}

import { validatePath } from '@corral/protocol';
import { kindOf } from './arguments.ts';

/** Why it is no path of a node: a TypeError or RangeError. */
export function pathRefusal(path: unknown, isSequential = false): Error | undefined {
  if (typeof path !== 'string') return new TypeError(`the path is ${kindOf(path)}, not a string`);
  // A sequential node may be all number: `/queue/`.
  const reason = validatePath(isSequential ? `${path}0` : path);
  return reason === undefined ? undefined : new RangeError(`"${path}" is no path: ${reason}`);
}

/** @throws TypeError, RangeError where it is no path of a node */
export function checkPath(path: string, isSequential = false): void {
  const refusal = pathRefusal(path, isSequential);
  if (refusal !== undefined) throw refusal;
}

export function underRoot(root: string, path: string): string {
  if (root === '/') return path;
  return path === '/' ? root : root + path;
}

/** What is outside the root, as only the server can say it, stays as it is. */
export function withoutRoot(root: string, serverPath: string): string {
  if (root === '/') return serverPath;
  if (serverPath === root) return '/';
  return serverPath.startsWith(`${root}/`) ? serverPath.slice(root.length) : serverPath;
}

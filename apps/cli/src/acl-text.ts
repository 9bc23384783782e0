import type { Acl } from '@corral/client';
import { CommandError, ExitCode } from './exit-code.ts';

/**
 * Reads `scheme:id:perms,scheme:id:perms` (AclParser): the id may hold colons.
 *
 * @throws CommandError where it is none: Apache's leaves such an entry out, and goes on with the others
 */
export function parseAcl(text: string): readonly Acl[] {
  return text.split(',').map((entry) => {
    const first = entry.indexOf(':');
    const last = entry.lastIndexOf(':');
    if (first === last)
      throw new CommandError(ExitCode.usage, `${entry} does not have the form scheme:id:perm`);
    const perms = entry.slice(last + 1);
    const unknown = /[^cdrwa]/.exec(perms);
    if (unknown !== null) throw new CommandError(ExitCode.usage, `Unknown perm type: ${unknown[0]}`);
    return { scheme: entry.slice(0, first), id: entry.slice(first + 1, last), perms };
  });
}

/** Two lines for each entry: Java's Id is a record of jute, printed with an end of line. */
export function aclLines(acl: readonly Acl[]): readonly string[] {
  return acl.flatMap(({ scheme, id, perms }) => [`'${escape(scheme)},'${escape(id)}`, `: ${perms}`]);
}

/** Utils.toCSVString of jute. */
function escape(text: string): string {
  return text.replaceAll(/[\0\n\r,}%]/g, (letter) => `%${hex(letter)}`);
}

function hex(letter: string): string {
  return letter.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase();
}

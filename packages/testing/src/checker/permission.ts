import { Perms } from '@corral/protocol';
import type { AclRecord } from '../history.ts';

/** Who asks, as far as the history says it. */
export interface Actor {
  readonly session: bigint;
  /** `scheme:identity` of each auth that was answered well. */
  readonly identities: ReadonlySet<string>;
}

/** Undefined: the history does not say enough to tell (schemes that look at addresses, certificates). */
export function isAllowed(
  acl: readonly AclRecord[] | undefined,
  perms: number,
  actor: Actor,
): boolean | undefined {
  if (acl === undefined || acl.length === 0) return true;
  if ([...actor.identities].some((identity) => identity.startsWith('super:'))) return true;
  let answer: boolean | undefined = false;
  for (const entry of acl) {
    if ((entry.perms & perms) === 0) continue;
    if (entry.scheme === 'world' || actor.identities.has(`${entry.scheme}:${entry.id}`)) return true;
    if (entry.scheme !== 'digest') answer = undefined;
  }
  return answer;
}

/** As the server stores it: `auth` stands for who creates. Undefined is open to everybody. */
export function storedAcl(
  acl: readonly AclRecord[] | undefined,
  actor: Actor,
): readonly AclRecord[] | undefined {
  if (acl === undefined) return undefined;
  const stored = acl.flatMap((entry) =>
    entry.scheme === 'auth'
      ? [...actor.identities].map((identity) => ({
          perms: entry.perms,
          scheme: identity.slice(0, identity.indexOf(':')),
          id: identity.slice(identity.indexOf(':') + 1),
        }))
      : [entry],
  );
  return isOpen(stored) ? undefined : stored;
}

function isOpen(acl: readonly AclRecord[]): boolean {
  return acl.length === 1 && acl[0]!.perms === Perms.ALL && acl[0]!.scheme === 'world';
}

import type { Acl } from '@corral/client';

/** Whoever reads no data and empty data sees the same. */
export function isSameData(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return Buffer.from(a ?? []).equals(b ?? new Uint8Array());
}

/** Whatever the order of entries and letters. */
export function isSameAcl(a: readonly Acl[], b: readonly Acl[]): boolean {
  return canonical(a) === canonical(b);
}

function canonical(acl: readonly Acl[]): string {
  const entries = acl.map(
    ({ scheme, id, perms }) => `${scheme}:${id}:${perms.split('').toSorted().join('')}`,
  );
  return entries.toSorted().join('\n');
}

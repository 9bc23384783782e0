/** What an ACL entry allows (ZooDefs.Perms). */
export const Perms = {
  READ: 1,
  WRITE: 2,
  CREATE: 4,
  DELETE: 8,
  ADMIN: 16,
  ALL: 31,
} as const;

/** The letters `cdrwa`, in that order, of the permissions set (ZKUtil.getPermString). */
export function permString(perms: number): string {
  let letters = '';
  if (perms & Perms.CREATE) letters += 'c';
  if (perms & Perms.DELETE) letters += 'd';
  if (perms & Perms.READ) letters += 'r';
  if (perms & Perms.WRITE) letters += 'w';
  if (perms & Perms.ADMIN) letters += 'a';
  return letters;
}

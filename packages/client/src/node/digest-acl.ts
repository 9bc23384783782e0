import { nodeDigests } from '@corral/runtime/node';
import { type Acl, digestAcl as digestAclBy } from '../acl.ts';

/** Whoever proves to be `user` with this password (`addAuth('digest', 'user:password')`). */
export function digestAcl(user: string, password: string, perms?: string): Acl {
  return digestAclBy(nodeDigests, user, password, perms);
}

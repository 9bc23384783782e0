/** Who changed what, and what came of it (`org.apache.zookeeper.audit`). What does not apply is left out. */
export interface AuditEvent {
  /** `0x` and hexadecimal digits. */
  readonly session?: string | undefined;
  /** The names of the client, with commas between them. */
  readonly user?: string | undefined;
  readonly ip?: string | undefined;
  readonly operation: AuditOperation;
  readonly znode?: string | undefined;
  readonly znodeType?: string | undefined;
  readonly acl?: string | undefined;
  readonly result: 'success' | 'failure' | 'invoked';
}

export type AuditOperation =
  | 'serverStart'
  | 'serverStop'
  | 'create'
  | 'delete'
  | 'setData'
  | 'setAcl'
  | 'multiOperation'
  | 'reconfig'
  | 'ephemeralZNodeDeletionOnSessionCloseOrExpire';

/** Where audit events go. */
export interface AuditSink {
  /** On whose account the server runs: what it does by itself is said to be this user's doing. */
  readonly user: string;
  /** Called for every write before its client is answered: it must not wait, and must not throw. */
  log(event: AuditEvent): void;
}

/** The event as Apache writes it: `name=value`, tabs between them, in this order. */
export function auditLine(event: AuditEvent): string {
  const { session, user, ip, operation, znode, znodeType, acl, result } = event;
  let line = '';
  if (session !== undefined) line += `session=${session}\t`;
  if (user !== undefined) line += `user=${harmless(user)}\t`;
  if (ip !== undefined) line += `ip=${ip}\t`;
  line += `operation=${operation}\t`;
  if (znode !== undefined) line += `znode=${harmless(znode)}\t`;
  if (znodeType !== undefined) line += `znode_type=${znodeType}\t`;
  if (acl !== undefined) line += `acl=${harmless(acl)}\t`;
  return `${line}result=${result}`;
}

/** Paths that are refused, and names of users, hold what clients like: they must not make up fields or lines. */
function harmless(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

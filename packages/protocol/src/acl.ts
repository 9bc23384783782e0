import type { JuteReader, JuteWriter } from '@corral/jute';
import { Perms } from './perms.ts';

/** Who may do what: one entry of a node's ACL. On the wire `scheme` and `id` are a nested `Id`; here they lie flat. */
export class Acl {
  perms: number;
  scheme: string | null;
  id: string | null;

  constructor(perms: number, scheme: string | null, id: string | null) {
    this.perms = perms;
    this.scheme = scheme;
    this.id = id;
  }

  static read(r: JuteReader): Acl {
    return new Acl(r.readInt(), r.readString(), r.readString());
  }

  write(w: JuteWriter): void {
    w.writeInt(this.perms);
    w.writeString(this.scheme);
    w.writeString(this.id);
  }
}

/** A client as one scheme knows it (`Id` in zookeeper.jute). */
export class Identity {
  scheme: string | null;
  id: string | null;

  constructor(scheme: string | null, id: string | null) {
    this.scheme = scheme;
    this.id = id;
  }

  static read(r: JuteReader): Identity {
    return new Identity(r.readString(), r.readString());
  }

  write(w: JuteWriter): void {
    w.writeString(this.scheme);
    w.writeString(this.id);
  }
}

export function readAcls(r: JuteReader): Acl[] | null {
  const count = r.readCount(ACL_BYTES_MIN);
  if (count < 0) return null;
  const acls: Acl[] = [];
  for (let i = 0; i < count; i++) acls.push(Acl.read(r));
  return acls;
}

export function writeAcls(w: JuteWriter, acls: readonly Acl[] | null): void {
  if (acls === null) return w.writeInt(-1);
  w.writeInt(acls.length);
  for (const acl of acls) acl.write(w);
}

export function readIdentities(r: JuteReader): Identity[] | null {
  const count = r.readCount(IDENTITY_BYTES_MIN);
  if (count < 0) return null;
  const identities: Identity[] = [];
  for (let i = 0; i < count; i++) identities.push(Identity.read(r));
  return identities;
}

export function writeIdentities(w: JuteWriter, identities: readonly Identity[] | null): void {
  if (identities === null) return w.writeInt(-1);
  w.writeInt(identities.length);
  for (const identity of identities) identity.write(w);
}

/** Everybody may do everything. */
export const OPEN_ACL_UNSAFE: readonly Acl[] = [new Acl(Perms.ALL, 'world', 'anyone')];
export const READ_ACL_UNSAFE: readonly Acl[] = [new Acl(Perms.READ, 'world', 'anyone')];
/** Everything for every identity of the client that creates: the server puts those in the place of `auth`. */
export const CREATOR_ALL_ACL: readonly Acl[] = [new Acl(Perms.ALL, 'auth', '')];

const ACL_BYTES_MIN = 12;
const IDENTITY_BYTES_MIN = 8;

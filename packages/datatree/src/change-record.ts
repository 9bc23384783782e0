import type { Acl } from '@corral/protocol';
import type { DigestFields } from './tree-digest.ts';

/**
 * A node as it will be when everything prepared so far has been applied (ZooKeeperServer.ChangeRecord). Never
 * changed once it is pending: the next request that touches the node makes another.
 */
export class ChangeRecord implements DigestFields {
  /** The transaction it belongs to. */
  zxid: number;
  /** The root's is "", whatever the request calls it. */
  readonly path: string;
  /** The node will be there. */
  exists = true;
  czxid = 0;
  mzxid = 0;
  pzxid = 0;
  ctime = 0;
  mtime = 0;
  version = 0;
  cversion = 0;
  aversion = 0;
  /** An `EphemeralType`. */
  kind = 0;
  owner = 0n;
  childCount = 0;
  dataLength = 0;
  acl: readonly Acl[] = NO_ACL;
  /** The checksum of path and data. */
  bodyCrc = 0;
  /** What it adds to the tree's digest. */
  digest = 0;

  constructor(zxid: number, path: string) {
    this.zxid = zxid;
    this.path = path;
  }

  /** The same, to be changed by the transaction `zxid`. */
  copy(zxid: number): ChangeRecord {
    const copy = new ChangeRecord(zxid, this.path);
    copy.czxid = this.czxid;
    copy.mzxid = this.mzxid;
    copy.pzxid = this.pzxid;
    copy.ctime = this.ctime;
    copy.mtime = this.mtime;
    copy.version = this.version;
    copy.cversion = this.cversion;
    copy.aversion = this.aversion;
    copy.kind = this.kind;
    copy.owner = this.owner;
    copy.childCount = this.childCount;
    copy.dataLength = this.dataLength;
    copy.acl = this.acl;
    copy.bodyCrc = this.bodyCrc;
    copy.digest = this.digest;
    return copy;
  }
}

const NO_ACL: readonly Acl[] = [];

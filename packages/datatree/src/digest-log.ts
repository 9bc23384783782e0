import type { TxnDigest, Zxid } from '@corral/protocol';
import { DIGEST_VERSION, type DigestSum } from './tree-digest.ts';

/** The digest of the tree when `zxid` was the last transaction applied. */
export interface ZxidDigest {
  readonly zxid: Zxid;
  readonly version: number;
  /** A signed long. */
  readonly value: bigint;
}

/**
 * Compares the tree's digest with the one each transaction carries and keeps some of them for the word `hash`.
 * A mismatch is counted, never fatal: Apache itself writes wrong ones where opcode and flags of a create disagree.
 */
export class DigestLog {
  /** Transactions, and at most one snapshot, whose digest was not the tree's. */
  mismatchCount = 0;
  /** The first of them. */
  firstMismatch: Zxid | undefined = undefined;
  /** Every 128th zxid, the newest 1024, oldest first. */
  readonly recent: ZxidDigest[] = [];
  readonly #sum: DigestSum;
  readonly #isEnabled: boolean;
  #expected: ZxidDigest | undefined = undefined;

  constructor(sum: DigestSum, isEnabled: boolean) {
    this.#sum = sum;
    this.#isEnabled = isEnabled;
  }

  /**
   * What the trailer of a snapshot says, whose tree is that of `zxid` or, written by Apache, somewhat ahead of it:
   * until replay gets to the digest's zxid nothing is compared.
   */
  expect(digest: ZxidDigest, zxid: Zxid): void {
    // A digest from before the snapshot belongs to no tree: a new leader's snapshot in an epoch without transactions.
    if (!this.#isEnabled || digest.zxid < zxid || digest.zxid === 0) return;
    this.#expected = digest;
    this.#compareExpected(zxid);
  }

  applied(zxid: Zxid, digest: TxnDigest | undefined): void {
    if (!this.#isEnabled) return;
    if (this.#expected !== undefined) return this.#compareExpected(zxid);
    if (zxid % LOG_INTERVAL === 0) this.#record(zxid);
    if (digest === undefined || digest.version !== DIGEST_VERSION) return;
    if (digest.treeDigest !== this.#sum.value) this.#mismatch(zxid);
  }

  /** The same of a transaction prepared here, whose digest has the halves `high` and `low`. */
  appliedOwn(zxid: Zxid, high: number, low: number): void {
    if (!this.#isEnabled) return;
    if (this.#expected !== undefined) return this.#compareExpected(zxid);
    if (zxid % LOG_INTERVAL === 0) this.#record(zxid);
    if (high !== this.#sum.high || low !== this.#sum.low) this.#mismatch(zxid);
  }

  #compareExpected(zxid: Zxid): void {
    const expected = this.#expected!;
    if (zxid < expected.zxid) return;
    this.#expected = undefined;
    if (zxid > expected.zxid || expected.version !== DIGEST_VERSION) return;
    if (expected.value !== this.#sum.value) this.#mismatch(zxid);
  }

  #mismatch(zxid: Zxid): void {
    this.mismatchCount++;
    this.firstMismatch ??= zxid;
  }

  #record(zxid: Zxid): void {
    this.recent.push({ zxid, version: DIGEST_VERSION, value: this.#sum.value });
    if (this.recent.length > LOG_MAX) this.recent.shift();
  }
}

/** DataTree.DIGEST_LOG_INTERVAL and DIGEST_LOG_LIMIT. */
const LOG_INTERVAL = 128;
const LOG_MAX = 1024;

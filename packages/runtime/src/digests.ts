/** Algorithms of `zookeeper.DigestAuthenticationProvider.digestAlg` and of the session passwords. */
export type DigestAlgorithm = 'sha1' | 'sha256' | 'sha512' | 'md5';

/** Cryptographic digests. They are pure, but no pure language feature offers them; hence a contract. */
export interface Digests {
  digest(algorithm: DigestAlgorithm, bytes: Uint8Array): Uint8Array;
  hmac(algorithm: DigestAlgorithm, key: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** Compares in a time that depends on the lengths only. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
}

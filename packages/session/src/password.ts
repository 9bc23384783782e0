/** How many bytes a session password has. Some clients (the C client's) take no other length. */
export const PASSWORD_LENGTH = 16;

/** An HMAC with at least 16 bytes of result, such as SHA-256's. */
export type Hmac = (key: Uint8Array, bytes: Uint8Array) => Uint8Array;

/**
 * Apache's password of a session: 16 bytes of `java.util.Random` seeded with the id and a constant that everybody
 * knows (ZooKeeperServer.generatePasswd). Any server recomputes it, and so does anybody who knows an id.
 */
export function apachePassword(id: bigint): Uint8Array {
  const password = new Uint8Array(PASSWORD_LENGTH);
  const view = new DataView(password.buffer);
  let seed = BigInt.asUintN(48, id ^ APACHE_SECRET ^ MULTIPLIER);
  for (let at = 0; at < PASSWORD_LENGTH; at += 4) {
    seed = BigInt.asUintN(48, seed * MULTIPLIER + INCREMENT);
    view.setUint32(at, Number(seed >> 16n), true);
  }
  return password;
}

/** A password nobody can compute without `key`. Every server that shall verify it needs the same key. */
export function keyedPassword(id: bigint, key: Uint8Array, hmac: Hmac): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, id);
  const code = hmac(key, bytes);
  if (code.length < PASSWORD_LENGTH) throw new RangeError(`an HMAC of ${code.length} bytes`);
  return code.slice(0, PASSWORD_LENGTH);
}

const APACHE_SECRET = 0xb341_5c00n;
const MULTIPLIER = 0x5_deec_e66dn;
const INCREMENT = 0xbn;

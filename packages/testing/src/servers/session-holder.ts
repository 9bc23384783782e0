/** A client, of whatever make, or the id of its session. */
export type SessionHolder = bigint | { readonly sessionId: bigint };

/** @throws RangeError for a client that has no session yet */
export function sessionOf(who: SessionHolder): bigint {
  const id = typeof who === 'bigint' ? who : who.sessionId;
  if (typeof id !== 'bigint') throw new TypeError('neither a client nor the id of a session');
  if (id === 0n) throw new RangeError('the client has no session yet');
  // Java and others print the upper half of them as negative numbers.
  return BigInt.asIntN(64, id);
}

export function sessionsOf(many: readonly SessionHolder[]): bigint[] {
  return many.map(sessionOf);
}

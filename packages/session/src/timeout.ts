/** The timeout a session gets: what the client asked for, within the server's limits. All in milliseconds. */
export function negotiateTimeout(requestedMs: number, minMs: number, maxMs: number): number {
  // As ZooKeeperServer does it: the lower limit first, so that the upper one wins should they cross.
  return Math.min(Math.max(requestedMs, minMs), maxMs);
}

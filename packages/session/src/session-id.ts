import { CONTAINER_EPHEMERAL_OWNER } from '@corral/protocol';

/**
 * The first session id a server gives out: server id in the top byte, then 40 bits of the elapsed time in
 * milliseconds, then 16 zero bits (SessionTrackerImpl.initializeNextSessionId). `elapsedMs` is a monotonic time that
 * goes on over restarts of the process, such as the time since the machine started, so that ids are not given twice.
 */
export function initialSessionId(serverId: number, elapsedMs: number): bigint {
  if (!Number.isInteger(serverId) || serverId < 0 || serverId > 255)
    throw new RangeError(`server id ${serverId}`);
  const elapsed = BigInt.asUintN(40, BigInt(Math.floor(elapsedMs)));
  return skipContainerOwner(BigInt.asIntN(64, (BigInt(serverId) << 56n) | (elapsed << 16n)));
}

export function nextSessionId(id: bigint): bigint {
  return skipContainerOwner(BigInt.asIntN(64, id + 1n));
}

/** Session ids are signed 64-bit, as the wire has them; printed they are unsigned hexadecimal. */
export function sessionIdToHex(id: bigint): string {
  return `0x${BigInt.asUintN(64, id).toString(16)}`;
}

/** It marks containers, and a session must never have it. */
function skipContainerOwner(id: bigint): bigint {
  return id === CONTAINER_EPHEMERAL_OWNER ? id + 1n : id;
}

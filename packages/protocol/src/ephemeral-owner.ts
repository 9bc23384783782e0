/**
 * What the `ephemeralOwner` of a node says beside a session id (EphemeralType, EphemeralTypeEmulate353). All
 * owners are signed 64-bit values, as `JuteReader.readLong` returns them.
 */
export const EphemeralType = {
  VOID: 0,
  /** The owner is the id of the session the node ends with. */
  NORMAL: 1,
  CONTAINER: 2,
  TTL: 3,
} as const;
export type EphemeralType = (typeof EphemeralType)[keyof typeof EphemeralType];

/** 0x8000000000000000: no session may have this id. */
export const CONTAINER_EPHEMERAL_OWNER: bigint = -0x8000_0000_0000_0000n;

/** The longest time to live in milliseconds, 40 bits: about 34 years. */
export const TTL_MAX_MS = 0xff_ffff_ffff;

/** The largest server id when extended types are on: 0xff in the top byte of a session id means TTL then. */
export const EXTENDED_SERVER_ID_MAX = 0xfe;

export interface EphemeralTypeSettings {
  /** zookeeper.extendedTypesEnabled. Without it every owner but 0 and the container's is a session. */
  readonly extendedTypesEnabled: boolean;
  /** zookeeper.emulate353TTLNodes: any owner with the top bit set is a TTL node, as 3.5.3 wrote them (ZOOKEEPER-2901). */
  readonly emulate353TTLNodes: boolean;
}

/** @throws RangeError where extended types are on and the owner names a feature that does not exist */
export function ephemeralTypeOf(owner: bigint, settings: EphemeralTypeSettings): EphemeralType {
  if (owner === 0n) return EphemeralType.VOID;
  if (owner === CONTAINER_EPHEMERAL_OWNER) return EphemeralType.CONTAINER;
  if (settings.extendedTypesEnabled && owner < 0n) {
    if (settings.emulate353TTLNodes) return EphemeralType.TTL;
    if (owner >= EXTENDED) {
      if (owner - EXTENDED > TTL_MASK)
        throw new RangeError(`ephemeralOwner ${BigInt.asUintN(64, owner).toString(16)}`);
      return EphemeralType.TTL;
    }
  }
  return EphemeralType.NORMAL;
}

export function isTtlValue(ttlMs: number): boolean {
  return Number.isInteger(ttlMs) && ttlMs > 0 && ttlMs <= TTL_MAX_MS;
}

/** The owner of a TTL node. @throws RangeError unless {@link isTtlValue} */
export function ttlToEphemeralOwner(ttlMs: number): bigint {
  if (!isTtlValue(ttlMs)) throw new RangeError(`ttl ${ttlMs}`);
  return EXTENDED + BigInt(ttlMs);
}

/** The time to live in milliseconds that the owner of a TTL node carries. */
export function ttlOfEphemeralOwner(owner: bigint): number {
  return Number(owner & TTL_MASK);
}

/** 0xff00000000000000 */
const EXTENDED = -0x0100_0000_0000_0000n;
const TTL_MASK = BigInt(TTL_MAX_MS);

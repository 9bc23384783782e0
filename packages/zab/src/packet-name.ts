import { QuorumPacketType } from '@corral/protocol';

/** For messages. */
export function packetName(type: number): string {
  return NAMES.get(type) ?? `a packet of type ${type}`;
}

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(QuorumPacketType).map(([name, type]) => [type, name]),
);

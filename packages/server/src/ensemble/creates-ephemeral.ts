import type { JuteReader } from '@corral/jute';
import { CreateRequest, isEphemeral, OpCode, readMultiRequest } from '@corral/protocol';

/**
 * Whether a write makes an ephemeral node, alone or in a multi (QuorumZooKeeperServer.checkUpgradeSession). False where it
 * cannot be read: then it makes nothing.
 *
 * @param r stands at the body
 */
export function createsEphemeral(type: number, r: JuteReader, multiOperationsMax: number): boolean {
  try {
    switch (type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
        return isEphemeral(CreateRequest.read(r).flags);
      case OpCode.multi:
        return readMultiRequest(r, multiOperationsMax).some(
          ({ record }) => record instanceof CreateRequest && isEphemeral(record.flags),
        );
      default:
        return false;
    }
  } catch {
    return false;
  }
}

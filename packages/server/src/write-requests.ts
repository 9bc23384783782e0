import type { Preparation } from '@corral/datatree';
import type { JuteReader } from '@corral/jute';
import {
  CreateRequest,
  CreateSessionTxn,
  CreateTTLRequest,
  DeleteContainerRequest,
  DeleteRequest,
  OpCode,
  ReconfigRequest,
  readMultiRequest,
  SetACLRequest,
  SetDataRequest,
} from '@corral/protocol';

/** What a write asks for, decoded. */
export type WriteRequest = Parameters<Preparation['prepare']>[1];

/** Requests that become transactions. */
export function isWrite(type: number): boolean {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
    case OpCode.delete:
    case OpCode.deleteContainer:
    case OpCode.setData:
    case OpCode.setACL:
    case OpCode.multi:
    case OpCode.reconfig:
    case OpCode.createSession:
    case OpCode.closeSession:
      return true;
    default:
      return false;
  }
}

/**
 * The body of a write. Byte arrays in it are views of what is read. Bytes left over are passed over, as Apache does.
 *
 * @throws JuteError, ProtocolError where the bytes hold no such request
 */
export function readWriteRequest(type: number, r: JuteReader, multiOperationsMax: number): WriteRequest {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return CreateRequest.read(r);
    case OpCode.createTTL:
      return CreateTTLRequest.read(r);
    case OpCode.delete:
      return DeleteRequest.read(r);
    case OpCode.deleteContainer:
      return DeleteContainerRequest.read(r);
    case OpCode.setData:
      return SetDataRequest.read(r);
    case OpCode.setACL:
      return SetACLRequest.read(r);
    case OpCode.multi:
      return readMultiRequest(r, multiOperationsMax);
    case OpCode.reconfig:
      return ReconfigRequest.read(r);
    case OpCode.createSession:
      return CreateSessionTxn.read(r);
    default:
      return null;
  }
}

export {
  type Zxid,
  ZXID_NONE,
  EPOCH_MAX,
  zxidOf,
  toZxid,
  nextZxid,
  epochOf,
  counterOf,
  zxidToHex,
  readZxid,
} from './zxid.ts';
export { OpCode, type OpName, opName } from './op-code.ts';
export { ErrorCode, type ErrorName, errorName, ZooKeeperError } from './error.ts';
export { ProtocolError, type ProtocolErrorCode } from './protocol-error.ts';
export { Xid } from './xid.ts';
export { CreateMode, isCreateMode, isEphemeral, isSequential, isContainer, isTtl } from './create-mode.ts';
export { EventType, KeeperState, WatcherType, AddWatchMode } from './watch-codes.ts';
export {
  EphemeralType,
  type EphemeralTypeSettings,
  ephemeralTypeOf,
  CONTAINER_EPHEMERAL_OWNER,
  EXTENDED_SERVER_ID_MAX,
  TTL_MAX_MS,
  isTtlValue,
  ttlToEphemeralOwner,
  ttlOfEphemeralOwner,
} from './ephemeral-owner.ts';
export { validatePath, isValidPath, parentPath, baseName, joinPath, sequenceSuffix } from './path.ts';
export { Perms, permString } from './perms.ts';
export {
  Acl,
  Identity,
  readAcls,
  writeAcls,
  readIdentities,
  writeIdentities,
  OPEN_ACL_UNSAFE,
  READ_ACL_UNSAFE,
  CREATOR_ALL_ACL,
} from './acl.ts';
export { Stat, StatPersisted } from './stat.ts';

// Client and server
export { RequestHeader, ReplyHeader } from './headers.ts';
export {
  ConnectRequest,
  ConnectResponse,
  AuthPacket,
  GetSASLRequest,
  SetSASLResponse,
  ClientInfo,
  WhoAmIResponse,
} from './session-records.ts';
export {
  CreateRequest,
  CreateTTLRequest,
  DeleteRequest,
  DeleteContainerRequest,
  ExistsRequest,
  GetDataRequest,
  SetDataRequest,
  GetACLRequest,
  SetACLRequest,
  GetChildrenRequest,
  GetChildren2Request,
  GetAllChildrenNumberRequest,
  GetEphemeralsRequest,
  CheckVersionRequest,
  SyncRequest,
  ReconfigRequest,
} from './node-requests.ts';
export {
  CreateResponse,
  Create2Response,
  ExistsResponse,
  GetDataResponse,
  SetDataResponse,
  GetACLResponse,
  SetACLResponse,
  GetChildrenResponse,
  GetChildren2Response,
  GetAllChildrenNumberResponse,
  GetEphemeralsResponse,
  SyncResponse,
  ErrorResponse,
} from './node-responses.ts';
export {
  SetWatches,
  SetWatches2,
  AddWatchRequest,
  CheckWatchesRequest,
  RemoveWatchesRequest,
  WatcherEvent,
} from './watch-records.ts';
export { MultiHeader } from './multi-header.ts';
export {
  type MultiOp,
  type MultiOpType,
  isMultiReadOp,
  readMultiRequest,
  writeMultiRequest,
} from './multi-request.ts';
export { type MultiResult, readMultiResponse, writeMultiResponse } from './multi-response.ts';

// Servers among themselves, and their disks
export { Txn, type TxnRecord, encodeTxn, decodeTxn, readTxn } from './txn.ts';
export { MultiTxn, SubTxn, type SubTxnRecord } from './multi-txn.ts';
export {
  TxnHeader,
  TxnDigest,
  CreateTxn,
  CreateContainerTxn,
  CreateTTLTxn,
  DeleteTxn,
  SetDataTxn,
  SetACLTxn,
  CheckVersionTxn,
  CreateSessionTxn,
  CloseSessionTxn,
  ErrorTxn,
} from './txn-records.ts';
export { FileHeader } from './file-header.ts';
export { LearnerInfo, QuorumPacket, QuorumAuthPacket } from './quorum-records.ts';
export { QuorumPacketType, ZAB_PROTOCOL_VERSION } from './quorum-packet-type.ts';
export type { QuorumVerifier } from './quorum-verifier.ts';
export { QuorumConfig, type QuorumRules, defaultQuorumRules, isQuorumKey } from './quorum-config.ts';
export { QuorumServer, type QuorumAddress, type LearnerType } from './quorum-server.ts';
export { QuorumHierarchy } from './quorum-hierarchy.ts';
export { QuorumConfigError, type QuorumConfigErrorCode } from './quorum-config-error.ts';
export { reconfigure, type Reconfiguration, type ReconfigurationRefusal } from './reconfigure.ts';
export { parseProperties, type Property } from './properties.ts';
export {
  ServerState,
  type Notification,
  NO_VOTE,
  NOTIFICATION_VERSION,
  ELECTION_FRAME_MAX,
  readNotification,
  writeNotification,
} from './notification.ts';
export {
  type InitialMessage,
  InitialMessageReader,
  INITIAL_MESSAGE_ADDRESSES_MAX,
  writeInitialMessage,
} from './initial-message.ts';
export { type HostAndPort, formatHostAndPort } from './host-and-ports.ts';
export { QuorumPacketSplitter, type QuorumPacketLimits } from './quorum-packet-splitter.ts';

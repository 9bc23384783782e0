export {
  auth,
  burst,
  check,
  container,
  create,
  create2,
  exists,
  multi,
  on,
  open,
  raw,
  remove,
  set,
  setAcl,
  ttl,
} from './cases/case.ts';
export { firstDifference, type Difference } from './play/compare.ts';
export { Player } from './play/player.ts';
export type { Step } from './play/step.ts';
export { printed, printedEntry, type Transcript } from './play/transcript.ts';
export { Dice } from './random/dice.ts';
export { randomScript } from './random/script.ts';
export { freePorts } from './servers/free-port.ts';
export { isThere } from './servers/need.ts';
export {
  apache38,
  apache39,
  candidate,
  type Missing,
  type Properties,
  reference,
  type ServerProgram,
} from './servers/program.ts';
export { type Exit, type ServerOptions, ServerProcess } from './servers/server-process.ts';
export { superDigest } from './cases/wipe.ts';
export { WireConnection } from './wire/connection.ts';
export { fourLetterWord } from './wire/four-letter-word.ts';
export type { Names } from './wire/line.ts';
export { customaryXid, encodeFrame, type Operation } from './wire/operation.ts';
export { notificationXid, readNotification, readReply, xidOf } from './wire/reply.ts';
export {
  type ConnectResponse,
  decodeConnectResponse,
  encodeConnectRequest,
  noPasswd,
} from './wire/session-opening.ts';

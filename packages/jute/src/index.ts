export { JuteError, type JuteErrorCode } from './error.ts';
export { JuteReader } from './reader.ts';
export { JuteWriter } from './writer.ts';
export { FrameSplitter, FRAME_PAYLOAD_MAX_DEFAULT, type FrameLimits } from './frame-splitter.ts';
export { MAX_BUFFER_DEFAULT } from './limits.ts';
export { utf8Decode, utf8Length } from './utf8.ts';

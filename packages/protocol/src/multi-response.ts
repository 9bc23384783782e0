import type { JuteReader, JuteWriter } from '@corral/jute';
import { MultiHeader } from './multi-header.ts';
import {
  Create2Response,
  CreateResponse,
  ErrorResponse,
  GetChildrenResponse,
  GetDataResponse,
  SetDataResponse,
} from './node-responses.ts';
import { OpCode } from './op-code.ts';
import { ProtocolError } from './protocol-error.ts';

/**
 * What became of one operation of a multi.
 *
 * When a multi of writes fails all its results are `error`: 0 for the operations before the one that failed, its
 * own code, RUNTIMEINCONSISTENCY for those behind. createContainer and createTTL answer as `create2`.
 */
export type MultiResult =
  | { readonly type: typeof OpCode.create; readonly record: CreateResponse }
  | { readonly type: typeof OpCode.create2; readonly record: Create2Response }
  | { readonly type: typeof OpCode.delete; readonly record: undefined }
  | { readonly type: typeof OpCode.setData; readonly record: SetDataResponse }
  | { readonly type: typeof OpCode.check; readonly record: undefined }
  | { readonly type: typeof OpCode.getData; readonly record: GetDataResponse }
  | { readonly type: typeof OpCode.getChildren; readonly record: GetChildrenResponse }
  | { readonly type: typeof OpCode.error; readonly record: ErrorResponse };

/** Writes the body of the reply to a multi or multiRead (MultiResponse), with its terminator. */
export function writeMultiResponse(w: JuteWriter, results: readonly MultiResult[]): void {
  for (const result of results) {
    MultiHeader.writeFields(w, result.type, false, result.type === OpCode.error ? result.record.err : 0);
    result.record?.write(w);
  }
  MultiHeader.writeFields(w, -1, true, -1);
}

/**
 * Reads the body of the reply to a multi or multiRead, up to and including the terminator.
 *
 * @param resultsMax the most results believed: the number of operations asked for
 */
export function readMultiResponse(r: JuteReader, resultsMax: number): MultiResult[] {
  const results: MultiResult[] = [];
  for (;;) {
    const at = r.offset;
    const header = MultiHeader.read(r);
    if (header.done) return results;
    if (results.length >= resultsMax)
      throw new ProtocolError('TOO_MANY_OPS', at, `more than ${resultsMax} results`);
    results.push(readResult(r, header.type, at));
  }
}

function readResult(r: JuteReader, type: number, at: number): MultiResult {
  switch (type) {
    case OpCode.create:
      return { type, record: CreateResponse.read(r) };
    case OpCode.create2:
      return { type, record: Create2Response.read(r) };
    case OpCode.delete:
    case OpCode.check:
      return { type, record: undefined };
    case OpCode.setData:
      return { type, record: SetDataResponse.read(r) };
    case OpCode.getData:
      return { type, record: GetDataResponse.read(r) };
    case OpCode.getChildren:
      return { type, record: GetChildrenResponse.read(r) };
    case OpCode.error:
      return { type, record: ErrorResponse.read(r) };
    default:
      throw new ProtocolError('UNKNOWN_OP', at, `result ${type} in a multi`);
  }
}

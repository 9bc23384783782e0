import type { Outcome } from '@corral/datatree';
import type { JuteWriter } from '@corral/jute';
import { MultiHeader, OpCode } from '@corral/protocol';

/** The body of the reply to a write that succeeded (FinalRequestProcessor). `type` is what was asked for. */
export function writeReplyBody(out: JuteWriter, type: number, outcome: Outcome): void {
  switch (type) {
    case OpCode.create:
    case OpCode.sync:
      outcome.writePath(out);
      break;
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
      outcome.writePath(out);
      outcome.writeStat(out);
      break;
    case OpCode.setData:
    case OpCode.setACL:
      outcome.writeStat(out);
      break;
    case OpCode.reconfig:
      out.writeBuffer(outcome.config);
      outcome.writeStat(out);
      break;
    case OpCode.multi:
      writeMultiResults(out, outcome.results ?? []);
      break;
    default:
      // delete, deleteContainer, closeSession: a header only.
      break;
  }
}

/** Where one part failed, every part is an error: 0 for those before it, RUNTIMEINCONSISTENCY for those after. */
function writeMultiResults(out: JuteWriter, results: readonly Outcome[]): void {
  for (const result of results) writeMultiResult(out, result);
  MultiHeader.writeFields(out, -1, true, -1);
}

function writeMultiResult(out: JuteWriter, result: Outcome): void {
  switch (result.type) {
    case OpCode.create:
      MultiHeader.writeFields(out, OpCode.create, false, 0);
      result.writePath(out);
      break;
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
      MultiHeader.writeFields(out, OpCode.create2, false, 0);
      result.writePath(out);
      result.writeStat(out);
      break;
    case OpCode.delete:
    case OpCode.deleteContainer:
      MultiHeader.writeFields(out, OpCode.delete, false, 0);
      break;
    case OpCode.setData:
      MultiHeader.writeFields(out, OpCode.setData, false, 0);
      result.writeStat(out);
      break;
    case OpCode.check:
      MultiHeader.writeFields(out, OpCode.check, false, 0);
      break;
    default:
      MultiHeader.writeFields(out, OpCode.error, false, result.error);
      out.writeInt(result.error);
      break;
  }
}

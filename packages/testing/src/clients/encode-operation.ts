import { type JuteReader, JuteWriter } from '@corral/jute';
import {
  Acl,
  CheckVersionRequest,
  Create2Response,
  CreateRequest,
  DeleteRequest,
  ExistsRequest,
  ExistsResponse,
  GetChildren2Request,
  GetChildren2Response,
  GetDataRequest,
  GetDataResponse,
  type MultiOp,
  OPEN_ACL_UNSAFE,
  OpCode,
  ReconfigRequest,
  readMultiResponse,
  SetDataRequest,
  SetDataResponse,
  SyncRequest,
  writeMultiRequest,
} from '@corral/protocol';
import type { Operation, OperationResult, WriteOperation } from '../history.ts';

/** The frame of a request, length included. */
export function encodeOperation(xid: number, operation: Operation): Uint8Array {
  const w = WRITER.clear();
  const length = w.reserveInt();
  w.writeInt(xid);
  w.writeInt(typeOf(operation));
  writeBody(operation, w);
  w.patchLength(length);
  return w.copy();
}

const WRITER = new JuteWriter();

/** What stands behind the header of a reply without an error; of a multi that failed, too. */
export function decodeResult(operation: Operation, r: JuteReader): OperationResult | undefined {
  switch (operation.op) {
    case 'create': {
      const { path, stat } = Create2Response.read(r);
      return { path: path ?? '', stat };
    }
    case 'setData':
      return { stat: SetDataResponse.read(r).stat };
    case 'exists':
      return { stat: ExistsResponse.read(r).stat };
    case 'getData': {
      const { data, stat } = GetDataResponse.read(r);
      return { value: textOf(data), stat };
    }
    case 'getChildren': {
      const { children, stat } = GetChildren2Response.read(r);
      return { children: (children ?? []).map(String), stat };
    }
    case 'multi':
      return { results: readMultiResponse(r, operation.operations.length).map(multiResultOf) };
    default:
      return undefined;
  }
}

function typeOf({ op }: Operation): number {
  return TYPES[op];
}

const TYPES: Readonly<Record<Operation['op'], number>> = {
  create: OpCode.create2,
  delete: OpCode.delete,
  setData: OpCode.setData,
  check: OpCode.check,
  multi: OpCode.multi,
  getData: OpCode.getData,
  exists: OpCode.exists,
  getChildren: OpCode.getChildren2,
  sync: OpCode.sync,
  reconfig: OpCode.reconfig,
  closeSession: OpCode.closeSession,
};

function writeBody(operation: Operation, w: JuteWriter): void {
  switch (operation.op) {
    case 'multi':
      writeMultiRequest(w, operation.operations.map(multiOpOf));
      break;
    case 'getData':
      new GetDataRequest(operation.path, operation.watch).write(w);
      break;
    case 'exists':
      new ExistsRequest(operation.path, operation.watch).write(w);
      break;
    case 'getChildren':
      new GetChildren2Request(operation.path, operation.watch).write(w);
      break;
    case 'sync':
      new SyncRequest(operation.path).write(w);
      break;
    case 'reconfig':
      new ReconfigRequest(operation.joining || null, operation.leaving || null, null, -1).write(w);
      break;
    case 'closeSession':
      break;
    default:
      multiOpOf(operation).record.write(w);
  }
}

function multiOpOf(operation: WriteOperation): MultiOp {
  switch (operation.op) {
    case 'create':
      return {
        type: OpCode.create2,
        record: new CreateRequest(
          operation.path,
          bytesOf(operation.value),
          operation.acl?.map(({ perms, scheme, id }) => new Acl(perms, scheme, id)) ?? OPEN_ACL_UNSAFE,
          operation.mode,
        ),
      };
    case 'delete':
      return { type: OpCode.delete, record: new DeleteRequest(operation.path, operation.version) };
    case 'setData':
      return {
        type: OpCode.setData,
        record: new SetDataRequest(operation.path, bytesOf(operation.value), operation.version),
      };
    default:
      return { type: OpCode.check, record: new CheckVersionRequest(operation.path, operation.version) };
  }
}

function multiResultOf(
  result: ReturnType<typeof readMultiResponse>[number],
): OperationResult & { readonly error: number } {
  switch (result.type) {
    case OpCode.create2:
      return { error: 0, path: result.record.path ?? '', stat: result.record.stat };
    case OpCode.setData:
      return { error: 0, stat: result.record.stat };
    case OpCode.error:
      return { error: result.record.err };
    default:
      return { error: 0 };
  }
}

/** Values are ASCII. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function textOf(data: Uint8Array | null): string {
  return data === null ? '' : String.fromCharCode(...data);
}

import type { JuteReader, JuteWriter } from '@corral/jute';
import {
  type MultiOp,
  type MultiResult,
  OpCode,
  readMultiResponse,
  writeMultiRequest,
} from '@corral/protocol';
import { Operation } from './operation.ts';

export class Multi extends Operation<MultiResult[]> {
  readonly isRepeatable: boolean;
  readonly #ops: readonly MultiOp[];

  constructor(type: typeof OpCode.multi | typeof OpCode.multiRead, ops: readonly MultiOp[]) {
    super(type, undefined);
    this.isRepeatable = type === OpCode.multiRead;
    this.#ops = ops;
  }

  write(w: JuteWriter): void {
    writeMultiRequest(w, this.#ops);
  }

  read(r: JuteReader): MultiResult[] {
    const results = readMultiResponse(r, this.#ops.length);
    for (const result of results)
      if (result.type === OpCode.getData) result.record.data = result.record.data?.slice() ?? null;
    return results;
  }
}

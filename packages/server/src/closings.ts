import { OpCode } from '@corral/protocol';
import type { PreparedWrite } from './pipeline.ts';
import type { Sessions } from './sessions.ts';

/** When the closing of a session has been applied, nobody knows it any more, and no connection has it. */
export class Closings {
  readonly #sessions: Sessions;

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  applied(write: PreparedWrite): void {
    const { header } = write.txn;
    if (header.type !== OpCode.closeSession) return;
    const owner = this.#sessions.tracker.remove(header.clientId)?.owner;
    // Who asked for it is answered first, and ended then.
    if (owner !== undefined && owner !== write.connection) owner.end();
  }
}

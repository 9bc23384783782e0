import type { JuteWriter } from '@corral/jute';
import { ConnectResponse } from '@corral/protocol';
import { PASSWORD_LENGTH } from '@corral/session';
import { type ClientConnection, Hold, Phase } from './connection.ts';
import type { Sessions } from './sessions.ts';

/** ConnectResponses (ZooKeeperServer.finishSessionInit). */
export class ConnectAnswers {
  readonly #sessions: Sessions;
  readonly #isReadOnly: boolean;

  /** @param isReadOnly clients are told that nothing can be written here */
  constructor(sessions: Sessions, isReadOnly: boolean) {
    this.#sessions = sessions;
    this.#isReadOnly = isReadOnly;
  }

  /** The session stands: its id, its password, its timeout. */
  write(connection: ClientConnection, out: JuteWriter): void {
    const { session, sessionTimeout } = connection;
    const id = session?.id ?? 0n;
    writeFrame(
      connection,
      out,
      new ConnectResponse(0, sessionTimeout, id, this.#sessions.passwordOf(id), this.#isReadOnly),
    );
  }

  /** A session from before goes on over this connection. */
  welcome(connection: ClientConnection): void {
    if (connection.phase !== Phase.joining) return;
    this.write(connection, connection.out);
    connection.noteSent();
    connection.phase = Phase.open;
    connection.release(Hold.joining);
  }

  /** There is no such session, or not for this client. Clients take it as expired, and for good. */
  refuse(connection: ClientConnection): void {
    const none = new ConnectResponse(0, 0, 0n, new Uint8Array(PASSWORD_LENGTH), this.#isReadOnly);
    writeFrame(connection, connection.out, none);
    connection.noteSent();
    connection.end();
  }
}

function writeFrame(connection: ClientConnection, out: JuteWriter, response: ConnectResponse): void {
  response.hasReadOnly = connection.hasReadOnlyFlag;
  const at = out.reserveInt();
  response.write(out);
  out.patchLength(at);
}

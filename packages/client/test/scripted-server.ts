import { FrameSplitter, JuteReader, JuteWriter } from '@corral/jute';
import { ConnectRequest, ConnectResponse, ReplyHeader, RequestHeader } from '@corral/protocol';
import type { Connection, Transport } from '@corral/transport';

export interface Script {
  /** What it answers to a ConnectRequest; undefined: nothing. Default: a session. */
  readonly accept?: (request: ConnectRequest) => ConnectResponse | undefined;
  /** What it does about a request. Default: a reply without an error and a body. */
  readonly onRequest?: (request: ScriptedRequest) => void;
  /** What it says to `isro`. */
  readonly isro?: () => string;
}

export interface ScriptedRequest {
  readonly header: RequestHeader;
  /** Stands behind the header. */
  readonly body: JuteReader;
  readonly connection: Connection;
  readonly server: ScriptedServer;
  /** Sends a reply to it. */
  reply(err?: number, body?: (w: JuteWriter) => void, xid?: number): void;
}

/** A server that does as it is told, where the real one would never. */
export class ScriptedServer {
  readonly connections: Connection[] = [];
  readonly requests: RequestHeader[] = [];
  readonly introductions: ConnectRequest[] = [];
  readonly #script: Script;

  private constructor(script: Script) {
    this.#script = script;
  }

  static async listen(transport: Transport, port: number, script: Script = {}): Promise<ScriptedServer> {
    const server = new ScriptedServer(script);
    await transport.listen({ host: '0.0.0.0', port }, (connection) => server.#serve(connection));
    return server;
  }

  #serve(connection: Connection) {
    this.connections.push(connection);
    const splitter = new FrameSplitter();
    let isIntroduced = false;
    return {
      onData: (chunk: Uint8Array): void => {
        if (!isIntroduced && chunk.length === 4) {
          connection.write(new TextEncoder().encode(this.#script.isro?.() ?? 'rw'));
          return connection.end();
        }
        splitter.push(chunk);
        while (splitter.next()) {
          const r = new JuteReader(splitter.bytes.slice(splitter.start, splitter.end));
          if (isIntroduced) this.#take(RequestHeader.read(r), r, connection);
          else this.#introduce(ConnectRequest.read(r), connection);
          isIntroduced = true;
        }
      },
      onDrain: (): void => {},
      onClose: (): void => {},
    };
  }

  #introduce(request: ConnectRequest, connection: Connection): void {
    this.introductions.push(request);
    const { accept = welcome } = this.#script;
    const response = accept(request);
    if (response !== undefined) connection.write(frame((w) => response.write(w)));
  }

  #take(header: RequestHeader, request: JuteReader, connection: Connection): void {
    this.requests.push(header);
    const reply = (err = 0, body?: (w: JuteWriter) => void, xid = header.xid): void => {
      connection.write(
        frame((w) => {
          new ReplyHeader(xid, 1, err).write(w);
          body?.(w);
        }),
      );
    };
    if (this.#script.onRequest === undefined) reply();
    else this.#script.onRequest({ header, body: request, connection, server: this, reply });
  }
}

export function welcome(request: ConnectRequest, isReadOnly = false): ConnectResponse {
  return new ConnectResponse(0, request.timeOut, request.sessionId || 7n, new Uint8Array(16), isReadOnly);
}

function frame(write: (w: JuteWriter) => void): Uint8Array {
  const w = new JuteWriter();
  const at = w.reserveInt();
  write(w);
  w.patchLength(at);
  return w.copy();
}

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { JuteReader, JuteWriter } from '@corral/jute';
import {
  ConnectRequest,
  ConnectResponse,
  CreateRequest,
  GetDataRequest,
  GetDataResponse,
  OPEN_ACL_UNSAFE,
  OpCode,
  ReplyHeader,
  RequestHeader,
} from '@corral/protocol';

/** A session that asks one thing after the other: enough to see what a server holds. */
export class Client {
  readonly #socket: Socket;
  readonly #closed: Promise<never>;
  #xid = 0;

  static async connect(
    port: number,
    sessionId = 0n,
    passwd: Uint8Array = new Uint8Array(16),
  ): Promise<Client & { readonly session: ConnectResponse }> {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    const client = new Client(socket);
    client.#sendFrame((w) => new ConnectRequest(0, 0, 10_000, sessionId, passwd, false).write(w));
    const answer = await client.#reply();
    return Object.assign(client, { session: ConnectResponse.read(answer) });
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#closed = new Promise((_, reject) =>
      socket.once('close', () => reject(new Error('connection lost'))),
    );
    this.#closed.catch(() => {});
    socket.on('error', () => {});
  }

  async create(path: string, data: string): Promise<void> {
    const body = new CreateRequest(path, Buffer.from(data), OPEN_ACL_UNSAFE, 0);
    await this.#ask(OpCode.create, (w) => body.write(w));
  }

  async get(path: string): Promise<string> {
    const reply = await this.#ask(OpCode.getData, (w) => new GetDataRequest(path, false).write(w));
    return Buffer.from(GetDataResponse.read(reply).data!).toString();
  }

  /** Asks for a node again and again, and never reads an answer. */
  askWithoutReading(path: string, times: number): void {
    this.#socket.pause();
    for (let i = 0; i < times; i++)
      this.#send(OpCode.getData, (w) => new GetDataRequest(path, false).write(w));
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  async #ask(type: number, write: (w: JuteWriter) => void): Promise<JuteReader> {
    this.#send(type, write);
    const reply = await this.#reply();
    const { err } = ReplyHeader.read(reply);
    if (err !== 0) throw new Error(`the server answers ${err}`);
    return reply;
  }

  #send(type: number, write: (w: JuteWriter) => void): void {
    this.#sendFrame((w) => {
      new RequestHeader(++this.#xid, type).write(w);
      write(w);
    });
  }

  #sendFrame(write: (w: JuteWriter) => void): void {
    const w = new JuteWriter();
    const length = w.reserveInt();
    write(w);
    w.patchLength(length);
    this.#socket.write(w.copy());
  }

  async #reply(): Promise<JuteReader> {
    let bytes = Buffer.alloc(0);
    while (bytes.length < 4 || bytes.length < 4 + bytes.readInt32BE(0)) {
      const [chunk] = (await Promise.race([once(this.#socket, 'data'), this.#closed])) as [Buffer];
      bytes = Buffer.concat([bytes, chunk]);
    }
    return new JuteReader(bytes.subarray(4));
  }
}

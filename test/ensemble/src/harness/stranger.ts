import { JuteWriter } from '@corral/jute';
import { connect, type Socket } from 'node:net';
import { until } from './eventually.ts';

/** Somebody who is no member, at a port that is for members. */
export class Stranger {
  readonly #socket: Socket;
  #isClosed = false;

  static open(port: number): Promise<Stranger> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('connect', () => resolve(new Stranger(socket)));
      socket.once('error', reject);
    });
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => (this.#isClosed = true));
    // What comes is not looked at; unread, the end of the connection would not be seen.
    socket.resume();
  }

  /** Whether the other side has ended the connection. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(bytes: Uint8Array): void {
    if (!this.#isClosed) this.#socket.write(bytes);
  }

  /** Says that nothing more comes. */
  end(): void {
    this.#socket.end();
  }

  /** Resolves once the other side has ended the connection. */
  closed(what: string): Promise<void> {
    return until(`the end of the connection after ${what}`, () => this.#isClosed);
  }

  drop(): void {
    this.#socket.destroy();
  }
}

/** A packet of the quorum port, with any claim about the length of its data. */
export function quorumPacket(
  type: number,
  zxid: bigint,
  data: Uint8Array | null,
  claimed?: number,
): Uint8Array {
  const w = new JuteWriter(64);
  w.writeInt(type);
  w.writeLong(zxid);
  w.writeInt(claimed ?? data?.length ?? -1);
  if (data !== null) w.writeRaw(data);
  w.writeInt(-1);
  return w.copy();
}

/** FOLLOWERINFO or OBSERVERINFO: who one is, and what one speaks. */
export function introduction(sid: bigint, protocolVersion: number, type = FOLLOWERINFO): Uint8Array {
  const w = new JuteWriter(32);
  w.writeLong(sid);
  w.writeInt(protocolVersion);
  w.writeLong(0n);
  return quorumPacket(type, 0n, w.copy());
}

/** What one says first at an election port. */
export function greeting(version: bigint, sid: bigint, text: string, claimed?: number): Uint8Array {
  const w = new JuteWriter(64);
  const bytes = new TextEncoder().encode(text);
  w.writeLong(version);
  w.writeLong(sid);
  w.writeInt(claimed ?? bytes.length);
  w.writeRaw(bytes);
  return w.copy();
}

/** A vote: this server leads, in this round, with this zxid. */
export function notification(leader: bigint, zxid: bigint, round: bigint, epoch: bigint): Uint8Array {
  const w = new JuteWriter(64);
  const length = w.reserveInt();
  w.writeInt(LOOKING);
  w.writeLong(leader);
  w.writeLong(zxid);
  w.writeLong(round);
  w.writeLong(epoch);
  w.writeInt(2);
  w.writeInt(0);
  w.patchLength(length);
  return w.copy();
}

const FOLLOWERINFO = 11;
const LOOKING = 0;

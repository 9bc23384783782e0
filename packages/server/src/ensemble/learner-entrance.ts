import { QuorumPacket, QuorumPacketType } from '@corral/protocol';
import { JuteReader } from '@corral/jute';
import type { Logger } from '@corral/runtime';
import { sessionIdToHex } from '@corral/session';
import type { ConnectAnswers } from '../connect-answers.ts';
import { type ClientConnection, Phase } from '../connection.ts';
import type { Entrance } from '../role.ts';
import type { Sessions } from '../sessions.ts';
import type { Forwarding } from './forwarding.ts';

export interface LearnerEntranceOptions {
  readonly sessions: Sessions;
  readonly forwarding: Forwarding;
  readonly connectAnswers: ConnectAnswers;
  readonly clock: { monotonic(): number };
  readonly logger: Logger;
  /** Sends clients what was written for them outside their turns. */
  readonly flush: () => void;
  /** To the leader, in order. */
  readonly send: (packet: QuorumPacket) => void;
}

/** Sessions where the leader decides them: a new one is a transaction, one from before is asked for (REVALIDATE). */
export class LearnerEntrance implements Entrance {
  readonly #o: LearnerEntranceOptions;
  readonly #asked = new Map<bigint, ClientConnection[]>();

  constructor(options: LearnerEntranceOptions) {
    this.#o = options;
  }

  create(connection: ClientConnection, now: number): void {
    const { sessions, forwarding } = this.#o;
    const session = sessions.create(connection.sessionTimeout);
    connection.attach(session);
    forwarding.createSession(connection, session.id, connection.sessionTimeout, now);
  }

  reattach(connection: ClientConnection, id: bigint): void {
    const { sessions, send } = this.#o;
    // What it sent over another connection of this server went to the leader before.
    sessions.tracker.get(id)?.owner?.end();
    const asked = this.#asked.get(id);
    if (asked === undefined) this.#asked.set(id, [connection]);
    else asked.push(connection);
    const data = new Uint8Array(12);
    const view = new DataView(data.buffer);
    view.setBigInt64(0, id);
    view.setInt32(8, connection.sessionTimeout);
    send(new QuorumPacket(QuorumPacketType.REVALIDATE, -1, data, null));
  }

  /** The leader's answer. @throws JuteError where it cannot be read */
  revalidated({ data }: QuorumPacket): void {
    const r = new JuteReader(data ?? new Uint8Array(0));
    const id = r.readLong();
    const isValid = r.readBool();
    const asked = this.#asked.get(id);
    const connection = asked?.shift();
    if (asked?.length === 0) this.#asked.delete(id);
    if (connection === undefined || connection.phase !== Phase.joining) return;
    if (isValid) this.#admit(connection, id);
    else this.#refuse(connection, id);
    this.#o.flush();
  }

  #admit(connection: ClientConnection, id: bigint): void {
    const { sessions, connectAnswers, clock } = this.#o;
    const session = sessions.tracker.add(id, connection.sessionTimeout, clock.monotonic());
    session.timeoutMs = connection.sessionTimeout;
    session.owner?.end();
    connection.attach(session);
    connectAnswers.welcome(connection);
  }

  #refuse(connection: ClientConnection, id: bigint): void {
    this.#o.logger.info(
      { client: connection.client, session: sessionIdToHex(id) },
      'session is not known to the leader, it has probably expired',
    );
    this.#o.connectAnswers.refuse(connection);
  }
}

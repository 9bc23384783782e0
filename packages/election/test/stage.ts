import type { Notification, QuorumVerifier } from '@corral/protocol';
import { Election, type ElectionInput, type ElectionOutput } from '../src/index.ts';

/** What a host knows of its own server. */
export interface Actor {
  readonly sid: number;
  isParticipant: boolean;
  zxid: number;
  epoch: number;
  config: QuorumVerifier;
  lastSeen: QuorumVerifier | undefined;
  /** Undefined while it is down. */
  election: Election | undefined;
  wakeAt: number | undefined;
  /** Whether its network takes what it is given. */
  isDelivering: boolean;
}

export interface Letter {
  readonly from: number;
  readonly to: number;
  readonly notification: Notification;
}

/**
 * Servers and the links between them, on a time of their own. A link holds the newest notification only, as in production.
 * Nothing moves by itself: each call is one event, and `observe` is told all that the elections want done.
 */
export class Stage {
  now = 0;
  readonly actors = new Map<number, Actor>();
  /** In the order in which they were sent. */
  readonly letters = new Map<string, Letter>();
  readonly #observe: (sid: number, output: ElectionOutput) => void;

  constructor(observe: (sid: number, output: ElectionOutput) => void) {
    this.#observe = observe;
  }

  add(sid: number, config: QuorumVerifier): Actor {
    const actor: Actor = {
      sid,
      isParticipant: !config.observers.has(sid),
      zxid: 0,
      epoch: 0,
      config,
      lastSeen: undefined,
      election: undefined,
      wakeAt: undefined,
      isDelivering: true,
    };
    this.actors.set(sid, actor);
    return actor;
  }

  actor(sid: number): Actor {
    const actor = this.actors.get(sid);
    if (actor === undefined) throw new Error(`there is no server ${sid}`);
    return actor;
  }

  look(sid: number, designatedLeader?: number): void {
    const actor = this.actor(sid);
    actor.election ??= new Election({
      sid,
      config: actor.config,
      lastSeen: actor.lastSeen,
      isReconfigEnabled: true,
    });
    const { isParticipant, zxid: lastZxid, epoch } = actor;
    this.step(sid, { kind: 'look', now: this.now, isParticipant, lastZxid, epoch, designatedLeader });
  }

  step(sid: number, input: ElectionInput): void {
    const actor = this.actor(sid);
    for (const output of actor.election?.step(input) ?? []) {
      if (output.kind === 'send') this.#post({ from: sid, to: output.to, notification: output.notification });
      else if (output.kind === 'wake') actor.wakeAt = output.at;
      else if (output.kind === 'elected') actor.wakeAt = undefined;
      this.#observe(sid, output);
    }
  }

  crash(sid: number): void {
    const actor = this.actor(sid);
    actor.election = undefined;
    actor.wakeAt = undefined;
    for (const [link, { from, to }] of this.letters)
      if (from === sid || to === sid) this.letters.delete(link);
  }

  /** Hands over what is on one link. @returns whether there was anything */
  deliver(link: string): boolean {
    const letter = this.letters.get(link);
    this.letters.delete(link);
    if (letter === undefined) return false;
    if (this.actors.has(letter.to)) this.hear(letter);
    return true;
  }

  hear({ from, to, notification }: Letter): void {
    this.step(to, { kind: 'notification', now: this.now, from, notification });
  }

  /** The next wake that is due by then, with the time gone on to it. @returns whether there was one */
  wakeNext(until: number): boolean {
    let next: Actor | undefined;
    for (const actor of this.actors.values())
      if (actor.wakeAt !== undefined && actor.wakeAt <= until && actor.wakeAt < (next?.wakeAt ?? Infinity))
        next = actor;
    if (next?.wakeAt === undefined) return false;
    this.now = Math.max(this.now, next.wakeAt);
    next.wakeAt = undefined;
    this.step(next.sid, { kind: 'tick', now: this.now, isDelivered: next.isDelivering });
    return true;
  }

  #post(letter: Letter): void {
    const link = `${letter.from}>${letter.to}`;
    this.letters.delete(link);
    this.letters.set(link, letter);
  }
}

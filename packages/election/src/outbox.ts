import { type Notification, NOTIFICATION_VERSION, type ServerState } from '@corral/protocol';
import type { ElectionOutput } from './election-step.ts';
import type { Vote } from './vote.ts';

/** What a step wants done, gathered while it runs. */
export class Outbox {
  #outputs: ElectionOutput[] = [];
  /** What the host knows, and what it should know by the end of the step. */
  #namedAt: number | undefined = undefined;
  #wakeAt: number | undefined = undefined;

  put(output: ElectionOutput): void {
    this.#outputs.push(output);
  }

  /** Said once at the end of the step, and only if it is news. */
  wake(at: number | undefined): void {
    this.#wakeAt = at;
  }

  /** The time that was named has come: it will not come again. */
  woken(): void {
    this.#namedAt = undefined;
  }

  note(level: 'info' | 'warn', text: string): void {
    this.#outputs.push({ kind: 'note', level, text });
  }

  take(): readonly ElectionOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    if (this.#wakeAt !== undefined && this.#wakeAt !== this.#namedAt)
      outputs.push({ kind: 'wake', at: this.#wakeAt });
    this.#namedAt = this.#wakeAt;
    return outputs;
  }
}

export function notificationOf(state: ServerState, vote: Vote, round: number, config: string): Notification {
  return {
    state,
    leader: vote.leader,
    zxid: vote.zxid,
    electionEpoch: round,
    peerEpoch: vote.peerEpoch,
    version: NOTIFICATION_VERSION,
    config,
  };
}

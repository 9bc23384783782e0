/** What the leader sent cannot be followed. Thrown inside a step and never out of it: the learner leaves. */
export class Refusal extends Error {
  /** Whether it is this server's own state that cannot be believed. */
  readonly isFatal: boolean;

  constructor(reason: string, isFatal = false) {
    super(reason);
    this.name = 'Refusal';
    this.isFatal = isFatal;
  }
}

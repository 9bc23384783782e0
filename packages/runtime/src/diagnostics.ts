/** Named channels on which a program may listen to what happens inside others (`node:diagnostics_channel`). */
export interface Diagnostics {
  /** The same name gives the same channel everywhere in the process. */
  channel(name: string): DiagnosticChannel;
}

export interface DiagnosticChannel {
  /** Asked before a message is made: where nobody listens nothing is to be paid for. */
  readonly hasSubscribers: boolean;
  /** Subscribers are called at once; what they throw does not come back. */
  publish(message: object): void;
}

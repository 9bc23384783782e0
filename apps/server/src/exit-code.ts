/** Java `ExitCode`, as far as a standalone server gets. */
export const ExitCode = {
  finished: 0,
  /** The port cannot be opened, or something nobody foresaw. */
  unexpected: 1,
  /** The command line or the configuration makes no sense. */
  invalidInvocation: 2,
  /** The data directory is not there, may not be entered, or holds what cannot be believed. */
  dataDirectory: 3,
  /** The log or a snapshot could not be written: nothing is acknowledged any more. */
  storage: 10,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What keeps a server from starting, as one sentence for whoever started it. */
export class StartFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.name = 'StartFailure';
    this.exitCode = exitCode;
  }
}

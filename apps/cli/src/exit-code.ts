/** What a shell script can tell by the exit code. */
export const ExitCode = {
  done: 0,
  /** Nobody foresaw it. */
  unexpected: 1,
  /** `diff`: the two are not alike, as every `diff` says it. */
  differs: 1,
  /** A word or option makes no sense. */
  usage: 2,
  /** No server was reached, or the connection was lost. */
  connection: 3,
  noNode: 4,
  nodeExists: 5,
  badVersion: 6,
  /** Not allowed, or not known. */
  noAuth: 7,
  /** Any other refusal of the server's. */
  refused: 8,
  /** The limit of time. */
  timeout: 9,
  /** `doctor` and `check` found something. */
  findings: 10,
  /** Ctrl-C. */
  interrupted: 130,
  /** SIGTERM, SIGHUP: with its session ended, unlike what a signal does by itself. */
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A command could not be done. The message is for people, without a stack trace. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** There is no session, and the command needs one. In its shell `zkCli.sh` says so on standard output. */
export class NotConnectedError extends CommandError {
  constructor() {
    super(ExitCode.connection, 'Not connected');
  }
}

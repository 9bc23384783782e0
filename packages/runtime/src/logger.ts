export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** What a line is about. Values are plain; bigint is allowed and printed by the sink as it sees fit. */
export type LogFields = Readonly<
  Record<string, string | number | bigint | boolean | null | undefined | Error>
>;

/** Structured logging: fields first, then a sentence. Never a password, a digest or node data. */
export interface Logger {
  /** Whether a line of this level would be written: asked before fields are built on a busy path. */
  isEnabled(level: LogLevel): boolean;
  trace(fields: LogFields, message: string): void;
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger whose lines carry `fields` too. */
  child(fields: LogFields): Logger;
}

/** Says nothing. */
export const silentLogger: Logger = {
  isEnabled: () => false,
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};

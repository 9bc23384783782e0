import { writeSync } from 'node:fs';
import pino from 'pino';
import type { LogFields, Logger, LogLevel } from '@corral/runtime';

/**
 * Log lines on standard error: one JSON object each, or, on a terminal, text for people. They are written before
 * the call returns, so the last words of a process that dies are not lost.
 */
export function openLogger(level: LogLevel, isTerminal: boolean): Logger {
  const destination = isTerminal
    ? { write: (line: string) => void writeSync(STDERR, readable(line)) }
    : undefined;
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
  return new PinoLogger(pino(options, destination ?? pino.destination({ dest: STDERR, sync: true })));
}

class PinoLogger implements Logger {
  readonly #pino: pino.Logger;

  constructor(to: pino.Logger) {
    this.#pino = to;
  }

  isEnabled(level: LogLevel): boolean {
    return this.#pino.isLevelEnabled(level);
  }

  trace(fields: LogFields, message: string): void {
    if (this.isEnabled('trace')) this.#pino.trace(plain(fields), message);
  }

  debug(fields: LogFields, message: string): void {
    if (this.isEnabled('debug')) this.#pino.debug(plain(fields), message);
  }

  info(fields: LogFields, message: string): void {
    if (this.isEnabled('info')) this.#pino.info(plain(fields), message);
  }

  warn(fields: LogFields, message: string): void {
    if (this.isEnabled('warn')) this.#pino.warn(plain(fields), message);
  }

  error(fields: LogFields, message: string): void {
    this.#pino.error(plain(fields), message);
  }

  child(fields: LogFields): Logger {
    return new PinoLogger(this.#pino.child(plain(fields)));
  }
}

/** JSON has no bigint: they are session ids and digests, which ZooKeeper shows in hexadecimal. */
export function plain(fields: LogFields): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'bigint') result[name] = `0x${BigInt.asUintN(64, value).toString(16)}`;
    else if (value instanceof Error) result[name] = value.stack ?? String(value);
    else result[name] = value;
  }
  return result;
}

/** `10:46:11.123 INFO  the sentence  name=value name=value` */
export function readable(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const pairs = Object.entries(fields).map(([name, value]) => ` ${name}=${harmless(String(value))}`);
  const clock = String(time).slice('2026-11-20T'.length, -1);
  return `${clock} ${String(level).toUpperCase().padEnd(5)} ${String(msg)}${pairs.length > 0 ? ' ' : ''}${pairs.join('')}\n`;
}

/** A client chooses its paths: they must not move the cursor of whoever reads the log. */
function harmless(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const STDERR = 2;

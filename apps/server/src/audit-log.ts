import { appendFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Logger } from '@corral/runtime';
import { type AuditEvent, auditLine, type AuditSink } from '@corral/server';
import type { AuditSettings } from './config/settings.ts';

/** Who changes what (`audit.enable`): in the server's log, or in a file of its own. */
export class AuditLog implements AuditSink {
  readonly user: string;
  readonly #file: string | undefined;
  readonly #logger: Logger;
  /** Lines of this turn. */
  #lines = '';
  #fileBytes = 0;

  /** Undefined where nobody audits. From here on the end of the process is audited too. */
  static open(settings: AuditSettings, logger: Logger): AuditLog | undefined {
    if (!settings.isEnabled) return undefined;
    const log = new AuditLog(settings.file, logger);
    process.once('exit', () => {
      log.log({ user: log.user, operation: 'serverStop', result: 'invoked' });
      log.flush();
    });
    return log;
  }

  /** @param file undefined: the lines go to `logger` */
  constructor(file: string | undefined, logger: Logger) {
    this.user = userName();
    this.#file = file;
    this.#logger = logger;
    if (file !== undefined && existsSync(file)) this.#fileBytes = statSync(file).size;
  }

  started(result: 'success' | 'failure'): void {
    this.log({ user: this.user, operation: 'serverStart', result });
  }

  log(event: AuditEvent): void {
    const line = auditLine(event);
    const isFailure = event.result === 'failure';
    if (this.#file === undefined) {
      if (isFailure) this.#logger.error({}, line);
      else this.#logger.info({}, line);
      return;
    }
    if (this.#lines === '') setImmediate(() => this.flush());
    this.#lines += `${timeText(new Date())} ${isFailure ? 'ERROR' : 'INFO'} audit.Slf4jAuditLogger: ${line}\n`;
    if (this.#lines.length > GATHERED_MAX) this.flush();
  }

  /** Writes what was gathered. Where that fails it is lost, and the server's log says so: clients are served all the same. */
  flush(): void {
    const lines = this.#lines;
    if (lines === '' || this.#file === undefined) return;
    this.#lines = '';
    try {
      if (this.#fileBytes > FILE_BYTES_MAX) this.#roll(this.#file);
      appendFileSync(this.#file, lines, { mode: 0o640 });
      this.#fileBytes += Buffer.byteLength(lines);
    } catch (error) {
      this.#logger.error({ file: this.#file, error: error as Error }, 'lines of the audit log are lost');
    }
  }

  /** `file` becomes `file.1`, and so on; the oldest goes. */
  #roll(file: string): void {
    rmSync(`${file}.${FILES_MAX}`, { force: true });
    for (let i = FILES_MAX - 1; i >= 0; i--) {
      const name = i === 0 ? file : `${file}.${i}`;
      if (existsSync(name)) renameSync(name, `${file}.${i + 1}`);
    }
    this.#fileBytes = 0;
  }
}

/** As Apache's layout has it (`%d{ISO8601}`), in UTC. */
function timeText(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('.', ',').slice(0, -1);
}

/** Java's `user.name`. A container may run as a user whom the machine has no name for. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '<NA>';
  }
}

const GATHERED_MAX = 64 * 1024;
/** Apache's: ten megabytes, and ten files of that behind it. */
const FILE_BYTES_MAX = 10 * 1024 * 1024;
const FILES_MAX = 10;

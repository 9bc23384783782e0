import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type LogFields, type Logger, silentLogger } from '@corral/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog } from './audit-log.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corral-audit-'));
  file = join(folder, 'audit.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const created = { user: 'bob', operation: 'create', znode: '/a', result: 'success' } as const;

describe('the audit log', () => {
  it('has a line for each event in its file, as Apache writes it there, once the turn is over', async () => {
    const log = new AuditLog(file, silentLogger);
    log.started('success');
    log.log(created);
    log.log({ ...created, result: 'failure' });
    expect(existsSync(file)).toBe(false);
    await turn();

    const text = readFileSync(file, 'utf8').replaceAll(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} /gm, '');
    expect(text).toBe(
      `INFO audit.Slf4jAuditLogger: user=${userInfo().username}\toperation=serverStart\tresult=success\n` +
        'INFO audit.Slf4jAuditLogger: user=bob\toperation=create\tznode=/a\tresult=success\n' +
        'ERROR audit.Slf4jAuditLogger: user=bob\toperation=create\tznode=/a\tresult=failure\n',
    );
  });

  it('begins another file after ten megabytes, and keeps ten of those', () => {
    for (let i = 1; i <= 10; i++) writeFileSync(`${file}.${i}`, `${i}`);
    writeFileSync(file, 'x'.repeat(10 * 1024 * 1024 + 1));
    const log = new AuditLog(file, silentLogger);
    log.log(created);
    log.flush();

    expect(readdirSync(folder)).toHaveLength(11);
    expect(readFileSync(file, 'utf8')).toContain('znode=/a');
    expect(statSync(`${file}.1`).size).toBe(10 * 1024 * 1024 + 1);
    expect(readFileSync(`${file}.10`, 'utf8')).toBe('9');
  });

  it('says in the log of the server that it could not be written, and goes on', () => {
    const errors: LogFields[] = [];
    const logger: Logger = { ...silentLogger, error: (fields) => void errors.push(fields) };
    const log = new AuditLog(join(folder, 'none', 'audit.log'), logger);
    log.log(created);
    log.flush();
    log.flush();

    expect(errors).toHaveLength(1);
  });

  it('goes to the log of the server where no file is named: what failed as an error', () => {
    const lines: string[] = [];
    const logger: Logger = {
      ...silentLogger,
      info: (_, line) => void lines.push(`info ${line}`),
      error: (_, line) => void lines.push(`error ${line}`),
    };
    const log = new AuditLog(undefined, logger);
    log.log(created);
    log.log({ operation: 'reconfig', result: 'failure' });

    expect(lines).toEqual([
      'info user=bob\toperation=create\tznode=/a\tresult=success',
      'error operation=reconfig\tresult=failure',
    ]);
  });
});

import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, StartFailure } from './exit-code.ts';

/**
 * The secret that session passwords are made with, kept in the data directory so that sessions outlive a restart.
 * Made when it is not there. Who reads it can take over any session: it is for the owner's eyes only.
 *
 * @throws StartFailure where the file is not a key, or others may read it
 */
export function sessionKey(dataDir: string): Uint8Array {
  const file = join(dataDir, FILE_NAME);
  return readKey(file) ?? makeKey(file, dataDir);
}

/**
 * The secret that all members of an ensemble share: it must be there, and the same on each of them, or a session could not
 * move from one to another.
 *
 * @throws StartFailure where there is none, it is not a key, or others may read it
 */
export function sharedSessionKey(dataDir: string): Uint8Array {
  const file = join(dataDir, FILE_NAME);
  const key = readKey(file);
  if (key === undefined)
    throw failure(
      `corral.sessionPasswords=keyed needs ${file} with the same ${KEY_BYTES} random bytes on every member`,
    );
  return key;
}

function readKey(file: string): Uint8Array | undefined {
  let key;
  try {
    key = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failure(`cannot read ${file}`, error);
  }
  if (key.length !== KEY_BYTES)
    throw failure(
      `${file} holds ${key.length} bytes and not a key of ${KEY_BYTES}; remove it to get a new one`,
    );
  if ((statSync(file).mode & OTHERS) !== 0)
    throw failure(`${file} may be read or written by others than its owner; make it mode 600, or remove it`);
  return key;
}

/** Durable before it is used, and never seen half: a key lost to a crash would end every session. */
function makeKey(file: string, dataDir: string): Uint8Array {
  const key = randomBytes(KEY_BYTES);
  const draft = `${file}.${process.pid}`;
  try {
    const to = openSync(draft, 'wx', OWNER_ONLY);
    writeSync(to, key);
    fsyncSync(to);
    closeSync(to);
    // Unlike a rename, it fails where another process was faster.
    linkSync(draft, file);
    const folder = openSync(dataDir, 'r');
    fsyncSync(folder);
    closeSync(folder);
    return key;
  } catch (error) {
    throw failure(`cannot make ${file}`, error);
  } finally {
    rmSync(draft, { force: true });
  }
}

function failure(problem: string, cause?: unknown): StartFailure {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new StartFailure(
    ExitCode.dataDirectory,
    `Unable to access datadir, exiting abnormally. ${problem}${why}`,
  );
}

const FILE_NAME = 'session.key';
const KEY_BYTES = 32;
const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

import { execFileSync } from 'node:child_process';
import type { Auth } from '../command-line.ts';
import { CommandError, ExitCode } from '../exit-code.ts';
import type { ContextAuth } from './context-file.ts';

/** No secret is longer; a command that prints more is the wrong one. */
const SECRET_BYTES_MAX = 64 * 1024;

/** The identity with its secret. @throws CommandError where that cannot be found */
export function authOf({ scheme, from, secret }: ContextAuth, environment: NodeJS.ProcessEnv): Auth {
  if (from === 'plain') return { scheme, auth: secret };
  if (from === 'environment') {
    const auth = environment[secret];
    if (auth === undefined)
      throw new CommandError(ExitCode.noAuth, `the context wants a secret in ${secret}, which is not set`);
    return { scheme, auth };
  }
  try {
    // It may ask whoever sits there: for the password of a store.
    const printed = execFileSync(secret, {
      shell: true,
      stdio: ['inherit', 'pipe', 'inherit'],
      maxBuffer: SECRET_BYTES_MAX,
    });
    return { scheme, auth: printed.toString().replace(/\r?\n$/, '') };
  } catch (error) {
    const message = `the command that should print a secret failed: ${secret}`;
    throw new CommandError(ExitCode.noAuth, message, { cause: error });
  }
}

import type { Lease } from '@corral/recipes';
import type { Call } from '../../command.ts';
import { runProgram } from '../../run-program.ts';
import { untilAborted } from '../../until-aborted.ts';

/**
 * Runs the program while the lease is held; without one, holds it until Ctrl-C. What was lost ends the program, and rejects
 * with why. A program is told what it holds: `CORRAL_LEASE`, the path of the node, and `CORRAL_FENCING_TOKEN`, a number that
 * only grows from holder to holder.
 *
 * @param sessionTimeoutMs of the session that holds it
 * @returns the exit code of the program
 */
export async function hold(
  call: Call,
  lease: Lease,
  program: readonly string[],
  sessionTimeoutMs: number = call.client.sessionTimeout,
): Promise<number> {
  const { out, signal } = call;
  const { path, fencingToken, lost } = lease;
  try {
    if (program.length === 0) {
      out.line(path);
      out.json({ node: path, fencingToken });
      out.note('held until Ctrl-C');
      await out.drained();
      await untilAborted(AbortSignal.any([signal, lost]));
    }
    const code = await runProgram(call, program, {
      lost,
      // It is given up after eleven twelfths of the session's timeout; at twelve it may be another's.
      lostGraceMs: sessionTimeoutMs / 24,
      environment: { CORRAL_LEASE: path, CORRAL_FENCING_TOKEN: String(fencingToken) },
    });
    lost.throwIfAborted();
    return code;
  } finally {
    const released = lease.release();
    // Without a connection nobody can say when it will be.
    if (lost.aborted) released.catch(() => {});
    else await released;
  }
}

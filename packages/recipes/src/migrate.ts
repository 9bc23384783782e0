import { type Client, NoNodeError, type Op } from '@corral/client';
import { ensureFolder } from './folder.ts';
import type { Lease } from './lease.ts';
import { addStep, fingerprintOf, type MigrationStep } from './migration-step.ts';
import { joinPath } from './node-path.ts';
import { isUnknown } from './outcome.ts';
import { RecipeError } from './recipe-error.ts';
import { semaphoreMutex } from './semaphore.ts';
import { isSame } from './strict-set.ts';
import { type WaitOptions, within } from './wait.ts';

export interface MigrationSet {
  /** The name of a node. */
  readonly id: string;
  /** In the order in which they are applied. What was applied once is never changed: it is added to. */
  readonly migrations: readonly (readonly MigrationStep[])[];
}

export interface MigrationOptions extends WaitOptions {
  /** Below it, who migrates a set locks it. */
  readonly lockPath: string;
  /** Below it stands what was applied of each set. */
  readonly metaPath: string;
}

/**
 * Curator's MigrationManager: brings a tree to its newest shape, once, whoever of many comes first. All that is missing of
 * the set happens in one transaction, or nothing of it.
 *
 * @returns how many migrations were applied now
 * @throws RecipeError `BAD_DATA` when what was applied before is not what the set begins with; the error of the operation that
 * was refused, with its `index` in the transaction; when that is too long, the client's RangeError
 */
export function migrate(client: Client, set: MigrationSet, options: MigrationOptions): Promise<number> {
  if (set.id === '' || set.id.includes('/')) throw new RangeError(`"${set.id}" is no name of a node`);
  const migrations = set.migrations.map((steps) => ({ steps, fingerprint: fingerprintOf(steps) }));
  const metaPath = joinPath(options.metaPath, set.id);
  const lock = semaphoreMutex(client, joinPath(options.lockPath, set.id));
  return within(client, metaPath, options, (op) =>
    lock.run((lease) => applyMissing(client, lease, migrations, metaPath, op), op),
  );
}

interface Migration {
  readonly steps: readonly MigrationStep[];
  readonly fingerprint: Uint8Array;
}

async function applyMissing(
  client: Client,
  lease: Lease,
  migrations: readonly Migration[],
  metaPath: string,
  op: Op,
): Promise<number> {
  for (let begun: number | undefined; ;) {
    const count = await countApplied(client, migrations, metaPath, op);
    begun ??= count;
    if (count === migrations.length) return count - begun;
    await ensureFolder(client, metaPath, op);
    const transaction = lease.transaction();
    for (const { steps, fingerprint } of migrations.slice(count)) {
      for (const step of steps) addStep(transaction, step);
      transaction.create(joinPath(metaPath, 'meta-'), fingerprint, { sequential: true });
    }
    try {
      await transaction.commit(op);
      return migrations.length - begun;
    } catch (error) {
      // What is written of the set says whether it happened.
      if (!isUnknown(error)) throw error;
      await client.sync(metaPath, op);
    }
  }
}

/** How many of the set stand there, which are the first of it. */
async function countApplied(
  client: Client,
  migrations: readonly Migration[],
  metaPath: string,
  op: Op,
): Promise<number> {
  let names: readonly string[] = [];
  try {
    ({ names } = await client.children(metaPath, op));
  } catch (error) {
    if (!(error instanceof NoNodeError)) throw error;
  }
  if (names.length > migrations.length)
    throw new RecipeError(
      'BAD_DATA',
      metaPath,
      `${names.length} migrations were applied of ${migrations.length}`,
    );
  const applied = await Promise.all(names.toSorted().map((name) => client.get(joinPath(metaPath, name), op)));
  for (const [i, { data }] of applied.entries())
    if (!isSame(data, migrations[i]!.fingerprint))
      throw new RecipeError('BAD_DATA', metaPath, `migration ${i + 1} was applied with other operations`);
  return names.length;
}

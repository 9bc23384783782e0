import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoopDisk } from './disk.ts';
import { FOLDER_PREFIX, Leftovers } from './leftovers.ts';
import { Network } from './network.ts';
import { compileShim } from './shim.ts';

/** What a fault asks of the machine. */
export type Ability = 'network' | 'disk' | 'powerCut' | 'shim';

/** Of each ability, why it is not there; those that are there are absent. */
export type Missing = ReadonlyMap<Ability, string>;

/** Found out by trying: being root says little in a container. */
export async function missingAbilities(): Promise<Missing> {
  const missing = new Map<Ability, string>();
  const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  const leftovers = new Leftovers(folder);
  const needs = async (ability: Ability, probe: () => unknown): Promise<void> => {
    try {
      if (process.platform !== 'linux') throw new Error('not Linux');
      await probe();
    } catch (error) {
      missing.set(ability, (error as Error).message);
    }
  };
  let disk: LoopDisk | undefined;
  await needs('network', () => new Network(folder.slice(-4).toLowerCase(), [1], leftovers));
  await needs('disk', () => {
    disk = new LoopDisk(join(folder, 'disk'), PROBE_MEGABYTES, leftovers);
  });
  await needs('powerCut', () => {
    if (disk === undefined) throw new Error(missing.get('disk'));
    return disk.cutPower();
  });
  await needs('shim', () => compileShim(folder));
  leftovers.clear();
  rmSync(folder, { recursive: true, force: true });
  return missing;
}

const PROBE_MEGABYTES = 16;

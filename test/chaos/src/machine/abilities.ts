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
export function missingAbilities(): Missing {
  const missing = new Map<Ability, string>();
  const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  const leftovers = new Leftovers(folder);
  const needs = (ability: Ability, probe: () => void): void => {
    try {
      if (process.platform !== 'linux') throw new Error('not Linux');
      probe();
    } catch (error) {
      missing.set(ability, (error as Error).message);
    }
  };
  let disk: LoopDisk | undefined;
  needs('network', () => new Network(folder.slice(-4).toLowerCase(), [1], leftovers));
  needs('disk', () => {
    disk = new LoopDisk(join(folder, 'disk'), PROBE_MEGABYTES, leftovers);
  });
  needs('powerCut', () => {
    if (disk === undefined) throw new Error(missing.get('disk'));
    disk.cutPower();
  });
  needs('shim', () => compileShim(folder));
  leftovers.clear();
  rmSync(folder, { recursive: true, force: true });
  return missing;
}

const PROBE_MEGABYTES = 16;

import { clockJump } from './clocks.ts';
import { bitRot, blackout, failingSync, fullDisk, powerCut, slowDisk } from './disks.ts';
import type { Fault } from './fault.ts';
import { bridge, clientsCut, leaderIsolation, oneWay, pair, shatter, split } from './partitions.ts';
import { kill, killAll, leaderKill, pause, restart, rollingRestart } from './processes.ts';

/** What there is, by name. Kills come most often, as they do. */
export const allFaults: readonly Fault[] = [
  kill,
  leaderKill,
  killAll,
  restart,
  rollingRestart,
  pause,
  split,
  leaderIsolation,
  shatter,
  pair,
  oneWay,
  bridge,
  clientsCut,
  powerCut,
  blackout,
  fullDisk,
  failingSync,
  slowDisk,
  clockJump,
  bitRot,
];

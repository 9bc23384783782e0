import type { Arena, Count } from './arena.ts';
import type { Ledger } from './clients/ledger.ts';
import type { Options } from './options.ts';

export interface Facts {
  readonly options: Options;
  readonly arena: Arena;
  readonly ledger: Ledger;
  readonly minutes: number;
}

export function progressLine(seconds: number, arena: Arena, ledger: Ledger): string {
  const down = arena.members.filter((member) => arena.isTaken(member)).map(({ sid }) => sid);
  return [
    `${seconds.toFixed(0).padStart(5)} s`,
    `${ledger.answered} answered, ${ledger.unknown} unknown, ${ledger.writesAcked} writes, zxid 0x${ledger.zxidMax.toString(16)}`,
    countsText(arena),
    down.length === 0 ? 'all up' : `struck: ${down.join(', ')}`,
  ].join(' | ');
}

/** One line that says it all. */
export function factsText({ options, arena, ledger, minutes }: Facts): string {
  const { seed, servers, storage, isApache } = options;
  const program = isApache ? 'Apache' : storage === 'level' ? 'Corral on LevelDB' : 'Corral';
  return [
    `seed ${seed}, ${servers} servers of ${program}, ${minutes.toFixed(1)} min`,
    countsText(arena),
    `${ledger.answered} answered operations (${ledger.writesAcked} writes, ${ledger.events} events, ${ledger.unknown} without answer)`,
    `${ledger.moves} session moves, ${ledger.expired} expired`,
    `${ledger.elections} elections`,
    `longest gap between acknowledged writes ${inSeconds(ledger.longestGapMs)} (${inSeconds(ledger.longestGapWithQuorumMs)} while a majority was left alone; the clients themselves stood still for up to ${inSeconds(ledger.longestStallMs)})`,
  ].join('; ');
}

function countsText(arena: Arena): string {
  const parts = COUNTS.map((what) => `${arena.counts.get(what) ?? 0} ${what}`);
  return parts.join(', ');
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

const COUNTS: readonly Count[] = [
  'kills',
  'restarts',
  'pauses',
  'partitions',
  'power cuts',
  'full disks',
  'failed syncs',
  'slow disks',
  'clock jumps',
  'bit rot',
];

import type { Dice } from '@corral-test/oracle';
import type { LoopDisk } from './machine/disk.ts';
import type { Network } from './machine/network.ts';
import type { Member } from './member.ts';

/** What the verdict counts. */
export type Count =
  | 'kills'
  | 'restarts'
  | 'pauses'
  | 'partitions'
  | 'power cuts'
  | 'full disks'
  | 'failed syncs'
  | 'slow disks'
  | 'clock jumps'
  | 'bit rot';

/**
 * Where faults happen: who is struck already, how many may be at once, and what has been done so far. A member that is
 * taken belongs to one fault, which gives it back once it serves again.
 */
export class Arena {
  readonly members: readonly Member[];
  readonly network: Network | undefined;
  readonly dice: Dice;
  readonly counts = new Map<Count, number>();
  readonly #taken = new Set<Member>();
  readonly #say: (line: string) => void;
  readonly #onChange: (isQuorumFree: boolean) => void;
  /** What should not have been, whatever was done: a server that ended by itself, or would not come back. */
  readonly troubles: string[] = [];
  /** At most so many are taken at once. */
  takenMax = 0;

  constructor(
    members: readonly Member[],
    network: Network | undefined,
    dice: Dice,
    say: (line: string) => void,
    onChange: (isQuorumFree: boolean) => void,
  ) {
    this.members = members;
    this.network = network;
    this.dice = dice;
    this.#say = say;
    this.#onChange = onChange;
  }

  get majority(): number {
    return Math.floor(this.members.length / 2) + 1;
  }

  get minority(): number {
    return this.members.length - this.majority;
  }

  get isCalm(): boolean {
    return this.#taken.size === 0;
  }

  get isQuorumFree(): boolean {
    return this.members.length - this.#taken.size >= this.majority;
  }

  isTaken(member: Member): boolean {
    return this.#taken.has(member);
  }

  /** So many, of those that are free; undefined where that would be too many. */
  take(count: number, wanted: (member: Member) => boolean = () => true): Member[] | undefined {
    if (this.#taken.size + count > this.takenMax) return undefined;
    const free = this.members.filter((member) => !this.#taken.has(member) && member.isRunning);
    const chosen: Member[] = [];
    for (let from = free.filter(wanted); chosen.length < count && from.length > 0;) {
      const member = this.dice.pick(from);
      from = from.filter((other) => other !== member);
      chosen.push(member);
    }
    if (chosen.length < count) return undefined;
    for (const member of chosen) this.#taken.add(member);
    this.#onChange(this.isQuorumFree);
    return chosen;
  }

  async takeLeader(): Promise<Member | undefined> {
    const leader = await this.leader();
    return leader === undefined ? undefined : this.take(1, (member) => member === leader)?.[0];
  }

  /** Starts it where it is not running, and gives it back once it serves. */
  async giveBack(member: Member): Promise<void> {
    if (!member.isRunning) member.launch();
    if (!(await member.serving(BACK_LIMIT_MS))) {
      if (member.isRunning) this.note(`${member.name} does not serve yet`);
      else this.trouble(`${member.name} has ended at its start (${member.exitText}): see ${member.logPath}`);
    }
    this.#taken.delete(member);
    this.#onChange(this.isQuorumFree);
  }

  async leader(): Promise<Member | undefined> {
    const modes = await Promise.all(this.members.map((member) => member.mode()));
    return this.members[modes.indexOf('leader')];
  }

  count(what: Count, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  note(what: string): void {
    this.#say(what);
  }

  trouble(what: string): void {
    this.troubles.push(what);
    this.#say(`TROUBLE ${what}`);
  }
}

/** Members whose disk is one that can be full and lose its power. */
export function loopDiskOf(member: Member): LoopDisk {
  return member.disk as LoopDisk;
}

export function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const BACK_LIMIT_MS = 40_000;

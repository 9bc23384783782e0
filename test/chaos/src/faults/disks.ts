import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Arena, later, loopDiskOf } from '../arena.ts';
import type { Member } from '../member.ts';
import type { Fault } from './fault.ts';
import { awayMs } from './processes.ts';

/** The process and what its disk had not been told to keep are gone at one moment. */
async function withoutPower(arena: Arena, members: readonly Member[]): Promise<void> {
  arena.note(`power cut ${members.map(({ sid }) => sid).join(', ')}`);
  // It must not see its disk fail: that would be another fault. Nor has the kernel time to write behind it.
  for (const member of members) member.pause();
  await Promise.all(members.map((member) => loopDiskOf(member).cutPower()));
  await Promise.all(members.map((member) => member.kill()));
  arena.count('power cuts', members.length);
  await Promise.all(
    members.map(async (member) => {
      await later(awayMs(arena));
      await loopDiskOf(member).restorePower();
      await arena.giveBack(member);
    }),
  );
}

export const powerCut: Fault = {
  name: 'power-cut',
  needs: ['disk', 'powerCut'],
  weight: 6,
  async run(arena) {
    const { dice } = arena;
    const leader = dice.chance(0.3) ? await arena.takeLeader() : undefined;
    const members = leader === undefined ? arena.take(1) : [leader];
    if (members !== undefined) await withoutPower(arena, members);
  },
};

export const blackout: Fault = {
  name: 'blackout',
  needs: ['disk', 'powerCut'],
  weight: 1,
  async run(arena) {
    const members = arena.take(arena.members.length);
    if (members !== undefined) await withoutPower(arena, members);
  },
};

/** No room is left on a disk, and then there is again. A server may end of it, and is started again. */
export const fullDisk: Fault = {
  name: 'full-disk',
  needs: ['disk'],
  weight: 2,
  async run(arena) {
    const member = arena.take(1)?.[0];
    if (member === undefined) return;
    const disk = loopDiskOf(member);
    const from = member.log().length;
    arena.note(`full disk ${member.sid}`);
    await disk.fill();
    const hasEnded = await member.ended(arena.dice.between(2500, 6000));
    disk.free();
    const hasNoticed = /ENOSPC|No space left/.test(member.log(from));
    if (hasNoticed) arena.count('full disks');
    arena.note(
      `room again ${member.sid}, which ${hasNoticed ? 'noticed' : 'did not notice'} and ${hasEnded ? `ended (${member.exitText})` : 'goes on'}`,
    );
    await arena.giveBack(member);
  },
};

/** Some syncs fail. What was written then is nobody's promise; a server that says so ends, and is started again. */
export const failingSync: Fault = {
  name: 'failing-sync',
  needs: ['shim'],
  weight: 3,
  async run(arena) {
    const { dice } = arena;
    const leader = dice.chance(0.3) ? await arena.takeLeader() : undefined;
    const member = leader ?? arena.take(1)?.[0];
    const shim = member?.shim;
    if (member === undefined || shim === undefined) return;
    const before = shim.syncsFailed;
    shim.failSyncs(dice.between(1, 3));
    arena.note(`syncs fail ${member.sid}`);
    const hasEnded = await member.ended(dice.between(2000, 5000));
    shim.failSyncs(0);
    const failed = shim.syncsFailed - before;
    arena.count('failed syncs', failed);
    arena.note(
      `syncs are well ${member.sid}: ${failed} failed, it ${hasEnded ? `ended (${member.exitText})` : 'goes on'}`,
    );
    // The pages of a failed sync count as clean from then on: no later sync writes them, and the power goes.
    if (failed > 0 && dice.chance(0.3) && 'cutPower' in member.disk) await withoutPower(arena, [member]);
    else await arena.giveBack(member);
  },
};

/** Each sync takes its time: whoever waits for it must not promise anything before. */
export const slowDisk: Fault = {
  name: 'slow-disk',
  needs: ['shim'],
  weight: 1.5,
  async run(arena) {
    const { dice } = arena;
    const member = dice.chance(0.4) ? await arena.takeLeader() : arena.take(1)?.[0];
    if (member?.shim === undefined) return;
    const ms = dice.between(20, 600);
    arena.note(`slow disk ${member.sid}: ${ms} ms a sync`);
    arena.count('slow disks');
    member.shim.delaySyncs(ms);
    await later(dice.between(1000, 6000));
    member.shim.delaySyncs(0);
    await arena.giveBack(member);
  },
};

/**
 * A bit of what a member has stored is another, found when it starts. It serves what it has acknowledged, or it refuses:
 * then it is wiped, as an operator does it, while all others are well.
 */
export const bitRot: Fault = {
  name: 'bit-rot',
  needs: [],
  weight: 1,
  isAlone: true,
  async run(arena) {
    if (!(await areEquallyFar(arena))) return;
    arena.takenMax = 1;
    const member = arena.take(1)?.[0];
    if (member === undefined) return;
    await (arena.dice.chance(0.5) ? member.kill() : member.stop());
    const where = flipBit(arena, member);
    arena.count('bit rot');
    const from = member.log().length;
    member.launch();
    if (!(await member.serving(START_LIMIT_MS)) && !member.isRunning) {
      arena.note(`bit rot ${member.sid}: ${where}: it refused (${member.exitText}), and is wiped`);
      if (!member.log(from).includes(where.split(':')[0]!))
        arena.trouble(`${member.name} refused, and its log does not name ${where}: see ${member.logPath}`);
      member.wipe();
    } else arena.note(`bit rot ${member.sid}: ${where}: it serves`);
    await arena.giveBack(member);
    await areEquallyFar(arena);
  },
};

/** Wiping forgets what a member has promised: nobody else may be behind then. */
async function areEquallyFar(arena: Arena): Promise<boolean> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadline) {
    const leader = await arena.leader();
    const synced = leader === undefined ? '' : await leader.ask('mntr');
    if (new RegExp(`^zk_synced_followers\\t${arena.members.length - 1}$`, 'm').test(synced)) return true;
    await later(100);
  }
  arena.note('not all are synced: no bit rot now');
  return false;
}

/** @returns the file's name and the place in it */
function flipBit({ dice }: Arena, member: Member): string {
  const paths = readdirSync(member.dataDir, { recursive: true, encoding: 'utf8' })
    .map((path) => join(member.dataDir, path))
    .filter((path) => basename(path) !== 'myid' && statSync(path).isFile() && statSync(path).size > 0);
  const path = dice.pick(paths.toSorted());
  const bytes = readFileSync(path);
  const at = dice.below(bytes.length);
  bytes[at]! ^= 1 << dice.below(8);
  writeFileSync(path, bytes);
  return `${basename(path)}:${at}`;
}

const START_LIMIT_MS = 30_000;

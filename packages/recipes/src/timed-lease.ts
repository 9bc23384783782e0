import { type Client, type Op, utf8 } from '@corral/client';
import { mutex } from './mutex.ts';
import { joinPath } from './node-path.ts';
import { RecipeError } from './recipe-error.ts';
import type { WaitOptions } from './wait.ts';

export interface TimedLeaseOptions extends WaitOptions {
  /** Who asks: who asks again under the same name prolongs what it has. */
  readonly id: string;
  readonly durationMs: number;
  /**
   * So many may have one at a time (kazoo's MultiNonBlockingLease): leases `0`, `1` ... below the path, of which the first
   * that is to be had is taken. Without it there is one, at the path itself.
   */
  readonly count?: number;
}

/**
 * kazoo's NonBlockingLease: something is ours for so long, whatever becomes of us: for work that is to be done by one host and
 * to stay with it for a while. True when it is ours now, and until when it will be is by the clocks of all that ask, which are
 * to agree. To the second, as kazoo writes it.
 */
export async function timedLease(client: Client, path: string, options: TimedLeaseOptions): Promise<boolean> {
  const { durationMs, count } = options;
  if (!(durationMs >= 0)) throw new RangeError(`durationMs ${durationMs}`);
  if (count === undefined) return take(client, path, options);
  if (!(Number.isInteger(count) && count >= 1)) throw new RangeError(`${count} leases`);
  for (let i = 0; i < count; i++) if (await take(client, joinPath(path, `${i}`), options)) return true;
  return false;
}

async function take(client: Client, path: string, options: TimedLeaseOptions): Promise<boolean> {
  const { id, durationMs, count: _count, ...wait } = options;
  const lock = mutex(client, path, { naming: 'kazoo', data: id });
  const holderPath = joinPath(path, 'lease_holder');
  return lock.run(async (lease) => {
    const op: Op = wait.signal === undefined ? {} : { signal: wait.signal };
    const now = client.clock.now();
    const holder = await client.tryGet(holderPath, utf8, op);
    if (holder !== null) {
      const { version, holder: other, end } = parse(holder.data, holderPath);
      // Somebody writes them otherwise by now: it is his.
      if (version !== FORMAT_VERSION) return false;
      if (other !== id && now < end) return false;
    }
    const text = JSON.stringify({ version: FORMAT_VERSION, holder: id, end: written(now + durationMs) });
    const write = lease.transaction();
    if (holder !== null) write.delete(holderPath, holder.stat.version);
    await write.create(holderPath, text).commit(op);
    return true;
  }, wait);
}

function parse(text: string, path: string): { version: unknown; holder: unknown; end: number } {
  try {
    const { version, holder, end } = JSON.parse(text) as Record<string, unknown>;
    return { version, holder, end: msOf(String(end)) };
  } catch (cause) {
    throw new RecipeError('BAD_DATA', path, 'it is no lease', { cause });
  }
}

/** `2026-11-20T17:05:00`, in UTC. */
function written(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  const { year, month, day } = civilOf(days);
  const seconds = Math.floor((ms - days * DAY_MS) / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(twoDigits);
  return `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}T${parts.join(':')}`;
}

function msOf(text: string): number {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)$/.exec(text);
  if (match === null) throw new RangeError(`no time: ${text}`);
  const [year, month, day, hours, minutes, seconds] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return daysOf(year, month, day) * DAY_MS + ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

/** Days since 1970 of a date of the Gregorian calendar, whose years are counted from March. */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - DAYS_TO_1970;
}

function civilOf(days: number): { year: number; month: number; day: number } {
  let year = 1970 + Math.floor(days / 366);
  while (daysOf(year + 1, 1, 1) <= days) year++;
  let month = 1;
  while (month < 12 && daysOf(year, month + 1, 1) <= days) month++;
  return { year, month, day: days - daysOf(year, month, 1) + 1 };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

const FORMAT_VERSION = 1;
const DAY_MS = 86_400_000;
/** From 1 March of the year 0. */
const DAYS_TO_1970 = 719_468;

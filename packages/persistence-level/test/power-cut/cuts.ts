import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Storage } from '@corral/persistence';
import type { Random } from '@corral/runtime';
import { levelStorage } from '../../src/index.ts';
import { DiskHistory, type Image, writeImage } from './disk-history.ts';
import type { Recording } from './recording.ts';
import { Expectation } from './steps.ts';

export interface CutOptions {
  readonly random: Random;
  /** How many directories are drawn behind a call, beside that with everything and that with nothing unsynced. */
  readonly byChance: number;
  /** Behind which calls the power is cut. */
  readonly isCutBehind: (call: number) => boolean;
}

/** A cut, and what may be found after it. */
export interface Cut {
  readonly image: Image;
  readonly expected: Expectation;
  /** Where, for messages. */
  readonly at: string;
}

/** Cuts the power behind calls of a recording. `expected`: before the first, and once it is open. */
export function* cutsOf(
  { calls, steps, data, marks, before }: Recording,
  { random, byChance, isCutBehind }: CutOptions,
  expected: Expectation = new Expectation(),
  opened: Expectation = expected,
): Generator<Cut> {
  const disk = new DiskHistory(before);
  let begun = 0;
  for (const [i, call] of calls.entries()) {
    if (call.path === marks) {
      const [mark, number] = call.kind === 'write' ? call.bytes.toString().trim().split(' ') : [];
      if (mark === 'begin') {
        expected = expected.during(steps[Number(number)]!);
        begun = Number(number) + 1;
      } else if (mark === 'end') expected = expected.behind(steps[Number(number)]!);
      else if (mark === 'opened' && begun === 0) expected = opened;
      continue;
    }
    disk.add(call);
    if (!isCutBehind(i)) continue;
    const at = `behind call ${i} (${call.kind} ${call.path.slice(data.length)}), step ${begun}`;
    for (const image of [disk.least(), disk.whole()]) yield { image, expected, at };
    for (let n = 0; n < byChance; n++) yield { image: disk.byChance(random), expected, at };
  }
  if (begun !== steps.length) throw new Error(`${begun} of ${steps.length} steps were recorded`);
  const missed = firstDifference(disk.whole(), data);
  if (missed !== undefined) throw new Error(`${missed} holds what was not recorded`);
}

/** Opens directories as cuts have left them, each once for all that is expected of it. */
export class Openings {
  opened = 0;
  readonly faults: string[] = [];
  readonly #root: string;
  readonly #distinct: Set<string>;
  readonly #checked: Map<string, Expectation> = new Map();

  /** @param distinct gets the hash of each directory; what LevelDB writes for the eyes of people is not in it */
  constructor(root: string, distinct: Set<string>) {
    this.#root = root;
    this.#distinct = distinct;
  }

  get isFaulty(): boolean {
    return this.faults.length >= FAULTS_MAX;
  }

  async check({ image, expected, at }: Cut, data: string): Promise<void> {
    const hash = hashOf(image, data);
    if (this.#checked.get(hash) === expected) return;
    this.#checked.set(hash, expected);
    this.#distinct.add(hash);
    this.opened++;
    try {
      const fault = await inDirectory(this.#root, image, data, (storage) => expected.fault(storage));
      if (fault !== undefined) this.faults.push(`${at}: ${fault}`);
    } catch (cause) {
      this.faults.push(`${at}: ${String(cause)}`);
    }
  }
}

/** Opens a storage on a directory that holds an image. */
export async function inDirectory<T>(
  root: string,
  image: Image,
  data: string,
  use: (storage: Storage) => Promise<T>,
): Promise<T> {
  const place = mkdtempSync(join(root, 'cut-'));
  try {
    writeImage(image, data, place);
    const storage = await levelStorage({ dataDir: place });
    try {
      return await use(storage);
    } finally {
      await storage.close();
    }
  } finally {
    rmSync(place, { recursive: true });
  }
}

function hashOf(image: Image, data: string): string {
  const hash = createHash('sha1');
  for (const path of [...image.keys()].toSorted()) {
    if (FOR_PEOPLE.test(path)) continue;
    const bytes = image.get(path)!;
    hash.update(`${path.slice(data.length)} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('base64');
}

function firstDifference(image: Image, data: string): string | undefined {
  const names = readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  if (names.length !== image.size) return `${names.length} files, not ${image.size}: the directory`;
  return names.find((name) => image.get(name)?.equals(readFileSync(name)) !== true);
}

const FOR_PEOPLE = /\/LOG(\.old)?$/;
const FAULTS_MAX = 6;

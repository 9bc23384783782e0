import { lineOf, Recorder, type Server } from '@corral-test/history';
import { apache39, candidate, Dice, type ServerProgram } from '@corral-test/oracle';
import type { HistoryRecord } from '@corral/testing';
import { appendFileSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Arena, later } from './arena.ts';
import { Crew } from './clients/crew.ts';
import { Ledger } from './clients/ledger.ts';
import { TreeReader } from './clients/trees.ts';
import { endState } from './end-state.ts';
import { layOut, SYNC_LIMIT, TICK_MS } from './ensemble.ts';
import { allFaults } from './faults/index.ts';
import type { Fault } from './faults/fault.ts';
import { PAUSE_MAX_MS } from './faults/processes.ts';
import { judge, type Judgement } from './judge.ts';
import { type Missing, missingAbilities } from './machine/abilities.ts';
import { FOLDER_PREFIX, KEPT, Leftovers } from './machine/leftovers.ts';
import { attemptSync } from './machine/shell.ts';
import type { Member } from './member.ts';
import { Nemesis } from './nemesis.ts';
import type { Options } from './options.ts';
import { factsText, progressLine } from './verdict.ts';

export interface Outcome {
  /** What should not have been; empty where all is well. */
  readonly problems: readonly string[];
  readonly verdict: string;
}

/** One run, from the first server's start to the last one's end; all that it made goes with it. */
export class Campaign {
  readonly #o: Options;
  readonly #folder: string;
  readonly #leftovers: Leftovers;
  readonly #begun = performance.now();
  readonly #ledger = new Ledger();
  #members: readonly Member[] = [];
  #arena: Arena | undefined;
  #problems: readonly string[] = [];
  #isInterrupted = false;
  #isReleased = false;
  #readers: readonly TreeReader[] = [];

  constructor(options: Options) {
    this.#o = options;
    this.#folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
    this.#leftovers = new Leftovers(this.#folder);
  }

  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** It ends early, and there is nothing to be judged. */
  interrupt(): void {
    this.#isInterrupted = true;
  }

  /** Servers, clients and faults; in the end nothing of it stands outside of the folder. */
  async storm(): Promise<void> {
    try {
      await this.#storm();
    } catch (error) {
      console.log(`what is left: ${this.#folder}`);
      throw error;
    } finally {
      await this.release();
    }
  }

  /** After the storm: takes its time, and all of the processor. */
  judge(): Outcome {
    const facts = factsText({
      options: this.#o,
      arena: this.#arena!,
      ledger: this.#ledger,
      minutes: (performance.now() - this.#begun) / 60_000,
    });
    console.log(`checking what clients saw: ${facts}`);
    const { violations, undecided } = this.#judge();
    const problems = [...this.#problems, ...violations];
    for (const line of [...problems.slice(0, SHOWN_MAX), ...undecided.slice(0, SHOWN_MAX)]) console.log(line);
    if (problems.length > 0 || this.#o.isKept)
      console.log(`kept: ${this.#folder} (logs, data, events, history)`);
    else rmSync(this.#folder, { recursive: true, force: true });
    const word = problems.length === 0 ? 'OK' : `BROKEN (${problems.length})`;
    return { problems, verdict: `chaos ${word}: ${facts}; ${undecided.length} undecided` };
  }

  /** The servers and all that stands outside of the folder go; their data stay in it. Also the way out at any moment. */
  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    for (const member of this.#members) await member.kill();
    // The data lie on disks that go away.
    for (const { sid, dataDir } of this.#members)
      attemptSync('cp', '-a', dataDir, join(this.#folder, String(sid), 'data'));
    writeFileSync(join(this.#folder, KEPT), '');
    this.#leftovers.clear();
    if (this.#isInterrupted && !this.#o.isKept) rmSync(this.#folder, { recursive: true, force: true });
  }

  async #storm(): Promise<void> {
    const { seed, servers, minutes, clients, everyMs, rate, isApache, storage } = this.#o;
    const program = programFor(isApache);
    const missing = await missingAbilities();
    const faults = this.#possible(missing);
    const dice = new Dice(seed);
    const { members, network } = await layOut({
      servers,
      program,
      folder: this.#folder,
      runId: this.#folder.slice(-4).toLowerCase(),
      missing,
      leftovers: this.#leftovers,
      megabytes: 256 + Math.ceil(64 * minutes),
      snapCount: dice.between(200, 4000),
      config: storage === 'file' ? {} : { storage },
    });
    this.#members = members;
    for (const member of members) member.launch();
    for (const member of members)
      if (!(await member.serving(START_LIMIT_MS)))
        throw new Error(`${member.name} does not serve:\n${member.log().slice(-2000)}`);

    const history = openSync(join(this.#folder, HISTORY), 'a');
    const recorder = new Recorder((record) => this.#note(history, record));
    const places: Server[] = members.map(({ name, host, port }) => ({ name, host, port }));
    const timeoutMs = 12 * TICK_MS;
    const crew = new Crew({
      seed,
      recorder,
      servers: places,
      clients,
      timeoutMs,
      rate,
      oneWatchMode: program.name === 'apache-3.8',
    });
    const arena = new Arena(
      members,
      network,
      dice,
      (line) => this.#say(line),
      (isFree) => this.#ledger.quorum(isFree, performance.now()),
    );
    this.#arena = arena;
    const nemesis = new Nemesis(arena, faults, everyMs);
    const working = crew.run();
    const breaking = nemesis.run();
    await this.#passTime(minutes * 60_000, arena);
    nemesis.stop();
    await breaking;
    // What is mended is used for a while.
    await this.#passTime(AFTERWARDS_MS, arena);
    crew.stop();
    await working;
    if (this.#isInterrupted) return;
    console.log('all is mended; reading what there is');

    this.#readers = places.map((place, i) => new TreeReader(recorder, clients + i, place, timeoutMs));
    const problems = await endState(members, this.#readers, this.#ledger);
    closeSync(history);
    this.#problems = [...arena.troubles, ...problems];
  }

  #judge(): Judgement {
    const expirySlackMs = (SYNC_LIMIT + 1) * TICK_MS + PAUSE_MAX_MS;
    const sync = this.#o.isApache ? 'compatible' : 'quorum';
    const acls = this.#o.isApache ? { aclSlackMs: TICK_MS } : {};
    return judge(join(this.#folder, HISTORY), { sync, expirySlackMs, ...acls });
  }

  #possible(missing: Missing): readonly Fault[] {
    const chosen = allFaults.filter(
      ({ name }) => this.#o.faults === undefined || this.#o.faults.includes(name),
    );
    return chosen.filter(({ name, needs }) => {
      const need = needs.find((ability) => missing.has(ability));
      if (need !== undefined) console.log(`left out: ${name} (${need}: ${missing.get(need)})`);
      return need === undefined;
    });
  }

  #note(file: number, record: HistoryRecord): void {
    writeSync(file, `${lineOf(record)}\n`);
    this.#ledger.note(record);
    for (const reader of this.#readers) reader.note(record);
  }

  #say(line: string): void {
    const seconds = ((performance.now() - this.#begun) / 1000).toFixed(3);
    appendFileSync(join(this.#folder, 'events'), `${seconds} ${line}\n`);
  }

  async #passTime(ms: number, arena: Arena): Promise<void> {
    const deadline = performance.now() + ms;
    let shown = performance.now();
    let woken = shown;
    while (!this.#isInterrupted && performance.now() < deadline) {
      await later(POLL_MS);
      this.#ledger.longestStallMs = Math.max(
        this.#ledger.longestStallMs,
        performance.now() - woken - POLL_MS,
      );
      woken = performance.now();
      if (performance.now() - shown < PROGRESS_MS) continue;
      shown = performance.now();
      console.log(progressLine((shown - this.#begun) / 1000, arena, this.#ledger));
    }
  }
}

function programFor(isApache: boolean): ServerProgram {
  const program = isApache ? apache39() : candidate();
  if ('missing' in program) throw new Error(`${program.missing} is not there`);
  return program;
}

const HISTORY = 'history.jsonl';
const START_LIMIT_MS = 60_000;
const AFTERWARDS_MS = 3000;
const PROGRESS_MS = 5000;
const POLL_MS = 100;
const SHOWN_MAX = 20;

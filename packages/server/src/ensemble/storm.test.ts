import { OpCode } from '@corral/protocol';
import type { Random } from '@corral/runtime';
import { SimulatedRuntime } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, exists } from '../../test/requests.ts';
import type { TestClient } from '../../test/test-client.ts';

const SEEDS = Array.from({ length: Number(process.env['CORRAL_STORM_SEEDS'] ?? 12) }, (_, i) => i + 1);

describe('members in a storm', () => {
  it.each(SEEDS)('keep what they have acknowledged, and end with one tree (seed %i)', async (seed) => {
    const storm = new Storm(seed);
    await storm.begin();
    for (let step = 0; step < STEPS; step++) await storm.step();
    await storm.calm();

    expect(await storm.lost(), storm.story).toEqual([]);
    expect(storm.fatal, storm.story).toEqual([]);
  });
});

/** Crashes, restarts, cuts and stalls, with writes between them. */
class Storm {
  readonly #size: number;
  readonly #world: EnsembleWorld;
  readonly #random: Random;
  readonly #acknowledged: string[] = [];
  readonly #stalled = new Set<number>();
  #written = 0;

  constructor(seed: number) {
    this.#random = new SimulatedRuntime({ seed }).random;
    // Every third is of three voters and an observer, which goes to one of the followers.
    this.#size = [5, 4, 3][seed % 3]!;
    this.#world = new EnsembleWorld({
      size: this.#size,
      observers: this.#size === 4 ? [4] : [],
      seed,
      hasRealElections: true,
      ensemble: {
        snapshotSizeFactor: seed % 2 === 0 ? 100 : 0.33,
        forceSnapshotSync: seed % 4 === 1,
        observerMasterPort: 2191,
        localSessionsEnabled: seed % 5 === 0,
        readOnlyMode: seed % 2 === 0,
      },
      config: { snapCount: 40 },
    });
  }

  async begin(): Promise<void> {
    for (let sid = 1; sid <= this.#size; sid++) await this.#world.start(sid);
    await this.#world.serving();
  }

  async step(): Promise<void> {
    const world = this.#world;
    const sid = 1 + this.#random.below(this.#size);
    switch (this.#random.below(12)) {
      case 0:
        if (world.members.has(sid)) world.crash(sid);
        break;
      case 1:
      case 2:
        await this.#restartAll();
        break;
      case 3:
        world.network.partition(`s${sid}`, `s${1 + (sid % this.#size)}`);
        break;
      case 4:
        world.network.heal();
        break;
      case 5:
        if (this.#stalled.size === 0 && world.members.has(sid)) {
          world.stall(sid);
          this.#stalled.add(sid);
        } else this.#unstall();
        break;
      case 6:
        if (world.members.has(sid) && !this.#stalled.has(sid)) await world.stop(sid);
        break;
      case 7:
        if (world.members.has(sid)) await this.#slowDisk(sid);
        break;
      case 8:
        if (world.members.has(sid) && !this.#stalled.has(sid)) await this.#breakDisk(sid);
        break;
      default:
        await this.#write(sid, 1 + this.#random.below(60));
    }
    await world.pass(this.#random.below(800));
  }

  async calm(): Promise<void> {
    this.#world.network.heal();
    this.#unstall();
    await this.#restartAll();
    await this.#world.serving();
    await this.#world.pass(1000);
    await this.#world.serving();
  }

  /** What was acknowledged and is not on every member, each as `member:path`, and who has another tree than the first. */
  async lost(): Promise<string[]> {
    const lost: string[] = [];
    for (const sid of this.#world.members.keys()) {
      const client = await this.#world.client(sid);
      for (const path of this.#acknowledged) client.send(OpCode.exists, exists(path));
      for (const path of this.#acknowledged)
        if ((await this.#world.run(client.reply())).err !== 0) lost.push(`${sid}:${path}`);
    }
    for (const sid of await this.#world.differences()) lost.push(`${sid}: another tree`);
    return lost;
  }

  get fatal(): string[] {
    return this.#world
      .lines('cannot go on')
      .map(({ sid, fields }) => `${sid}: ${String(fields['error'])}`)
      .filter((line) => !line.includes(BROKEN_DISK));
  }

  get story(): string {
    return this.#world.story();
  }

  #unstall(): void {
    for (const sid of this.#stalled) this.#world.wake(sid);
    this.#stalled.clear();
  }

  /** Syncs take their time there, for a while. */
  async #slowDisk(sid: number): Promise<void> {
    const { clock } = this.#world.runtime;
    const medium = this.#world.medium(sid);
    medium.beforeSync = () => new Promise((resolve) => void clock.after(200, resolve));
    await this.#write(sid, 20);
    medium.beforeSync = () => {};
  }

  /** Whatever is synced there next fails; a member whose disk failed has to go. */
  async #breakDisk(sid: number): Promise<void> {
    const medium = this.#world.medium(sid);
    let hasFailed = false;
    void this.#world.members.get(sid)!.failed.then(() => (hasFailed = true));
    medium.beforeSync = () => Promise.reject(new Error(BROKEN_DISK));
    await this.#write(1 + this.#random.below(this.#size), 20);
    medium.beforeSync = () => {};
    await this.#world.pass(1);
    if (hasFailed) this.#world.crash(sid);
  }

  async #restartAll(): Promise<void> {
    for (let sid = 1; sid <= this.#size; sid++)
      if (!this.#world.members.has(sid)) await this.#world.start(sid);
  }

  /** A client that writes for a while; only what was answered counts. */
  async #write(sid: number, count: number): Promise<void> {
    const world = this.#world;
    if (!world.members.has(sid) || this.#stalled.has(sid)) return;
    let client: TestClient | undefined;
    void world
      .connect(sid)
      .then((connected) => (client = connected))
      .catch(() => {});
    await world.pass(300);
    if (client?.session === undefined || client.isClosed) return;
    const paths = Array.from({ length: count }, () => `/n${++this.#written}`);
    for (const path of paths) client.send(OpCode.create, create(path));
    await world.pass(this.#random.below(400));
    for (const path of paths) {
      if (client.frames.length === 0) break;
      if ((await client.reply()).err === 0) this.#acknowledged.push(path);
    }
    client.destroy();
  }
}

const STEPS = 60;
const BROKEN_DISK = 'EIO';

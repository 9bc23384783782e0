import { freePorts, type Properties, type ServerProgram } from '@corral-test/oracle';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, until } from './eventually.ts';
import { Member, type MemberOptions, type Place } from './member.ts';

export interface EnsembleOptions {
  /** The program of each member; the first has the id 1. */
  readonly members: readonly ServerProgram[];
  /** Ids of those that do not vote. */
  readonly observers?: readonly number[];
  /** Lines of `zoo.cfg` beside the ones every member here gets. */
  readonly config?: Readonly<Record<string, string | number>>;
  readonly properties?: Properties;
  /** Each member has an address of its own among themselves: some ports are the same for all of them. */
  readonly hasOwnHosts?: boolean;
}

/** An ensemble of real processes on free ports of loopback, in a folder of its own. All of it ends with it. */
export class Ensemble implements AsyncDisposable {
  readonly members: readonly Member[];
  readonly #folder: string;

  /** Starts all members at once, and resolves when all have their part. */
  static async start(options: EnsembleOptions): Promise<Ensemble> {
    const ensemble = await Ensemble.planned(options);
    try {
      for (const member of ensemble.members) member.launch();
      await ensemble.serving();
      return ensemble;
    } catch (error) {
      await ensemble[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts nobody yet. */
  static async planned(options: EnsembleOptions): Promise<Ensemble> {
    const ports = await freePorts(options.members.length * 3);
    return new Ensemble(options, ports);
  }

  private constructor(
    { members, observers = [], config, properties, hasOwnHosts = false }: EnsembleOptions,
    ports: number[],
  ) {
    this.#folder = mkdtempSync(join(tmpdir(), 'corral-ensemble-'));
    const places: Place[] = members.map((_, i) => ({
      sid: i + 1,
      isObserver: observers.includes(i + 1),
      quorumHost: hasOwnHosts ? `127.0.1.${i + 1}` : '127.0.0.1',
      clientPort: ports[i * 3]!,
      quorumPort: ports[i * 3 + 1]!,
      electionPort: ports[i * 3 + 2]!,
    }));
    const options: MemberOptions = { config: config ?? {}, properties: { ...superUser, ...properties } };
    this.members = places.map(
      (place, i) => new Member(members[i]!, place, places, join(this.#folder, String(place.sid)), options),
    );
  }

  member(sid: number): Member {
    return this.members[sid - 1]!;
  }

  get running(): readonly Member[] {
    return this.members.filter((member) => member.isRunning);
  }

  /** Resolves once all that run have a part, and one of them leads. */
  async serving(): Promise<void> {
    await Promise.all(this.running.map((member) => member.serving()));
    await this.leader();
  }

  /** Of those that run, the one that leads; waits until there is one. */
  leader(): Promise<Member> {
    return eventually('a leader', async () => {
      const modes = await Promise.all(this.running.map((member) => member.mode()));
      return this.running[modes.indexOf('leader')];
    });
  }

  async follower(): Promise<Member> {
    const leader = await this.leader();
    return this.running.find((member) => member !== leader && !member.place.isObserver)!;
  }

  /** All that run are equally far, and nothing is on its way. */
  async settled(): Promise<void> {
    await until('all members are equally far', async () => {
      const zxids = await Promise.all(this.running.map((member) => member.zxid()));
      return zxids[0] !== undefined && new Set(zxids).size === 1;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    if (process.env['ENSEMBLE_KEEP'] === undefined) rmSync(this.#folder, { recursive: true, force: true });
    else console.log(`kept: ${this.#folder}`);
  }
}

const superUser: Properties = {
  'zookeeper.DigestAuthenticationProvider.superDigest': 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=',
};

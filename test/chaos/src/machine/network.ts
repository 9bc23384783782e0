import { attempt, run, runSync } from './shell.ts';
import type { Leftovers } from './leftovers.ts';

/** Who may be cut off from whom: a member by its id, or `clients`. */
export type End = number | 'clients';

/**
 * Members with a network namespace each, joined by a bridge; the clients are with the bridge, in the namespace that all
 * of this was started in.
 *
 * A direction is cut by telling the sender a hardware address that nobody has: packets leave and arrive nowhere, which
 * is what a bad cable looks like. It needs no packet filter.
 */
export class Network {
  readonly #prefix: string;
  readonly #names = new Map<number, string>();
  readonly #bridge: string;

  constructor(runId: string, sids: readonly number[], leftovers: Leftovers) {
    this.#prefix = freePrefix();
    this.#bridge = `ccb${runId}`;
    leftovers.note('link', this.#bridge);
    runSync('ip', 'link', 'add', this.#bridge, 'type', 'bridge');
    runSync('ip', 'addr', 'add', `${this.#prefix}.254/24`, 'dev', this.#bridge);
    runSync('ip', 'link', 'set', this.#bridge, 'up');
    for (const sid of sids) {
      const name = `corral-chaos-${runId}-${sid}`;
      const port = `ccv${runId}-${sid}`;
      this.#names.set(sid, name);
      leftovers.note('namespace', name);
      runSync('ip', 'netns', 'add', name);
      runSync('ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
      runSync('ip', 'link', 'set', port, 'master', this.#bridge, 'up');
      runSync('ip', '-n', name, 'link', 'set', 'lo', 'up');
      runSync('ip', '-n', name, 'link', 'set', 'eth0', 'up');
      runSync('ip', '-n', name, 'addr', 'add', `${this.host(sid)}/24`, 'dev', 'eth0');
    }
  }

  host(end: End): string {
    return `${this.#prefix}.${end === 'clients' ? 254 : end}`;
  }

  /** The words that run a program as this member. */
  within(sid: number): readonly string[] {
    return ['nsenter', `--net=/run/netns/${this.#names.get(sid)}`, '--'];
  }

  async cut(from: End, to: End): Promise<void> {
    const neighbour = [this.host(to), 'lladdr', NOBODY, 'nud', 'permanent', 'dev', this.#device(from)];
    await run('ip', ...this.#where(from), 'neigh', 'replace', ...neighbour);
  }

  async heal(from: End, to: End): Promise<void> {
    await attempt('ip', ...this.#where(from), 'neigh', 'del', this.host(to), 'dev', this.#device(from));
  }

  #where(end: End): readonly string[] {
    return end === 'clients' ? [] : ['-n', this.#names.get(end)!];
  }

  #device(end: End): string {
    return end === 'clients' ? this.#bridge : 'eth0';
  }
}

function freePrefix(): string {
  const taken = runSync('ip', '-4', '-o', 'addr');
  const first = process.pid % 256;
  for (let i = 0; i < 256; i++) {
    const prefix = `10.231.${(first + i) % 256}`;
    if (!taken.includes(`${prefix}.`)) return prefix;
  }
  throw new Error('no network free under 10.231');
}

/** Locally administered, and nobody's. */
const NOBODY = '02:00:00:00:de:ad';

import type { EnsembleConfigFacts, EnsembleFacts, ServerFacts } from './ensemble-facts.ts';
import type { Finding } from './finding.ts';

/** What rules of ensembles ask for. */
export class Ensemble {
  readonly servers: readonly ServerFacts[];
  /** Those that say what they are. */
  readonly serving: readonly ServerFacts[];
  readonly leaders: readonly ServerFacts[];
  readonly configs: readonly EnsembleConfigFacts[];
  /** Of the newest configuration that is known. */
  readonly voters: readonly string[];
  readonly isRootOpen: boolean | undefined;

  constructor({ servers, isRootOpen }: EnsembleFacts) {
    this.servers = servers;
    this.serving = servers.filter((server) => modeOf(server) !== undefined);
    this.leaders = servers.filter((server) => modeOf(server) === 'leader');
    this.configs = servers
      .flatMap(({ config }) => config ?? [])
      .filter((config) => config.servers.length > 0)
      .toSorted((a, b) => Number(b.version - a.version));
    this.voters = (this.configs[0]?.servers ?? []).filter((line) => !line.includes(':observer'));
    this.isRootOpen = isRootOpen;
  }
}

export function modeOf({ srvr }: ServerFacts): string | undefined {
  return srvr.get('Mode');
}

/** The first of these names that it tells. */
export function figure({ mntr }: ServerFacts, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = Number(mntr.get(name) ?? Number.NaN);
    if (!Number.isNaN(value)) return value;
  }
  return undefined;
}

export function namesOf(servers: readonly ServerFacts[]): string {
  return servers.map(({ server }) => server).join(',');
}

export function listed(
  servers: readonly ServerFacts[],
  valueOf: (server: ServerFacts) => string | undefined,
): string {
  return servers.map((server) => `${server.server} ${valueOf(server) ?? '-'}`).join(', ');
}

export function bad(rule: string, where: string, seen: string, why: string, fix: string): Finding {
  return { severity: 'bad', rule, where, seen, why, fix };
}

export function warn(rule: string, where: string, seen: string, why: string, fix: string): Finding {
  return { severity: 'warn', rule, where, seen, why, fix };
}

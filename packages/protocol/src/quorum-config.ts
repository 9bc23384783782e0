import { javaHashOrder, javaPropertiesOrder } from './java-hash-order.ts';
import { parseProperties, type Property } from './properties.ts';
import { QuorumConfigError, SERVERS_MAX, tooMany } from './quorum-config-error.ts';
import { QuorumHierarchy } from './quorum-hierarchy.ts';
import { parseServerId, parseVersion } from './quorum-numbers.ts';
import { QuorumServer } from './quorum-server.ts';
import type { QuorumVerifier } from './quorum-verifier.ts';

/** What every configuration of one ensemble has in common, and no text of it says. */
export interface QuorumRules {
  /** Whether a server may have several addresses (`multiAddress.enabled`). */
  readonly isMultiAddress: boolean;
  /** Whether one server may stand alone, and two are the fewest of an ensemble (`standaloneEnabled`). */
  readonly isStandaloneEnabled: boolean;
  /**
   * Asked where one of two voters, or of one, has to know whether it may go on alone (`oraclePath`); undefined where nobody
   * can be asked. Whoever gives it answers no while the other one follows (QuorumOracleMaj.getNeedOracle).
   */
  readonly oracle: (() => boolean) | undefined;
}

export const defaultQuorumRules: QuorumRules = {
  isMultiAddress: false,
  isStandaloneEnabled: true,
  oracle: undefined,
};

/**
 * A configuration of an ensemble: its servers, and which of them are enough: a majority, or as groups and weights say
 * (QuorumMaj, QuorumHierarchical, QuorumOracleMaj).
 */
export class QuorumConfig implements QuorumVerifier {
  readonly version: number;
  /** By id, in the order they are printed. */
  readonly servers: ReadonlyMap<number, QuorumServer>;
  readonly voters: ReadonlySet<number>;
  readonly observers: ReadonlySet<number>;
  /** Undefined where a majority is enough. */
  readonly hierarchy: QuorumHierarchy | undefined;
  readonly rules: QuorumRules;
  #text: string | undefined;

  /**
   * @param servers in the order they are printed
   * @throws QuorumConfigError `VALUE` where they are too few (QuorumPeerConfig.parseDynamicConfig)
   */
  constructor(
    version: number,
    servers: Iterable<QuorumServer>,
    hierarchy?: QuorumHierarchy,
    rules: QuorumRules = defaultQuorumRules,
  ) {
    this.version = version;
    this.servers = new Map(Array.from(servers, (server) => [server.id, server]));
    this.voters = idsOf(this.servers, 'participant');
    this.observers = idsOf(this.servers, 'observer');
    this.hierarchy = hierarchy;
    this.rules = rules;
  }

  /**
   * Reads the text of a dynamic file, of `/zookeeper/config`, of NEWLEADER or of a notification.
   *
   * @throws QuorumConfigError with the line to blame
   */
  static parse(text: string, rules: QuorumRules = defaultQuorumRules): QuorumConfig {
    return QuorumConfig.fromProperties(readProperties(text), rules);
  }

  /**
   * The same, of lines that have been read. Of two with the same key the later one counts.
   *
   * @throws QuorumConfigError
   */
  static fromProperties(
    properties: readonly Property[],
    rules: QuorumRules = defaultQuorumRules,
  ): QuorumConfig {
    const byKey = inJavaOrder(properties);
    for (const { key, line } of byKey.values())
      if (!isQuorumKey(key)) throw new QuorumConfigError('FORMAT', `Unrecognised parameter: ${key}`, line);
    const servers = parseServers(byKey.values(), rules);
    const isHierarchical = rules.oracle === undefined && [...byKey.keys()].some(isOfHierarchy);
    const hierarchy = isHierarchical ? QuorumHierarchy.parse(byKey.values(), servers) : undefined;
    const version = byKey.get('version');
    const config = new QuorumConfig(
      version === undefined ? 0 : parseVersion(version.value, version.line),
      javaHashOrder(servers.keys()).map((id) => servers.get(id)!),
      hierarchy,
      rules,
    );
    checkNumbers(config);
    return config;
  }

  weightOf(sid: number): number {
    return this.hierarchy === undefined ? 1 : this.hierarchy.weightOf(sid);
  }

  containsQuorum(sids: ReadonlySet<number>): boolean {
    if (this.hierarchy !== undefined)
      return this.hierarchy.containsQuorum([...sids].filter((sid) => this.voters.has(sid)));
    let count = 0;
    for (const sid of sids) if (this.voters.has(sid)) count++;
    if (count * 2 > this.voters.size) return true;
    const { oracle } = this.rules;
    return oracle !== undefined && this.voters.size <= 2 && oracle();
  }

  /** The same servers and groups, as another transaction made them. */
  withVersion(version: number): QuorumConfig {
    return new QuorumConfig(version, this.servers.values(), this.hierarchy, this.rules);
  }

  /** Whether both say the same. As in Apache, two of the same version do, since a version names one configuration. */
  equals(other: QuorumConfig): boolean {
    if ((this.hierarchy === undefined) !== (other.hierarchy === undefined)) return false;
    if (this.version === other.version) return true;
    return (
      this.servers.size === other.servers.size &&
      [...this.servers].every(([id, server]) => other.servers.get(id)?.equals(server) === true) &&
      (this.hierarchy === undefined || this.hierarchy.equals(other.hierarchy!))
    );
  }

  toString(): string {
    this.#text ??= [
      ...[...this.servers.values()].map((server) => `server.${server.id}=${server.toString()}\n`),
      this.hierarchy?.toString() ?? '',
      `version=${this.version.toString(16)}`,
    ].join('');
    return this.#text;
  }
}

/**
 * The longest text: servers with an address each, and then some. Whoever dials the election port may send one, and it is
 * read in one turn.
 */
export const TEXT_MAX: number = 128 * 1024;

/** Whether a key of `zoo.cfg` belongs to the configuration of the ensemble, and in a dynamic file where there is one. */
export function isQuorumKey(key: string): boolean {
  return key.startsWith('server.') || isOfHierarchy(key) || key === 'version';
}

/** Reads a text as Java's properties. @throws QuorumConfigError where it has a broken escape, or is too long */
export function readProperties(text: string): Property[] {
  if (text.length > TEXT_MAX) throw tooMany(`more than ${TEXT_MAX} characters`);
  try {
    return parseProperties(text);
  } catch (error) {
    throw new QuorumConfigError('VALUE', (error as Error).message);
  }
}

/** As Apache goes through them: it decides what is printed first of two ids in one bucket. */
function inJavaOrder(properties: readonly Property[]): ReadonlyMap<string, Property> {
  const byKey = new Map(properties.map((property) => [property.key, property]));
  if (byKey.size > LINES_MAX) throw tooMany(`more than ${LINES_MAX} lines`);
  return new Map(javaPropertiesOrder(byKey.keys()).map((key) => [key, byKey.get(key)!]));
}

function isOfHierarchy(key: string): boolean {
  return key.startsWith('group') || key.startsWith('weight');
}

function parseServers(properties: Iterable<Property>, rules: QuorumRules): Map<number, QuorumServer> {
  const servers = new Map<number, QuorumServer>();
  for (const { key, value, line } of properties) {
    if (!key.startsWith('server.')) continue;
    const id = parseServerId(key.slice('server.'.length), line);
    if (servers.size === SERVERS_MAX) throw tooMany(`more than ${SERVERS_MAX} servers`, line);
    try {
      servers.set(id, QuorumServer.parse(id, value, rules.isMultiAddress));
    } catch (error) {
      throw error instanceof QuorumConfigError ? error.at(line) : error;
    }
  }
  return servers;
}

function checkNumbers({ voters, observers, rules }: QuorumConfig): void {
  if (voters.size === 0 && !rules.isStandaloneEnabled)
    throw new QuorumConfigError(
      'VALUE',
      'standaloneEnabled = false then number of participants should be >0',
    );
  if (observers.size === 0) return;
  if (voters.size === 0)
    throw new QuorumConfigError('VALUE', 'Observers w/o participants is an invalid configuration');
  if (voters.size === 1 && rules.isStandaloneEnabled)
    throw new QuorumConfigError('VALUE', 'Observers w/o quorum is an invalid configuration');
}

function idsOf(servers: ReadonlyMap<number, QuorumServer>, type: QuorumServer['type']): Set<number> {
  return new Set([...servers.values()].filter((server) => server.type === type).map(({ id }) => id));
}

/** Servers, weights and groups. */
const LINES_MAX = 3 * SERVERS_MAX;

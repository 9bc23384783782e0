import { splitAsJava } from './host-and-ports.ts';
import { javaHashOrder } from './java-hash-order.ts';
import type { Property } from './properties.ts';
import { QuorumConfigError, SERVERS_MAX, tooMany } from './quorum-config-error.ts';
import { parseJavaLong, parseKeyId } from './quorum-numbers.ts';
import type { QuorumServer } from './quorum-server.ts';

/**
 * Disjoint groups of servers with weights: enough is more than half of the weight in more than half of the groups
 * that have any (QuorumHierarchical).
 */
export class QuorumHierarchy {
  /** From server to group, in the order they are printed. */
  readonly groups: ReadonlyMap<number, number>;
  /** From server to weight, in the order they are printed: at least every voter's. */
  readonly weights: ReadonlyMap<number, number>;
  readonly #groupWeights: ReadonlyMap<number, number>;
  /** Groups that have to agree in more than half. */
  readonly #groupsThatCount: number;

  constructor(groups: ReadonlyMap<number, number>, weights: ReadonlyMap<number, number>) {
    this.groups = inJavaOrder(groups);
    this.weights = inJavaOrder(weights);
    this.#groupWeights = sums(groups, weights);
    this.#groupsThatCount = [...this.#groupWeights.values()].filter((weight) => weight !== 0).length;
  }

  /** @throws QuorumConfigError where a voter is in no group, a server in two, or a line makes no sense */
  static parse(properties: Iterable<Property>, servers: ReadonlyMap<number, QuorumServer>): QuorumHierarchy {
    const groups = new Map<number, number>();
    const weights = new Map<number, number>();
    const lines = new Map<string, number>();
    for (const { key, value, line } of properties) {
      lines.set(key, line);
      if (key.startsWith('group')) readGroup(groups, key, value, line);
      else if (key.startsWith('weight')) readWeight(weights, key, value, line);
    }
    for (const server of servers.values()) {
      if (server.type === 'observer') continue;
      if (!groups.has(server.id))
        throw new QuorumConfigError(
          'FORMAT',
          `Server ${server.id} is not in a group`,
          lines.get(`server.${server.id}`),
        );
      if (!weights.has(server.id)) weights.set(server.id, 1);
    }
    for (const [sid, group] of groups)
      if (!weights.has(sid))
        throw new QuorumConfigError(
          'VALUE',
          `Server ${sid} of group ${group} is no participant and has no weight`,
          lines.get(`group.${group}`),
        );
    return new QuorumHierarchy(groups, weights);
  }

  weightOf(sid: number): number {
    return this.weights.get(sid) ?? 0;
  }

  containsQuorum(sids: Iterable<number>): boolean {
    const gathered = sums(this.groups, this.weights, sids);
    let majorities = 0;
    for (const [group, weight] of gathered)
      if (weight > Math.trunc(this.#groupWeights.get(group)! / 2)) majorities++;
    return majorities > Math.trunc(this.#groupsThatCount / 2);
  }

  /** The lines `group.G=` and `weight.S=`, each with its line end. */
  toString(): string {
    const members = new Map<number, number[]>();
    for (const [sid, group] of this.groups) {
      const others = members.get(group);
      if (others === undefined) members.set(group, [sid]);
      else others.push(sid);
    }
    const groups = javaHashOrder(members.keys()).map(
      (group) => `group.${group}=${members.get(group)!.join(':')}\n`,
    );
    const weights = [...this.weights].map(([sid, weight]) => `weight.${sid}=${weight}\n`);
    return [...groups, ...weights].join('');
  }

  equals(other: QuorumHierarchy): boolean {
    return isSame(this.groups, other.groups) && isSame(this.weights, other.weights);
  }
}

function readGroup(groups: Map<number, number>, key: string, value: string, line: number): void {
  const group = parseKeyId(key, line);
  for (const text of splitAsJava(value, ':')) {
    const sid = parseJavaLong(text, line);
    if (groups.has(sid)) throw new QuorumConfigError('FORMAT', `Server ${sid} is in multiple groups`, line);
    if (groups.size === SERVERS_MAX) throw tooMany(`more than ${SERVERS_MAX} servers in groups`, line);
    groups.set(sid, group);
  }
}

function readWeight(weights: Map<number, number>, key: string, value: string, line: number): void {
  if (weights.size === SERVERS_MAX) throw tooMany(`more than ${SERVERS_MAX} weights`, line);
  weights.set(parseKeyId(key, line), parseJavaLong(value, line));
}

/** The weight in each group, of all its servers or of those named. */
function sums(
  groups: ReadonlyMap<number, number>,
  weights: ReadonlyMap<number, number>,
  sids: Iterable<number> = groups.keys(),
): Map<number, number> {
  const result = new Map<number, number>();
  for (const sid of sids) {
    const group = groups.get(sid);
    if (group !== undefined) result.set(group, (result.get(group) ?? 0) + (weights.get(sid) ?? 0));
  }
  return result;
}

function inJavaOrder(map: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  return new Map(javaHashOrder(map.keys()).map((key) => [key, map.get(key)!]));
}

function isSame(one: ReadonlyMap<number, number>, other: ReadonlyMap<number, number>): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}

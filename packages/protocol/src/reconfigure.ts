import { ErrorCode } from './error.ts';
import { bucketsOfCopy, javaHashOrder } from './java-hash-order.ts';
import { QuorumConfig, readProperties, TEXT_MAX } from './quorum-config.ts';
import { QuorumConfigError, SERVERS_MAX, tooMany } from './quorum-config-error.ts';
import { parseServerId } from './quorum-numbers.ts';
import { QuorumServer } from './quorum-server.ts';

/** What a client asks for, as its request says it. */
export interface Reconfiguration {
  /** Lines `server.N=...` with a comma or line end between them: all there is to be. The others are ignored then. */
  readonly newMembers: string | null;
  /** Lines `server.N=...` with a comma between them, each with a client port: who is added, or changed. */
  readonly joiningServers: string | null;
  /** Ids with a comma between them: who is left out. */
  readonly leavingServers: string | null;
}

/** Why not, with the code that the client is sent. */
export interface ReconfigurationRefusal {
  readonly code: typeof ErrorCode.BADARGUMENTS | typeof ErrorCode.MARSHALLINGERROR;
  readonly reason: string;
}

/**
 * The configuration that a client's wish makes of the one in force (PrepRequestProcessor, `reconfig`), as far as that
 * can be said from both alone: whether another one is under way, whether the version is the one that the client knows, and
 * whether a quorum of the new one is synchronised is for the leader to say, before and behind.
 *
 * @param version the zxid of its transaction
 */
export function reconfigure(
  current: QuorumConfig,
  wish: Reconfiguration,
  version: number,
): QuorumConfig | ReconfigurationRefusal {
  try {
    const next = wish.newMembers === null ? changed(current, wish) : replaced(current, wish.newMembers);
    const votersMin = current.rules.isStandaloneEnabled ? 2 : 1;
    if (next.voters.size < votersMin)
      throw refused(`new configuration must include at least ${votersMin} voters`);
    const made = next.withVersion(version);
    if (made.toString().length > TEXT_MAX) throw tooMany(`more than ${TEXT_MAX} characters`);
    return made;
  } catch (error) {
    if (!(error instanceof QuorumConfigError)) throw error;
    const code = error.code === 'FORMAT' ? ErrorCode.BADARGUMENTS : ErrorCode.MARSHALLINGERROR;
    return { code, reason: error.message };
  }
}

function replaced(current: QuorumConfig, newMembers: string): QuorumConfig {
  return QuorumConfig.fromProperties(readProperties(newMembers.replaceAll(',', '\n')), current.rules);
}

function changed(current: QuorumConfig, wish: Reconfiguration): QuorumConfig {
  if (current.hierarchy !== undefined)
    throw refused('groups and weights can only be replaced as a whole: say all the new members');
  const servers = new Map(current.servers);
  for (const text of listed(wish.leavingServers)) servers.delete(parseServerId(text));
  const places = new Places(servers.values());
  const joiners = listed(wish.joiningServers);
  if (joiners.length + servers.size > SERVERS_MAX) throw tooMany(`more than ${SERVERS_MAX} servers`);
  for (const text of joiners) {
    const joining = parseJoining(text, current);
    const before = servers.get(joining.id);
    if (before !== undefined) places.free(before);
    places.take(joining);
    servers.delete(joining.id);
    servers.set(joining.id, joining);
  }
  const ids = javaHashOrder(servers.keys(), bucketsOfCopy(current.servers.size));
  return new QuorumConfig(
    current.version,
    ids.map((id) => servers.get(id)!),
    undefined,
    current.rules,
  );
}

function parseJoining(text: string, { rules }: QuorumConfig): QuorumServer {
  const [name = '', address = '', ...more] = listed(text, '=');
  if (address === '' || more.length > 0) throw refused(`wrong format of server string: ${text}`);
  const id = parseServerId(name.slice(name.lastIndexOf('.') + 1));
  const server = QuorumServer.parse(id, address, rules.isMultiAddress);
  if (server.client === undefined)
    throw refused(`wrong format of server string, it must have three ports: ${text}`);
  return server;
}

/** Who has which address. Two may have the same already: only those who join are asked. */
class Places {
  readonly #owners = new Map<string, number[]>();

  constructor(servers: Iterable<QuorumServer>) {
    for (const server of servers) for (const place of server.places) this.#add(place, server.id);
  }

  free(server: QuorumServer): void {
    for (const place of server.places) {
      const others = this.#owners.get(place)?.filter((id) => id !== server.id) ?? [];
      if (others.length === 0) this.#owners.delete(place);
      else this.#owners.set(place, others);
    }
  }

  take(server: QuorumServer): void {
    for (const place of server.places) {
      const owner = this.#owners.get(place)?.[0];
      if (owner !== undefined)
        throw refused(`${place} of server.${server.id} is an address of server.${owner}, too`);
    }
    for (const place of server.places) this.#add(place, server.id);
  }

  #add(place: string, id: number): void {
    const owners = this.#owners.get(place);
    if (owners === undefined) this.#owners.set(place, [id]);
    else owners.push(id);
  }
}

/** `StringUtils.split`: blanks around, and nothing at all, do not count. */
function listed(text: string | null, separator = ','): string[] {
  if (text === null) return [];
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function refused(message: string): QuorumConfigError {
  return new QuorumConfigError('FORMAT', `Reconfig failed - ${message}`);
}

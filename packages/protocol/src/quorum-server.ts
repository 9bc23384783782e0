import {
  bracketed,
  formatHostAndPort,
  type HostAndPort,
  isWildcard,
  javaHost,
  splitAsJava,
  splitHostAndPorts,
} from './host-and-ports.ts';
import { ADDRESSES_MAX, QuorumConfigError, tooMany } from './quorum-config-error.ts';

export type LearnerType = 'participant' | 'observer';

/** One pair of ports of a server: where learners of it as a leader connect, and where elections are held. */
export interface QuorumAddress {
  readonly host: string;
  readonly port: number;
  readonly electionPort: number;
}

/** A member of an ensemble: one `server.N` line (QuorumPeer.QuorumServer). */
export class QuorumServer {
  readonly id: number;
  /** At least one; ordered as they are printed, by host. */
  readonly addresses: readonly QuorumAddress[];
  readonly type: LearnerType;
  /** Where clients connect; undefined where the line leaves that to the server's own file. */
  readonly client: HostAndPort | undefined;

  constructor(
    id: number,
    addresses: readonly QuorumAddress[],
    type: LearnerType = 'participant',
    client?: HostAndPort,
  ) {
    this.id = id;
    this.addresses = addresses.toSorted(byHost);
    this.type = type;
    this.client = client;
  }

  /**
   * Reads what stands behind `server.N=`:
   * `host:port:electionPort[:role][|host:port:electionPort[:role]...][;[clientHost:]clientPort]`.
   *
   * @throws QuorumConfigError
   */
  static parse(id: number, text: string, isMultiAddress = false): QuorumServer {
    const [servers = '', client, ...more] = splitAsJava(text, ';');
    if (more.length > 0) throw wrongFormat(text);
    const clientAddress = client === undefined ? undefined : parseClient(client, text);
    const parts = splitAsJava(servers, '|');
    if (parts.length > 1 && !isMultiAddress)
      throw new QuorumConfigError(
        'FORMAT',
        `Multiple address feature is disabled, but multiple addresses were specified for sid ${id}`,
      );
    if (parts.length > ADDRESSES_MAX) throw tooMany(`more than ${ADDRESSES_MAX} addresses of one server`);
    const addresses: QuorumAddress[] = [];
    let type: LearnerType | undefined;
    for (const part of parts) {
      const fields = hostAndPorts(part);
      if (fields.length < 3 || fields.length > 4) throw wrongFormat(text);
      const address = parseAddress(id, fields);
      if (!addresses.some((other) => isSame(other, address))) addresses.push(address);
      const said = fields[3] === undefined ? undefined : parseType(fields[3]);
      if (type !== undefined && said !== undefined && said !== type)
        throw new QuorumConfigError(
          'FORMAT',
          `Multiple addresses should have similar roles: ${type} vs ${said}`,
        );
      type ??= said;
    }
    if (addresses.length === 0) throw wrongFormat(text);
    return new QuorumServer(id, addresses, type, clientAddress);
  }

  /** As it stands behind `server.N=`, the role always said. */
  toString(): string {
    const addresses = this.addresses.map(
      ({ host, port, electionPort }) => `${bracketed(host)}:${port}:${electionPort}`,
    );
    const client = this.client === undefined ? '' : `;${formatHostAndPort(this.client)}`;
    return `${addresses.join('|')}:${this.type}${client}`;
  }

  equals(other: QuorumServer): boolean {
    return this.id === other.id && this.toString() === other.toString();
  }

  /**
   * Every address that names one machine, as text. Those that mean another machine on each (all of its own, or its
   * loopback) are left out. Names stay as they stand.
   */
  get places(): ReadonlySet<string> {
    const places: HostAndPort[] = this.addresses.flatMap(({ host, port, electionPort }) => [
      { host, port },
      { host, port: electionPort },
    ]);
    if (this.client !== undefined) places.push(this.client);
    return new Set(
      places
        .filter(({ host }) => !isWildcard(host) && !isLoopback(host))
        .map((place) => formatHostAndPort(place).toLowerCase()),
    );
  }
}

function parseClient(text: string, line: string): HostAndPort {
  const parts = hostAndPorts(text);
  if (parts.length > 2) throw wrongFormat(line);
  const port = parsePort(parts.at(-1) ?? '', text);
  return { host: parts.length === 2 ? javaHost(parts[0]!) : '0.0.0.0', port };
}

function parseAddress(
  id: number,
  [host = '', port = '', electionPort = '']: readonly string[],
): QuorumAddress {
  const address = {
    host: javaHost(host),
    port: parsePort(port, `${host}:${port}`),
    electionPort: parsePort(electionPort, `${host}:${electionPort}`),
  };
  if (address.port === address.electionPort)
    throw new QuorumConfigError(
      'FORMAT',
      `Client and election port must be different! Please update the configuration file on server.${id}`,
    );
  return address;
}

function parsePort(text: string, address: string): number {
  const port = /^[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(Math.abs(port) < 0x8000_0000))
    throw new QuorumConfigError('FORMAT', `Address unresolved: ${address}`);
  if (port < 0 || port > 0xffff) throw new QuorumConfigError('VALUE', `port out of range:${port}`);
  return port;
}

function parseType(text: string): LearnerType {
  const type = text.trim().toLowerCase();
  if (type === 'participant' || type === 'observer') return type;
  throw new QuorumConfigError('FORMAT', `Unrecognised peertype: ${text}`);
}

function hostAndPorts(text: string): string[] {
  const parts = splitHostAndPorts(text);
  if (parts !== undefined) return parts;
  throw new QuorumConfigError(
    'FORMAT',
    text.includes(']')
      ? `${text} doesn't have a port after colon`
      : `${text} starts with '[' but has no matching ']:'`,
  );
}

function isSame(one: QuorumAddress, other: QuorumAddress): boolean {
  return one.host === other.host && one.port === other.port && one.electionPort === other.electionPort;
}

function byHost(one: QuorumAddress, other: QuorumAddress): number {
  return one.host < other.host ? -1 : one.host > other.host ? 1 : 0;
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|0:0:0:0:0:0:0:1)$/i.test(host);
}

function wrongFormat(line: string): QuorumConfigError {
  return new QuorumConfigError(
    'FORMAT',
    `${line} does not have the form server_config or server_config;client_config` +
      ' where server_config is the pipe separated list of host:port:port or host:port:port:type' +
      ' and client_config is port or host:port',
  );
}

/** One `server.N` line (Java `QuorumPeer.QuorumServer`), as far as a standalone server cares. */
export interface ServerLine {
  readonly id: number;
  readonly isObserver: boolean;
  /** Behind the semicolon: where clients connect. */
  readonly client: { readonly host: string; readonly port: number } | undefined;
}

/**
 * Reads `host:port:port[:role][|host:port:port[:role]...][;[host:]port]`.
 *
 * @throws Error with Apache's message
 */
export function parseServerLine(key: string, value: string): ServerLine {
  const id = serverId(key.slice('server.'.length));
  const [servers = '', client, ...rest] = value.split(';');
  if (rest.length > 0) throw new Error(value + WRONG_FORMAT);
  const addresses = servers.split('|');
  if (addresses.length > 1)
    throw new Error(
      `Multiple address feature is disabled, but multiple addresses were specified for sid ${id}`,
    );
  return {
    id,
    client: client === undefined ? undefined : clientAddress(client, value),
    isObserver: isObserver(id, servers, value),
  };
}

function serverId(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`For input string: "${text}"`);
  return Number(text);
}

function isObserver(id: number, address: string, line: string): boolean {
  const parts = hostAndPorts(address);
  if (parts.length < 3 || parts.length > 4) throw new Error(line + WRONG_FORMAT);
  const [host = '', quorumPort = '', electionPort = '', role = 'participant'] = parts;
  for (const port of [quorumPort, electionPort]) portOf(port, `${host}:${port}`);
  if (Number(quorumPort) === Number(electionPort))
    throw new Error(
      `Client and election port must be different! Please update the configuration file on server.${id}`,
    );
  const kind = role.trim().toLowerCase();
  if (kind !== 'participant' && kind !== 'observer') throw new Error(`Unrecognised peertype: ${role}`);
  return kind === 'observer';
}

function clientAddress(text: string, line: string): { host: string; port: number } {
  const parts = hostAndPorts(text);
  if (parts.length > 2) throw new Error(line + WRONG_FORMAT);
  const port = parts.at(-1) ?? '';
  return { host: parts.length === 2 ? parts[0]! : '0.0.0.0', port: portOf(port, text) };
}

function portOf(text: string, address: string): number {
  if (!/^\+?\d+$/.test(text)) throw new Error(`Address unresolved: ${address}`);
  if (Number(text) > 0xffff) throw new Error(`port out of range:${Number(text)}`);
  return Number(text);
}

/** `ConfigUtils.getHostAndPort`: the parts between colons, of which the first may be an IPv6 literal in brackets. */
function hostAndPorts(text: string): string[] {
  if (!text.startsWith('[')) return text.split(':');
  const end = text.indexOf(']');
  if (end < 0) throw new Error(`${text} starts with '[' but has no matching ']:'`);
  if (end + 2 === text.length) throw new Error(`${text} doesn't have a port after colon`);
  return [text.slice(1, end), ...(end + 2 < text.length ? text.slice(end + 2).split(':') : [])];
}

const WRONG_FORMAT =
  ' does not have the form server_config or server_config;client_config' +
  ' where server_config is the pipe separated list of host:port:port or host:port:port:type' +
  ' and client_config is port or host:port';

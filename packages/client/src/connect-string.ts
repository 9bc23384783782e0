import { type HostAndPort, validatePath } from '@corral/protocol';

export interface ConnectString {
  readonly servers: readonly HostAndPort[];
  /** The name whose SRV records say which servers there are; then none is named here. */
  readonly service: string | undefined;
  /** `/` where none is given. */
  readonly chroot: string;
}

/**
 * Reads `host:port,host:port/chroot` (ConnectStringParser): a port that is missing is 2181, an IPv6 literal stands in
 * brackets, one chroot stands behind the last server. `srv+NAME/chroot` stands for the servers in the SRV records of
 * `_zookeeper._tcp.NAME`, or of NAME where that begins with an underscore itself.
 *
 * @throws TypeError, RangeError where it is none
 */
export function parseConnectString(text: string): ConnectString {
  if (typeof text !== 'string') throw new TypeError('the connect string is not a string');
  if (/^[\w.+-]+:\/\//.test(text))
    throw new RangeError(`"${text}" is a URL; a connect string is host:port,host:port/path`);
  const slash = text.indexOf('/');
  const list = slash < 0 ? text : text.slice(0, slash);
  const chroot = slash < 0 || slash === text.length - 1 ? '/' : text.slice(slash);
  const reason = validatePath(chroot);
  if (reason !== undefined) throw new RangeError(`the chroot of ${text}: ${reason}`);
  if (list.startsWith(SRV)) return { servers: [], service: parseService(list.slice(SRV.length)), chroot };
  const servers = list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseServer);
  if (servers.length === 0) throw new RangeError(`no server in the connect string "${text}"`);
  return { servers, service: undefined, chroot };
}

function parseServer(text: string): HostAndPort {
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port < 1 || port > 65_535) throw new RangeError(`no server address: "${text}"`);
  return { host, port };
}

function parseService(name: string): string {
  if (!/^[^,:[\]\s]+$/.test(name)) throw new RangeError(`no name of a service: "${name}"`);
  return name.startsWith('_') ? name : `_zookeeper._tcp.${name}`;
}

const DEFAULT_PORT = 2181;
const SRV = 'srv+';

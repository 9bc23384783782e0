/** Where a server listens. The host is a name or a literal, an IPv6 one without brackets. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/**
 * The parts between colons, of which the first may be an IPv6 literal in brackets (ConfigUtils.getHostAndPort); undefined
 * where a bracket is not closed, or nothing follows its colon. Empty parts at the end are none, as in Java.
 */
export function splitHostAndPorts(text: string): string[] | undefined {
  if (!text.startsWith('[')) return splitAsJava(text, ':');
  const end = text.indexOf(']');
  if (end < 0 || end + 2 === text.length) return undefined;
  if (end + 2 > text.length) return [text.replaceAll(/[[\]]/g, '')];
  return [text.slice(1, end), ...splitAsJava(text.slice(end + 2), ':')];
}

/** `host:port`, the host in brackets where it has colons itself (NetUtils.formatInetAddr). */
export function formatHostAndPort({ host, port }: HostAndPort): string {
  return `${bracketed(host)}:${port}`;
}

export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Whether it stands for all addresses of a machine, and so names none. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || (host.includes(':') && /^[0:]*$/.test(host));
}

/** `String.split`: empty parts at the end are dropped, unless all there is is empty. */
export function splitAsJava(text: string, separator: string): string[] {
  const parts = text.split(separator);
  if (parts.length === 1) return parts;
  while (parts.at(-1) === '') parts.pop();
  return parts;
}

/**
 * A host as Java shows it again: an IPv6 literal has all its eight groups, an IPv4 address written as IPv6 is one, and
 * no host is the machine itself.
 */
export function javaHost(host: string): string {
  if (host === '') return 'localhost';
  if (!host.includes(':')) return host;
  const [, literal = '', zone = ''] = /^([^%]*)(%.*)?$/s.exec(host) ?? [];
  const groups = groupsOf(literal);
  if (groups === undefined) return host;
  const isMapped = groups.every((group, i) => i >= 6 || group === (i === 5 ? 0xffff : 0));
  if (isMapped) return [groups[6]! >> 8, groups[6]! & 0xff, groups[7]! >> 8, groups[7]! & 0xff].join('.');
  return groups.map((group) => group.toString(16)).join(':') + zone;
}

/** The eight groups of an IPv6 literal; undefined where it is none. */
function groupsOf(literal: string): number[] | undefined {
  const [before = '', after, ...more] = dottedAsGroups(literal).split('::');
  if (more.length > 0) return undefined;
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const missing = 8 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16));
}

/** `::ffff:1.2.3.4` as `::ffff:102:304`. */
function dottedAsGroups(literal: string): string {
  const [, before = '', ...octets] = /^(.*:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(literal) ?? [];
  if (octets.length === 0 || octets.some((octet) => Number(octet) > 255)) return literal;
  const [a = 0, b = 0, c = 0, d = 0] = octets.map(Number);
  return `${before}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

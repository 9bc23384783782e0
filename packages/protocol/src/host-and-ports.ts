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
  return host === '0.0.0.0' || /^[0:]*::?[0:]*$/.test(host);
}

/** `String.split`: empty parts at the end are dropped, unless all there is is empty. */
export function splitAsJava(text: string, separator: string): string[] {
  const parts = text.split(separator);
  if (parts.length === 1) return parts;
  while (parts.at(-1) === '') parts.pop();
  return parts;
}

import { parseConnectString, type ServerAddress } from '@corral/client';

/** The servers of a connect string, one by one. */
export async function serversOf(hosts: string): Promise<readonly ServerAddress[]> {
  const { servers, service } = parseConnectString(hosts);
  if (service === undefined) return servers;
  const { lookUpService } = await import('@corral/transport-tcp');
  return lookUpService(service);
}

export function serverName({ host, port }: ServerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What strangers say is text of one line: no colours, no movements. */
export function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, LINE_UNITS_MAX);
}

/** `Mode: follower` of `srvr`, by their names; `tickTime=2000` of `conf`; `zk_version<tab>3.9` of `mntr`. */
export function namedValues(answer: string, separator: ': ' | '=' | '\t'): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of answer.split('\n')) {
    const at = line.indexOf(separator);
    if (at > 0) found.set(line.slice(0, at).trim(), oneLine(line.slice(at + separator.length)));
  }
  return found;
}

const LINE_UNITS_MAX = 200;

/** The release whose behaviour, formats and figures this server shows. */
export const APACHE_VERSION = '3.9.5';

/**
 * As `srvr`, `stat`, `mntr` and `envi` show it. Programs read the first three numbers (kazoo takes digits and dots
 * up to the first other character) to decide what a server can do, so those are Apache's; ours stand where Apache
 * has its commit.
 *
 * @param version of this project
 * @param builtOn such as `2026-02-11 20:18 UTC`
 */
export function fullVersion(version: string, builtOn: string): string {
  return `${APACHE_VERSION}-corral-${version}, built on ${builtOn}`;
}

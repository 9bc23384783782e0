import { readFileSync } from 'node:fs';
import { APACHE_VERSION, fullVersion } from '@corral/server';

/** Of this release; changed with the version. */
const BUILT_ON = '2026-11-20 00:00 UTC';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** What the four-letter words show. */
export const serverVersion: string = fullVersion(version, BUILT_ON);

/** What `corral-server version` prints. */
export const versionLine: string = `Corral, version ${version}, as ZooKeeper ${APACHE_VERSION}`;

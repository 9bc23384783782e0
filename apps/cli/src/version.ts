import { readFileSync } from 'node:fs';

/** Whose commands and options these are. */
const ZKCLI_VERSION = '3.9.5';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** What `corral --version` prints. */
export const versionLine: string = `corral, version ${version}, as zkCli.sh ${ZKCLI_VERSION}`;

/** What the command `version` prints. */
export const cliVersionLine: string = `ZooKeeper CLI version: ${ZKCLI_VERSION}-corral-${version}`;

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Whose commands and options these are. */
const ZKCLI_VERSION = '3.9.5';

/** By the package's own name: the file that asks for it is at one depth as source, at another in the bundle. */
const manifest = createRequire(import.meta.url).resolve('@corral/app-cli/package.json');

const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as {
  version: string;
};

/** What `corral --version` prints. */
export const versionLine: string = `corral, version ${version}, as zkCli.sh ${ZKCLI_VERSION}`;

/** What the command `version` prints. */
export const cliVersionLine: string = `ZooKeeper CLI version: ${ZKCLI_VERSION}-corral-${version}`;

import { readFileSync } from 'node:fs';
import { ExitCode, StartFailure } from '../exit-code.ts';
import { environmentNames } from './environment.ts';
import { finish } from './finish.ts';
import { honouredKeys } from './keys.ts';
import { reasonForNoEffect, strictWithoutEffect } from './keys-without-effect.ts';
import { parseJavaInt, parseStrictBoolean } from './java-values.ts';
import { parseProperties, type Property } from '@corral/protocol';
import { parseServerLine, type ServerLine } from './server-lines.ts';
import { newDraft, type Draft, type Settings } from './settings.ts';

export interface Sources {
  /** `zoo.cfg`; undefined: the embedded default. */
  readonly file: string | undefined;
  /** What stood in `-Dname=value`. */
  readonly flags: ReadonlyMap<string, string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The settings of a standalone server. Where several sources speak of a key, the file counts, then `-D`, then the
 * environment, then the default. (That the file comes before the command line is Apache's way: it sets system
 * properties while it reads the file.)
 *
 * @throws StartFailure with Apache's message for nonsense
 */
export function loadSettings({ file, flags, environment }: Sources): Settings {
  const draft = newDraft();
  if (file === undefined) Object.assign(draft.file, EMBEDDED_DEFAULT);
  try {
    readEnvironment(draft, environment);
    readFlags(draft, flags);
    const lines = file === undefined ? [] : readFile(draft, file);
    return finish(draft, lines);
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    throw invalid(file === undefined ? messageOf(error) : `Error processing ${file}: ${messageOf(error)}`);
  }
}

const EMBEDDED_DEFAULT = { dataDir: './data', clientPort: 2181, clientPortAddress: '127.0.0.1' };

function readEnvironment(draft: Draft, environment: Sources['environment']): void {
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('CORRAL_') || value === undefined) continue;
    const key = environmentNames.get(name);
    if (key === undefined) draft.notices.push(`${name} is the name of no key: no effect`);
    else at(name, () => readKey(draft, key, value.trim(), name));
  }
}

function readFlags(draft: Draft, flags: Sources['flags']): void {
  for (const [name, value] of flags) {
    const key = name.startsWith('zookeeper.') ? name.slice('zookeeper.'.length) : name;
    at(`-D${name}`, () => readKey(draft, key, value.trim(), `-D${name}`));
  }
}

function readFile(draft: Draft, file: string): ServerLine[] {
  const properties = readProperties(file);
  const hasDynamicFile = properties.some(({ key }) => key.trim() === 'dynamicConfigFile');
  const servers: ServerLine[] = [];
  for (const { key: text, value, line } of properties) {
    const key = text.trim();
    const isEnsemble = isEnsembleKey(key);
    if (isEnsemble && hasDynamicFile)
      throw invalid(`Error processing ${file}: parameter: ${key} must be in a separate dynamic config file`);
    if (isEnsemble) at(`${file}, line ${line}`, () => addServer(servers, key, value.trim()));
    else at(`${file}, line ${line}, ${key}`, () => readKey(draft, key, value.trim(), `${key} in ${file}`));
  }
  const { dynamicConfigFile } = draft.file;
  return dynamicConfigFile === undefined ? servers : readDynamicFile(dynamicConfigFile);
}

function readDynamicFile(file: string): ServerLine[] {
  const servers: ServerLine[] = [];
  for (const { key, value, line } of readProperties(file)) {
    at(`${file}, line ${line}`, () => {
      if (key === 'version') throw new Error("dynamic file shouldn't have version inside");
      if (!isEnsembleKey(key)) throw new Error(`Unrecognised parameter: ${key}`);
      addServer(servers, key, value.trim());
    });
  }
  return servers;
}

function readProperties(file: string): Property[] {
  let text;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw invalid(`Error processing ${file}: ${isMissing ? `${file} file is missing` : messageOf(error)}`);
  }
  return at(file, () => parseProperties(text));
}

function isEnsembleKey(key: string): boolean {
  return key.startsWith('server.') || key.startsWith('group') || key.startsWith('weight');
}

function addServer(servers: ServerLine[], key: string, value: string): void {
  if (key.startsWith('server.')) servers.push(parseServerLine(key, value));
}

/** @param origin for what the operator is told */
function readKey(draft: Draft, key: string, value: string, origin: string): void {
  const read = Object.hasOwn(honouredKeys, key) ? honouredKeys[key] : undefined;
  if (read !== undefined) return read(draft, value, key);
  checkStrictly(key, value);
  const reason = reasonForNoEffect(key);
  draft.notices.push(`${origin} has no effect: ${reason ?? 'no such key is known'}`);
}

function checkStrictly(key: string, value: string): void {
  if (strictWithoutEffect[key] === 'boolean') parseStrictBoolean(key, value);
  if (strictWithoutEffect[key] === 'int') parseJavaInt(value);
  if (key === 'electionAlg' && parseJavaInt(value) !== 3)
    throw new Error('Invalid electionAlg value. Only 3 is supported.');
  if (key === 'peerType' && !['participant', 'observer'].includes(value.toLowerCase()))
    throw new Error(`Unrecognised peertype: ${value}`);
}

/** Says of an error where it comes from. */
function at<T>(place: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    throw invalid(`Error processing ${place}: ${messageOf(error)}`);
  }
}

function invalid(sentence: string): StartFailure {
  return new StartFailure(ExitCode.invalidInvocation, `Invalid config, exiting abnormally. ${sentence}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

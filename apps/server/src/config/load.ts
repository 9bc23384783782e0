import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isQuorumKey, parseProperties, type Property } from '@corral/protocol';
import { ExitCode, StartFailure } from '../exit-code.ts';
import { nextDynamicFile, versionInName } from './dynamic-files.ts';
import { ensembleKeys } from './ensemble-keys.ts';
import { environmentNames } from './environment.ts';
import { finish } from './finish.ts';
import { honouredKeys } from './keys.ts';
import { reasonForNoEffect, strictWithoutEffect } from './keys-without-effect.ts';
import { parseJavaInt, parseStrictBoolean } from './java-values.ts';
import type { MemberLines, Members } from './members.ts';
import { newDraft, type Draft, type Settings } from './settings.ts';

export interface Sources {
  /** `zoo.cfg`; undefined: the embedded default. */
  readonly file: string | undefined;
  /** What stood in `-Dname=value`. */
  readonly flags: ReadonlyMap<string, string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told of each line of the file that is wrong, for those who want to know all of them. Without it the first is thrown. */
  readonly onWrongLine?: (message: string) => void;
  /** What is said of the members is not looked at. */
  readonly isWithoutMembers?: boolean;
}

/**
 * The settings of a server. Where several sources speak of a key, the file counts, then `-D`, then the
 * environment, then the default. (That the file comes before the command line is Apache's way: it sets system
 * properties while it reads the file.)
 *
 * @throws StartFailure with Apache's message for nonsense
 */
export function loadSettings({
  file,
  flags,
  environment,
  onWrongLine,
  isWithoutMembers = false,
}: Sources): Settings {
  const draft = newDraft();
  if (file === undefined) Object.assign(draft.file, EMBEDDED_DEFAULT);
  try {
    readEnvironment(draft, environment);
    readFlags(draft, flags);
    const members = file === undefined ? NOBODY : readFile(draft, file, onWrongLine);
    return finish(draft, isWithoutMembers ? NOBODY : members, file === undefined ? undefined : resolve(file));
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    throw invalid(file === undefined ? messageOf(error) : `Error processing ${file}: ${messageOf(error)}`);
  }
}

const NOBODY: Members = { current: { file: '', properties: [] }, next: undefined };
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

function readFile(draft: Draft, file: string, onWrongLine: Sources['onWrongLine']): Members {
  const properties = readProperties(file);
  const hasDynamicFile = properties.some(({ key }) => key === 'dynamicConfigFile');
  const members: Property[] = [];
  for (const property of properties) {
    const { key, value, line } = property;
    const isMember = isQuorumKey(key) && !(hasDynamicFile && key === 'version');
    if (isMember && hasDynamicFile)
      throw invalid(`Error processing ${file}: parameter: ${key} must be in a separate dynamic config file`);
    if (isMember) members.push(property);
    else {
      try {
        at(`${file}, line ${line}, ${key}`, () => readKey(draft, key, value, `${key} in ${file}`));
      } catch (error) {
        if (onWrongLine === undefined) throw error;
        onWrongLine(messageOf(error));
      }
    }
  }
  const { dynamicConfigFile } = draft.file;
  if (dynamicConfigFile === undefined) return { current: { file, properties: members }, next: undefined };
  const next = nextDynamicFile(file);
  return {
    current: readDynamicFile(dynamicConfigFile),
    next: existsSync(next) ? { file: next, properties: readProperties(next) } : undefined,
  };
}

function readDynamicFile(file: string): MemberLines {
  const properties = readProperties(file);
  for (const { key, line } of properties) {
    at(`${file}, line ${line}`, () => {
      if (key === 'version') throw new Error("dynamic file shouldn't have version inside");
      if (!isQuorumKey(key)) throw new Error(`Unrecognised parameter: ${key}`);
    });
  }
  const version = versionInName(file);
  if (version === undefined) return { file, properties };
  return { file, properties: [...properties, { key: 'version', value: version, line: 0, endLine: 0 }] };
}

function readProperties(file: string): Property[] {
  let text;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw invalid(`Error processing ${file}: ${isMissing ? `${file} file is missing` : messageOf(error)}`);
  }
  return at(file, () =>
    parseProperties(text).map(({ key, value, line, endLine }) => ({
      key: key.trim(),
      value: value.trim(),
      line,
      endLine,
    })),
  );
}

/** @param origin for what the operator is told */
function readKey(draft: Draft, key: string, value: string, origin: string): void {
  const read = Object.hasOwn(honouredKeys, key) ? honouredKeys[key] : undefined;
  if (read !== undefined) return read(draft, value, key);
  if (Object.hasOwn(ensembleKeys, key)) return readEnsembleKey(draft, key, value, origin);
  checkStrictly(key, value);
  const reason = reasonForNoEffect(key);
  draft.notices.push(`${origin} has no effect: ${reason ?? 'no such key is known'}`);
}

/** Whether it has an effect is known once the members are. */
function readEnsembleKey(draft: Draft, key: string, value: string, origin: string): void {
  ensembleKeys[key]!(draft, value, key);
  const notice = `${origin} has no effect: it concerns ensembles`;
  draft.notices.push(notice);
  draft.file.ensembleNotices.push(notice);
}

function checkStrictly(key: string, value: string): void {
  if (strictWithoutEffect[key] === 'boolean') parseStrictBoolean(key, value);
  if (strictWithoutEffect[key] === 'int') parseJavaInt(value);
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

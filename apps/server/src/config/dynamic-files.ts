import {
  closeSync,
  copyFileSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseProperties, type QuorumConfig } from '@corral/protocol';
import type { ConfigStore } from '@corral/server';

/*
 * Where a member keeps its configuration once it may change (`QuorumPeerConfig`, `QuorumPeer.setQuorumVerifier`): beside
 * `zoo.cfg` stand `zoo.cfg.dynamic.<version>`, which it points to, `zoo.cfg.dynamic.next`, what was proposed last, and
 * `zoo.cfg.bak`, what it was before all that. Every file is there whole and durable, or as it was. All of this waits for
 * the disk: what is kept is promised to others right after, and it happens once in a while.
 */

/** Keeps what a member learns beside the static file. */
export function dynamicFiles(configFile: string, serverId: number): ConfigStore {
  return {
    proposed: (config) => writeNextConfig(configFile, config),
    activated: (config, newestVersion) =>
      activateConfig(configFile, config, newestVersion, config.servers.get(serverId)?.client !== undefined),
  };
}

/** What the members are named in, for a version. */
export function dynamicFile(configFile: string, version: number): string {
  return `${configFile}.dynamic.${version.toString(16)}`;
}

export function nextDynamicFile(configFile: string): string {
  return `${configFile}.dynamic.next`;
}

/** The version that a dynamic file's name ends in; undefined where it ends in none (`getVersionFromFilename`). */
export function versionInName(file: string): string | undefined {
  const [, suffix] = /\.\+?([0-9a-f]+)$/i.exec(file) ?? [];
  const version = Number.parseInt(suffix ?? '', 16);
  return Number.isSafeInteger(version) ? version.toString(16) : undefined;
}

/** Keeps a copy of the static file as it was when it still named the members. */
export function backUp(configFile: string): void {
  replace(`${configFile}.bak`, (temporary) => copyFileSync(configFile, temporary));
}

/** Remembers what was proposed, with its version, until it is in force or another one is. */
export function writeNextConfig(configFile: string, config: QuorumConfig): void {
  replace(nextDynamicFile(configFile), (temporary) => write(temporary, linesOf(config, true)));
}

/**
 * Makes a configuration the one this server starts with: writes its file, points the static file to it, and forgets what was
 * proposed unless that is newer. A failure in between leaves a start with the old one or the new one.
 *
 * @param lastSeenVersion that of the configuration proposed last
 * @param isClientPortSaid whether the line of this server says where its clients connect: the static file says it no more
 */
export function activateConfig(
  configFile: string,
  config: QuorumConfig,
  lastSeenVersion: number,
  isClientPortSaid: boolean,
): void {
  const file = dynamicFile(configFile, config.version);
  replace(file, (temporary) => write(temporary, linesOf(config, false)));
  pointTo(configFile, realpathSync(file), isClientPortSaid);
  if (config.version === lastSeenVersion) rmSync(nextDynamicFile(configFile), { force: true });
}

/**
 * Takes out of the static file what the dynamic one says, and names that. Apache writes the file anew from what it
 * read, and so loses comments and order; here the other lines stay as they are.
 */
function pointTo(configFile: string, file: string, isClientPortSaid: boolean): void {
  const text = readFileSync(configFile, 'latin1');
  const lines = text.split(/(?<=\r\n|\n|\r(?!\n))/);
  for (const { key, line, endLine } of parseProperties(text)) {
    if (isMoved(key.trim(), isClientPortSaid)) lines.fill('', line - 1, endLine);
  }
  const kept = lines.join('');
  const newText = `${kept}${kept === '' || /[\r\n]$/.test(kept) ? '' : '\n'}dynamicConfigFile=${escaped(file)}\n`;
  replace(configFile, (temporary) => write(temporary, newText));
}

function isMoved(key: string, isClientPortSaid: boolean): boolean {
  if (isClientPortSaid && (key === 'clientPort' || key === 'clientPortAddress')) return true;
  return ['server.', 'group', 'weight', 'dynamicConfigFile', 'peerType'].some((prefix) =>
    key.startsWith(prefix),
  );
}

/** A path as properties and Latin-1 can hold it: what Java would take for an escape is one. */
function escaped(path: string): string {
  return path
    .replaceAll('\\', '\\\\')
    .replaceAll(/[^\x20-\x7e]/g, (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** As Apache writes them: sorted as text, no line end behind the last. */
function linesOf(config: QuorumConfig, hasVersion: boolean): string {
  const lines = config.toString().split('\n');
  return lines
    .filter((line) => hasVersion || !line.startsWith('version'))
    .toSorted((one, other) => (one < other ? -1 : 1))
    .join('\n');
}

function write(file: string, text: string): void {
  writeFileSync(file, text, 'latin1');
}

/** Puts a file in the place of another, or leaves that as it was (`AtomicFileWritingIdiom`). */
function replace(file: string, fill: (temporary: string) => void): void {
  const temporary = `${file}.tmp`;
  try {
    fill(temporary);
    sync(temporary);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  sync(dirname(resolve(file)));
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

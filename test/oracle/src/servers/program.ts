import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { apache39Jars } from './apache-39.ts';

/** A program that serves ZooKeeper's protocol from a `zoo.cfg`. */
export interface ServerProgram {
  readonly name: 'corral' | 'apache-3.8' | 'apache-3.9' | 'other';
  /** The words that run it in the foreground. `properties` are Java system properties. */
  command(configPath: string, properties: Properties): readonly string[];
  /** Of Apache: the words that run another of its classes. */
  tool?(className: string): readonly string[];
}

export type Properties = Readonly<Record<string, string>>;

/** Where a program is missing: what is missing, in words. */
export type Missing = { readonly missing: string };

const repository = join(import.meta.dirname, '../../../..');
const corralServer = join(repository, 'node_modules/.bin/corral-server');

/** The program under test: `SERVER_CMD` (words; `-D` options go behind the first), or Corral. */
export function candidate(): ServerProgram | Missing {
  const words = process.env['SERVER_CMD']?.split(' ').filter((word) => word !== '') ?? [];
  if (words.length === 1 && words[0] === 'apache-3.8') return apache38();
  if (words.length === 1 && words[0] === 'apache-3.9') return apache39();
  if (words.length > 0) return program('other', words);
  if (!existsSync(corralServer)) return { missing: 'node_modules/.bin/corral-server' };
  return program('corral', [corralServer, 'start-foreground']);
}

/** Debian's Apache ZooKeeper. */
export function apache38(): ServerProgram | Missing {
  const jars = debianJars.map((name) => `/usr/share/java/${name}.jar`);
  const absent = jars.find((jar) => !existsSync(jar));
  if (absent !== undefined) return { missing: `Apache ZooKeeper of Debian (${absent})` };
  return javaProgram('apache-3.8', jars);
}

export function apache39(): ServerProgram | Missing {
  const jars = apache39Jars();
  return 'missing' in jars ? jars : javaProgram('apache-3.9', [join(jars.directory, '*')]);
}

/** What the candidate is compared with: the newest Apache that is there, or the one `ORACLE_REFERENCE` names. */
export function reference(): ServerProgram | Missing {
  if (process.env['ORACLE_REFERENCE'] === 'apache-3.8') return apache38();
  return apache39();
}

const debianJars = [
  'zookeeper',
  'zookeeper-jute',
  'slf4j-api',
  'slf4j-nop',
  'netty-all',
  'netty-common',
  'netty-buffer',
  'netty-transport',
  'netty-handler',
  'commons-cli',
  'commons-io',
  'snappy-java',
  'metrics-core',
];

const quorumPeerMain = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';

/** Small heap, quick to start: these servers live for seconds. */
const javaOptions: readonly string[] = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

function javaProgram(name: ServerProgram['name'], jars: readonly string[]): ServerProgram {
  const java = ['java', ...javaOptions, '-cp', jars.join(':')];
  const always = {
    'zookeeper.admin.enableServer': 'false',
    'org.slf4j.simpleLogger.defaultLogLevel': 'error',
  };
  const server = program(name, [...java, quorumPeerMain], always);
  return { ...server, tool: (className) => [...java, ...options(always), className] };
}

function program(
  name: ServerProgram['name'],
  words: readonly string[],
  always: Properties = {},
): ServerProgram {
  const [first, ...rest] = words;
  return {
    name,
    command: (configPath, properties) => [
      first!,
      ...options({ ...always, ...properties }),
      ...rest,
      configPath,
    ],
  };
}

function options(properties: Properties): string[] {
  return Object.entries(properties).map(([key, value]) => `-D${key}=${value}`);
}

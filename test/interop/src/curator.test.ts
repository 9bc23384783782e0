import { candidate, isThere, ServerProcess, type Missing } from '@corral-test/oracle';
import { existsSync, globSync, mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from './run-program.ts';
import { readVerdicts } from './verdicts.ts';

const suite = 'Curator';
const sources = globSync(join(import.meta.dirname, '../java/*.java'));
const limitMs = 240_000;

/** Debian's; their manifests name what else they need. */
const jars = [
  'curator-client',
  'curator-framework',
  'curator-recipes',
  'curator-x-discovery',
  'guava',
  'slf4j-nop',
  'zookeeper',
  'zookeeper-jute',
].map((name) => `/usr/share/java/${name}.jar`);

/** The names of the cases in `java/`, in their order. */
const cases = [
  'create, read, write and delete with parents and children',
  'create in every mode',
  'operations in the background',
  'namespace and compressed data',
  'access lists and identities',
  'watches of every kind',
  'transaction is applied at once',
  'transaction that fails leaves nothing',
  'InterProcessMutex has one holder at a time',
  "InterProcessMutex is free when its holder's session ends",
  'InterProcessMutex is given up when it is revoked',
  'InterProcessSemaphoreMutex is not re-entrant',
  'InterProcessMultiLock holds all or none',
  'InterProcessReadWriteLock has many readers or one writer',
  'InterProcessSemaphoreV2 gives so many leases and no more',
  'LeaderLatch has one leader, and the next when it closes',
  'LeaderLatch knows when its session has ended',
  'LeaderSelector lets one lead after the other',
  'CuratorCache follows a tree',
  'CuratorCache finds what changed while its session was gone',
  'PathChildrenCache follows the children of a node',
  'TreeCache follows a tree with watches that come once',
  'NodeCache follows the data of a node',
  'DistributedBarrier holds all until it is lifted',
  'DistributedDoubleBarrier lets all in together and out together',
  'SharedCount tells all of a new count, and takes none that is stale',
  'DistributedAtomicLong loses no increment',
  'CachedAtomicLong gives no number twice',
  'DistributedQueue hands out in order',
  'DistributedQueue gives each item to one of its consumers',
  'DistributedPriorityQueue hands out the most urgent first',
  'SimpleDistributedQueue offers, peeks and takes',
  'PersistentNode comes back when somebody deletes it',
  'PersistentNode comes back when its session has ended',
  'PersistentTtlNode is kept alive',
  'GroupMember sees who is there',
  'PersistentWatcher is set again with a new session',
  'ServiceDiscovery finds services and tells when they are gone',
  'ServiceDiscovery registers again when a session has ended',
];

const program = candidate();

describe.runIf(isThere(suite, program) && isThere(suite, curator()))(suite, () => {
  let output = '';

  beforeAll(async () => {
    if ('missing' in program) return;
    using folder = mkdtempDisposableSync(join(tmpdir(), 'corral-curator-'));
    const compilerOptions = ['-J-Xmx256m', '-J-XX:TieredStopAtLevel=1', '-nowarn', '-d', folder.path];
    const words = [...compilerOptions, '-cp', jars.join(':'), ...sources];
    const compiled = await runProgram('javac', words, { limitMs });
    if (compiled.code !== 0) throw new Error(compiled.output);
    await using server = await ServerProcess.start(program, {
      config: { tickTime: 500 },
      properties: { 'zookeeper.extendedTypesEnabled': 'true' },
    });
    const javaOptions = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const classes = ['-cp', [folder.path, ...jars].join(':')];
    const run = [...javaOptions, ...classes, 'CuratorCases', `127.0.0.1:${server.port}`];
    ({ output } = await runProgram('java', run, { limitMs }));
    console.log(`${suite} against ${program.name}:\n${output}`);
  }, limitMs * 2);

  test.for(cases)('%s', (name) => {
    expect(readVerdicts(output).get(name) ?? output).toBe('ok');
  });

  test('no other case is run', () => {
    expect([...readVerdicts(output).keys()]).toEqual(cases);
  });
});

function curator(): { readonly jars: readonly string[] } | Missing {
  const absent = [...jars, '/usr/bin/javac'].find((path) => !existsSync(path));
  return absent === undefined ? { jars } : { missing: `Curator, or what it needs (${absent})` };
}

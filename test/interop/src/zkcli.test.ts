import {
  apache38,
  candidate,
  isThere,
  ServerProcess,
  type Missing,
  type ServerProgram,
} from '@corral-test/oracle';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from './run-program.ts';
import { commands } from './zkcli-commands.ts';

const suite = 'zkCli.sh';
const shell = '/usr/share/zookeeper/bin/zkCli.sh';
const limitMs = 120_000;

const program = candidate();
const apache = apache38();

describe.runIf(isThere(suite, program) && isThere(suite, apache) && isThere(suite, findShell()))(
  suite,
  () => {
    let expected: Session;
    let actual: Session;

    beforeAll(async () => {
      if ('missing' in program || 'missing' in apache) return;
      expected = await play(apache);
      actual = await play(program);
      console.log(`zkCli.sh: ${commands.length} commands to ${apache.name} and ${program.name}`);
    }, 2 * limitMs);

    test.for([...commands.entries()])('%i: %s', ([index]) => {
      expect(actual.answers[index]).toEqual(expected.answers[index]);
    });

    test('says the same when it starts', () => {
      expect(actual.greeting).toEqual(expected.greeting);
    });

    test('is told of the same events in the same order', () => {
      expect(actual.events).toEqual(expected.events);
    });

    test('has said what it was asked', () => {
      expect(actual.answers).toHaveLength(commands.length);
      expect(actual.answers[commands.indexOf('create -s /app/seq- two')]).toEqual([
        'Created /app/seq-0000000001',
      ]);
      expect(actual.events.length).toBeGreaterThan(10);
    });
  },
);

interface Session {
  readonly greeting: readonly string[];
  /** The lines that followed each command. */
  readonly answers: readonly (readonly string[])[];
  /** Events are printed by a thread of their own: nothing says between which answers. */
  readonly events: readonly string[];
}

/** One shell, with all commands on its standard input. */
async function play(server: ServerProgram): Promise<Session> {
  await using process = await ServerProcess.start(server, {
    properties: { 'zookeeper.extendedTypesEnabled': 'true', 'zookeeper.enforceQuota': 'true' },
  });
  const address = `127.0.0.1:${process.port}`;
  const { output } = await runProgram('bash', ['-c', `exec ${shell} -server ${address} 2>&1`], {
    limitMs,
    input: commands.flatMap((command, index) => [`get ${mark(index)}`, command, '']).join('\n'),
    env: { JVMFLAGS: '-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1', ZOO_LOG_DIR: '/nowhere' },
  });
  return readSession(output.replaceAll(address, 'ADDRESS'));
}

/** A node that is not there: the answer to reading it says where the answer to the next command begins. */
function mark(index: number): string {
  return `/mark-${index}`;
}

function readSession(output: string): Session {
  const lines = output.split('\n').map(withoutTimes);
  const events = lines.filter((line) => line.startsWith('WatchedEvent'));
  const spoken = lines.filter(
    (line) => line !== '' && line !== 'WATCHER::' && !/^(WatchedEvent|SLF4J)/.test(line),
  );
  const sections: string[][] = [[]];
  for (const line of spoken) {
    if (line === `Node does not exist: ${mark(sections.length - 1)}`) sections.push([]);
    else sections.at(-1)!.push(line);
  }
  const [greeting, ...answers] = sections;
  return { greeting: greeting!, answers, events };
}

function withoutTimes(line: string): string {
  return line
    .replace(/^([cm]time = ).*/, '$1TIME')
    .replace(/^(ephemeralOwner = 0x)[0-9a-f]{9,}$/, '$1SESSION');
}

function findShell(): { readonly shell: string } | Missing {
  return existsSync(shell) ? { shell } : { missing: 'zookeeper (zkCli.sh)' };
}

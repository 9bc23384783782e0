import {
  apache38,
  apache39,
  candidate,
  isThere,
  type Missing,
  ServerProcess,
  type ServerProgram,
} from '@corral-test/oracle';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { moreCommands, refusedCommands } from './corral-cli-commands.ts';
import { runProgram } from './run-program.ts';
import { commands as usualCommands } from './zkcli-commands.ts';

const suite = 'corral beside zkCli.sh';
const corral = join(import.meta.dirname, '../../../node_modules/.bin/corral');
const zkCliClass = 'org.apache.zookeeper.ZooKeeperMain';
const limitMs = 120_000;

const server = candidate();
const [old, apache] = [apache38(), apache39()];

interface Case {
  /** Whose zkCli.sh it is. */
  readonly shell: ServerProgram | Missing;
  /** Whom both speak to. */
  readonly program: ServerProgram | Missing;
  readonly commands: readonly string[];
}

const cases: readonly Case[] = [
  { shell: apache, program: server, commands: [...usualCommands, ...moreCommands] },
  { shell: apache, program: apache, commands: [...usualCommands, ...moreCommands] },
  { shell: old, program: server, commands: usualCommands },
];

for (const { shell, program, commands } of cases) {
  if (!isThere(suite, shell) || !isThere(suite, program)) continue;

  describe(`${suite} of ${shell.name}, on ${program.name}`, () => {
    let expected: Session;
    let actual: Session;

    beforeAll(async () => {
      expected = await play(program, shell.tool!(zkCliClass), commands);
      actual = await play(program, [corral], commands);
      if (shell === old) actual = { ...actual, events: actual.events.map(withoutZxid) };
    }, 3 * limitMs);

    test.for([...commands.entries()])('%i: %s', ([index, command]) => {
      expect(heard(command, actual.answers[index]!)).toEqual(heard(command, expected.answers[index]!));
    });

    test('says the same when it starts', () => {
      expect(actual.greeting).toEqual(expected.greeting);
    });

    test('tells of the same events in the same order', () => {
      expect(actual.events).toEqual(expected.events);
    });

    test('goes on with another session', () => {
      expect(actual.answers.at(-1)).toEqual(expected.answers.at(-1));
    });

    test('has said what it was asked', () => {
      expect(actual.answers).toHaveLength(commands.length + 1);
      expect(actual.answers[commands.indexOf('create -s /app/seq- two')]).toEqual({
        stdout: [],
        stderr: ['Created /app/seq-0000000001'],
      });
      expect(actual.events.length).toBeGreaterThan(10);
    });
  });
}

interface Answer {
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

interface Session {
  readonly greeting: Answer;
  readonly answers: readonly Answer[];
  /** Events are printed by a thread of their own: nothing says between which answers. */
  readonly events: readonly string[];
}

/** One shell, with all commands on its standard input; before each of them something that both streams show. */
async function play(
  program: ServerProgram,
  [command, ...words]: readonly string[],
  commands: readonly string[],
): Promise<Session> {
  await using process = await ServerProcess.start(program, {
    properties: { 'zookeeper.extendedTypesEnabled': 'true', 'zookeeper.enforceQuota': 'true' },
  });
  const address = `127.0.0.1:${process.port}`;
  const input = commands.flatMap((line) => ['printwatches', `get ${MARK}`, line, '']);
  const { stdout, stderr } = await runProgram(command!, [...words, '-server', address], {
    limitMs,
    input: [...input, 'close', 'ls /', 'connect', 'printwatches', `get ${MARK}`, 'ls /', 'quit', ''].join(
      '\n',
    ),
  });
  const out = sectionsOf(stdout.replaceAll(address, 'ADDRESS'), /^printwatches is on$/);
  const err = sectionsOf(stderr, new RegExp(`^Node does not exist: ${MARK}$`));
  const answers = out.sections.map((lines, i) => ({ stdout: lines, stderr: err.sections[i] ?? [] }));
  return { greeting: answers[0]!, answers: answers.slice(1), events: out.events };
}

/** What is refused here is told in other words. */
function heard(command: string, { stdout, stderr }: Answer): unknown {
  return { stdout, stderr: refusedCommands.has(command) ? stderr.length > 0 : stderr };
}

/** Shells before 3.9 do not show it. */
function withoutZxid(event: string): string {
  return event.replace(/ zxid: .*$/, '');
}

const MARK = '/a-mark';
/** Apache's says `Not connected` behind commands that need no connection, too. */
const NOISE = /^(WATCHER::|WatchedEvent .*|SLF4J.*|JLine support is disabled|Not connected)$/;

function sectionsOf(text: string, mark: RegExp): { sections: string[][]; events: readonly string[] } {
  const lines = text.split('\n').map(normal);
  const sections: string[][] = [[]];
  for (const line of lines) {
    if (mark.test(line)) sections.push([]);
    else if (line !== '' && !NOISE.test(line)) put(sections.at(-1)!, line);
  }
  const events = lines.filter((line) => line.startsWith('WatchedEvent'));
  // Apache's may end before the thread that prints comes to it.
  if (events.at(-1)?.includes('state:Closed')) events.pop();
  return { sections, events };
}

/** An event may be printed between the parts of a list. */
function put(section: string[], line: string): void {
  if (section.at(-1) === '[') section[section.length - 1] = `[${line}`;
  else section.push(line);
}

function normal(line: string): string {
  return line
    .replace(/^([cm]time = ).*/, '$1TIME')
    .replace(/^(ephemeralOwner = 0x)[0-9a-f]{9,}$/, '$1SESSION');
}
